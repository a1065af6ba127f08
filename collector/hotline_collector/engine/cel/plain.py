"""Trees of conditions as plain lists, for JSON, and back.

>>> from hotline_collector.engine.cel.tree import Not, Var, VarKey
>>> to_plain(Not(Var(VarKey("", "net.gateway.reachable"))))
['!', ['fact', '', 'net.gateway.reachable', '', 0]]
"""

from __future__ import annotations

from typing import Any

from hotline_collector.engine.cel import tree
from hotline_collector.engine.cel.values import TypeValue, UInt

Plain = list[Any]


def to_plain(node: tree.Node) -> Plain:
    """Return a tree as nested lists of texts, numbers, truth values and null; each begins with its kind."""
    match node:
        case tree.Const(value, unit):
            return ["const", *_literal(value), unit]
        case tree.Var(key):
            return ["fact", *key]
        case tree.ListVar(name) | tree.Local(name):
            return ["all" if isinstance(node, tree.ListVar) else "name", name]
        case tree.Field(operand, name, offset) | tree.Has(operand, name, offset):
            return ["field" if isinstance(node, tree.Field) else "has", name, offset, to_plain(operand)]
        case tree.Not(item):
            return ["!", to_plain(item)]
        case tree.And(items):
            return ["&&", *map(to_plain, items)]
        case tree.Or(items):
            return ["||", *map(to_plain, items)]
        case tree.Call(function, args, offset):
            return ["call", function, offset, *map(to_plain, args)]
        case tree.ListLiteral(items):
            return ["list", *map(to_plain, items)]
        case tree.MapLiteral(items, offset):
            return ["map", offset, *map(to_plain, items)]
        case tree.Fold(variable, range_, accumulator, start, condition, step, result, offset):
            parts = map(to_plain, (range_, start, condition, step, result))
            return ["fold", variable, accumulator, offset, *parts]


def from_plain(plain: Any) -> tree.Node:
    """Return the tree of such lists.

    Raises:
        ValueError: they are none.
    """
    try:
        return _node(*plain)
    except (TypeError, IndexError, AttributeError) as error:
        raise ValueError("this is no tree of a condition") from error


def _node(kind: str, *rest: Any) -> tree.Node:
    match kind:
        case "const":
            form, value, unit = rest
            return tree.Const(_value(form, value), unit)
        case "fact":
            return tree.Var(tree.VarKey(*rest))
        case "all":
            return tree.ListVar(*rest)
        case "name":
            return tree.Local(*rest)
        case "field" | "has":
            name, offset, operand = rest
            return (tree.Field if kind == "field" else tree.Has)(_node(*operand), name, offset)
        case "!":
            (item,) = rest
            return tree.Not(_node(*item))
        case "&&":
            return tree.And(_nodes(rest))
        case "||":
            return tree.Or(_nodes(rest))
        case "call":
            return tree.Call(rest[0], _nodes(rest[2:]), rest[1])
        case "list":
            return tree.ListLiteral(_nodes(rest))
        case "map":
            return tree.MapLiteral(_nodes(rest[1:]), rest[0])
        case "fold":
            variable, accumulator, offset, *parts = rest
            range_, start, condition, step, result = _nodes(parts)
            return tree.Fold(variable, range_, accumulator, start, condition, step, result, offset)
        case _:
            raise ValueError(f"there is no part {kind} of a condition")


def _nodes(parts: Any) -> tuple[tree.Node, ...]:
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
