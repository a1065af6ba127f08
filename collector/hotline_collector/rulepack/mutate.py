"""Mutants of conditions: small changes that the cases of a rule must notice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from hotline_collector.engine.cel.describe import describe
from hotline_collector.engine.cel.tree import (
    And,
    Call,
    Const,
    Fold,
    ListVar,
    Local,
    Node,
    Not,
    Or,
)

_SWAPPED = {">": ">=", ">=": ">", "<": "<=", "<=": "<", "==": "!=", "!=": "=="}
_FACTOR = 0.1


def mutants(node: Node) -> Iterator[tuple[str, Node]]:
    """Yield every mutant of a tree with a sentence that says what was changed."""
    yield from _here(node)
    for index, child in enumerate(_parts(node)):
        for what, mutant in mutants(child):
            yield what, _with_part(node, index, mutant)


def _here(node: Node) -> Iterator[tuple[str, Node]]:
    match node:
        case Not(item):
            yield f"without the negation of {describe(item)}", item
        case And(items):
            yield from _dropped(node, items)
        case Or(items):
            yield from _dropped(node, items)
        case Call(op, args) if op in _SWAPPED and not is_guard(node):
            yield f"{describe(node)} with {_SWAPPED[op]}", Call(_SWAPPED[op], args)
            for index, arg in enumerate(args):
                for moved in _moved(arg):
                    changed = Call(op, (*args[:index], moved, *args[index + 1 :]))
                    yield f"{describe(node)} as {describe(changed)}", changed
        case _:
            return


def _dropped(node: And | Or, items: tuple[Node, ...]) -> Iterator[tuple[str, Node]]:
    for index, item in enumerate(items):
        # A local name in a junction is the macro's own accumulator, not something the author wrote.
        if not is_guard(item) and not isinstance(item, Local):
            rest = (*items[:index], *items[index + 1 :])
            yield f"without {describe(item)}", rest[0] if len(rest) == 1 else replace(node, items=rest)


def _moved(node: Node) -> Iterator[Node]:
    """Yield a number moved a little to both sides."""
    if not isinstance(node, Const) or isinstance(node.value, bool) or not isinstance(node.value, int | float):
        return
    if isinstance(node.value, int):
        step = max(1, round(abs(node.value) * _FACTOR))
        yield replace(node, value=node.value + step)
        yield replace(node, value=node.value - step)
    elif node.value:
        yield replace(node, value=node.value * (1 + _FACTOR))
        yield replace(node, value=node.value * (1 - _FACTOR))


def is_guard(node: Node) -> bool:
    """Tell whether a part only says that a list is not empty; no case need notice its details."""
    return (
        isinstance(node, Call)
        and len(node.args) == 2
        and isinstance(node.args[0], Call)
        and node.args[0].function == "size"
        and isinstance(node.args[0].args[0], ListVar)
    )


def _parts(node: Node) -> tuple[Node, ...]:
    match node:
        case Not(item):
            return (item,)
        case And(items) | Or(items):
            return items
        case Call(_, args):
            return args
        case Fold():
            # The shape of a macro is not the author's; only what it says about each element is.
            return (node.step,)
        case _:
            return ()


def _with_part(node: Node, index: int, part: Node) -> Node:
    match node:
        case Not():
            return Not(part)
        case And(items) | Or(items):
            return replace(node, items=(*items[:index], part, *items[index + 1 :]))
        case Call(function, args):
            return Call(function, (*args[:index], part, *args[index + 1 :]))
        case Fold():
            return replace(node, step=part)
        case _:
            return node
