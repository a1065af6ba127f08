"""Parts of a condition as a person would write them."""

from __future__ import annotations

from hotline_collector.engine.cel.literal import literal
from hotline_collector.engine.cel.tree import (
    Call,
    Const,
    Field,
    Has,
    ListLiteral,
    ListVar,
    Local,
    MapLiteral,
    Node,
    Not,
    Var,
    VarKey,
)

_NEGATE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}


def describe(node: Node) -> str:
    """Return a part of a condition as a person would write it."""
    match node:
        case Const(value, unit):
            number = f"{value:g}" if isinstance(value, float) else literal(value)
            return number + (f" {unit}" if unit and unit != "1" else "")
        case Var(key):
            return describe_variable(key)
        case Local(name):
            return name
        case Field(operand, name):
            return f"{describe(operand)}.{name}"
        case Has(operand, name):
            return f"has({describe(operand)}.{name})"
        case Call("_[_]", (items, index)):
            return f"{describe(items)}[{describe(index)}]"
        case Call("_?_:_", (condition, yes, no)):
            return f"({describe(condition)} ? {describe(yes)} : {describe(no)})"
        case Call(op, (left, right)) if not op[0].isalpha():
            return f"{describe(left)} {op.strip('_@')} {describe(right)}"
        case Call(function, args):
            return f"{function.strip('_')}({', '.join(describe(arg) for arg in args)})"
        case ListLiteral(items):
            return f"[{', '.join(describe(item) for item in items)}]"
        case MapLiteral(items):
            texts = [describe(item) for item in items]
            return f"{{{', '.join(': '.join(pair) for pair in zip(texts[::2], texts[1::2], strict=True))}}}"
        case ListVar(kind):
            return f"all {kind} entities"
        case Not(item):
            return f"not {describe(item)}"
        case _:
            return "the condition over the list"


def describe_negated(node: Node) -> str:
    """Return the opposite of a part of a condition as a person would write it."""
    match node:
        case Call(op, (left, right)) if op in _NEGATE:
            return f"{describe(left)} {_NEGATE[op]} {describe(right)}"
        case _:
            return f"not {describe(node)}"


def describe_variable(key: VarKey) -> str:
    """Return a variable as it is written in a rule."""
    name = f"{key.kind}.{key.fact}" if key.kind else key.fact
    if not key.function:
        return name
    return f"{key.function}({name}, {key.window / 1e6:g}s)" if key.window else f"{key.function}({name})"
