"""What the parts of a condition say: comparisons, memberships, what holds for elements of a list."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from hotline_collector.engine.cel.describe import describe
from hotline_collector.engine.cel.tree import (
    And,
    Call,
    Const,
    Field,
    Fold,
    ListLiteral,
    ListVar,
    Local,
    Node,
    Not,
    Or,
    children,
    walk,
)
from hotline_collector.rulepack.domains import Value

_MIRROR = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
_NEGATE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}


class Literal(NamedTuple):
    """A comparison of one fact with a constant."""

    subject: Node
    operator: str
    constant: Const

    @property
    def text(self) -> str:
        """The comparison as a person would write it."""
        if isinstance(self.constant.value, bool):
            return worded(self.subject, (self.operator == "==") == self.constant.value)
        return f"{describe(self.subject)} {self.operator} {describe(self.constant)}"


def comparison(node: Node, wanted: bool = True) -> Literal:
    """Return a part of a condition as the comparison of one fact with a constant.

    What is none is compared with true or false as a whole.
    """
    match node:
        case Call(operator, (subject, Const() as constant)) if operator in _MIRROR and _usable(constant):
            pass
        case Call(mirrored, (Const() as constant, subject)) if mirrored in _MIRROR and _usable(constant):
            operator = _MIRROR[mirrored]
        case _:
            return Literal(node, "==", Const(wanted))
    return Literal(subject, operator if wanted else _NEGATE[operator], constant)


def membership(node: Node) -> tuple[Node, tuple[Value, ...]] | None:
    """Return a fact and the constants among which it is sought; None for any other part of a condition."""
    match node:
        case Call("@in", (subject, ListLiteral(items))) if all(
            isinstance(item, Const) and _usable(item) for item in items
        ):
            return subject, tuple(constant_value(item) for item in items if isinstance(item, Const))
        case _:
            return None


def constant_value(constant: Const) -> Value:
    """Return the value of a constant that facts can be compared with.

    Raises:
        TypeError: it is null or bytes.
    """
    value = constant.value
    if not isinstance(value, bool | int | float | str):
        raise TypeError(f"{value!r} is no value that facts are compared with")
    return value


def quantified(node: Fold) -> tuple[str, bool, Node] | None:
    """Return kind, whether it is `all`, and what is said of each element; None for any other macro."""
    if not isinstance(node.range, ListVar):
        return None
    kind, accumulator = node.range.kind, Local(node.accumulator)
    match node.start, node.step:
        case Const(True), And((first, *rest)) if first == accumulator:
            parts: tuple[Node, ...] = tuple(_of_element(part, node.variable, kind) for part in rest)
            return kind, True, parts[0] if len(parts) == 1 else And(parts)
        case Const(False), Or((first, *rest)) if first == accumulator:
            parts = tuple(_of_element(part, node.variable, kind) for part in rest)
            return kind, False, parts[0] if len(parts) == 1 else Or(parts)
        case _:
            return None


def parts(node: Node) -> Iterator[Node]:
    """Yield every comparison and other leaf of a condition, those about list elements by kind."""
    match node:
        case Not() | And() | Or():
            for child in children(node):
                yield from parts(child)
        case Call("_?_:_", args):
            for arg in args:
                yield from parts(arg)
        case Fold():
            read = quantified(node)
            if read is None:
                yield node
            else:
                yield from parts(read[2])
        case _:
            yield node


def named_fields(node: Node) -> Iterator[tuple[str, str]]:
    """Yield kind and short name of every fact that a condition looks at in the elements of a list."""
    for part in walk(node):
        match part:
            case Fold(variable, ListVar(kind)):
                for below in walk(part):
                    match below:
                        case Field(Local(name), short) if name == variable:
                            yield kind, short
            case Field(Local(kind), short):
                yield kind, short


def replaced(node: Node, part: Node, other: Node) -> Node:
    """Return a tree in which a part, found by identity, is another one."""
    if node is part:
        return other
    match node:
        case Not(item):
            return Not(replaced(item, part, other))
        case And(items):
            return And(tuple(replaced(item, part, other) for item in items))
        case Or(items):
            return Or(tuple(replaced(item, part, other) for item in items))
        case _:
            return node


def worded(node: Node, wanted: bool = True) -> str:
    """Return what a part of a condition says, or that it does not hold, as a person would write it."""
    match node:
        case Not(item):
            return worded(item, not wanted)
        case And(items) | Or(items):
            word = " and " if isinstance(node, And) == wanted else " or "
            return word.join(worded(item, wanted) for item in items)
        case Fold():
            read = quantified(node)
            if read is not None:
                kind, is_all, body = read
                return f"{'every' if is_all == wanted else 'some'} {kind}: {worded(body, wanted)}"
    if comparison(node).subject is not node:
        return comparison(node, wanted).text
    return describe(node) if wanted else f"not {describe(node)}"


def _of_element(node: Node, variable: str, kind: str) -> Node:
    """Name the element of a list by its kind, so that all macros over a list speak of the same."""
    match node:
        case Field(Local(name), short) if name == variable:
            return Field(Local(kind), short)
        case Not(item):
            return Not(_of_element(item, variable, kind))
        case And(items):
            return And(tuple(_of_element(item, variable, kind) for item in items))
        case Or(items):
            return Or(tuple(_of_element(item, variable, kind) for item in items))
        case Call(function, args):
            return Call(function, tuple(_of_element(arg, variable, kind) for arg in args))
        case _:
            return node


def _usable(constant: Const) -> bool:
    return isinstance(constant.value, bool | int | float | str)
