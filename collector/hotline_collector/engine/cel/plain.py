"""Trees of conditions as plain lists, for JSON, and back.

>>> from hotline_collector.engine.cel.tree import Not, Var, VarKey
>>> to_plain(Not(Var(VarKey("", "net.gateway.reachable"))))
['!', ['fact', '', 'net.gateway.reachable', '', 0]]
"""

from __future__ import annotations

from typing import Any

from hotline_collector.engine.cel.tree import (
    And,
    Call,
    Const,
    Field,
    Fold,
    Has,
    ListLiteral,
    ListVar,
    Local,
    MapLiteral,
    Node,
    Not,
    Or,
    Var,
    VarKey,
)
from hotline_collector.engine.cel.values import TypeValue, UInt

Plain = list[Any]


def to_plain(node: Node) -> Plain:
    """Return a tree as nested lists of texts, numbers, truth values and null; each begins with its kind."""
    match node:
        case Const(value, unit):
            return ["const", *_literal(value), unit]
        case Var(key):
            return ["fact", *key]
        case ListVar(name) | Local(name):
            return ["all" if isinstance(node, ListVar) else "name", name]
        case Field(operand, name, offset) | Has(operand, name, offset):
            return ["field" if isinstance(node, Field) else "has", name, offset, to_plain(operand)]
        case Not(item):
            return ["!", to_plain(item)]
        case And(items):
            return ["&&", *map(to_plain, items)]
        case Or(items):
            return ["||", *map(to_plain, items)]
        case Call(function, args, offset):
            return ["call", function, offset, *map(to_plain, args)]
        case ListLiteral(items):
            return ["list", *map(to_plain, items)]
        case MapLiteral(items, offset):
            return ["map", offset, *map(to_plain, items)]
        case Fold(variable, range_, accumulator, start, condition, step, result, offset):
            parts = map(to_plain, (range_, start, condition, step, result))
            return ["fold", variable, accumulator, offset, *parts]


def from_plain(plain: Any) -> Node:
    """Return the tree of such lists.

    Raises:
        ValueError: they are none.
    """
    try:
        return _node(*plain)
    except (TypeError, IndexError, AttributeError) as error:
        raise ValueError("this is no tree of a condition") from error


def _node(kind: str, *rest: Any) -> Node:
    match kind:
        case "const":
            form, value, unit = rest
            return Const(_value(form, value), unit)
        case "fact":
            return Var(VarKey(*rest))
        case "all":
            return ListVar(*rest)
        case "name":
            return Local(*rest)
        case "field" | "has":
            name, offset, operand = rest
            return (Field if kind == "field" else Has)(_node(*operand), name, offset)
        case "!":
            (item,) = rest
            return Not(_node(*item))
        case "&&":
            return And(_nodes(rest))
        case "||":
            return Or(_nodes(rest))
        case "call":
            return Call(rest[0], _nodes(rest[2:]), rest[1])
        case "list":
            return ListLiteral(_nodes(rest))
        case "map":
            return MapLiteral(_nodes(rest[1:]), rest[0])
        case "fold":
            variable, accumulator, offset, *parts = rest
            range_, start, condition, step, result = _nodes(parts)
            return Fold(variable, range_, accumulator, start, condition, step, result, offset)
        case _:
            raise ValueError(f"there is no part {kind} of a condition")


def _nodes(parts: Any) -> tuple[Node, ...]:
    return tuple(_node(*part) for part in parts)


def _literal(value: Any) -> tuple[str, Any]:
    match value:
        case UInt():
            return "uint", int(value)
        case bytes():
            return "bytes", value.hex()
        case TypeValue(name):
            return "type", name
        case _:
            return "", value


def _value(form: str, value: Any) -> Any:
    match form:
        case "uint":
            return UInt(value)
        case "bytes":
            return bytes.fromhex(value)
        case "type":
            return TypeValue(value)
        case _:
            return value
