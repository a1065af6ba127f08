"""Conditions as circuits: leaves that single facts can flip, joined by three-valued AND and OR.

A circuit is shared by all instances of a rule; an instance keeps one state a node. Flipping a leaf
touches only the nodes above it that really change.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from hotline_collector.engine.cel.describe import describe, describe_negated
from hotline_collector.engine.cel.evaluate import Evaluator, View, compile_node
from hotline_collector.engine.cel.tree import (
    And,
    Call,
    Const,
    ListVar,
    Node,
    Not,
    Or,
    Var,
    VarKey,
    walk,
)
from hotline_collector.engine.cel.values import NoValue

FALSE, TRUE, UNKNOWN = 0, 1, 2
# Tells the state of a leaf from the value of its only variable, which may be UNKNOWN.
Test = Callable[[Any], int]
_MIRROR = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_NEGATE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}
ORDERS = ("<", "<=", ">", ">=")


@dataclass(frozen=True, slots=True)
class Leaf:
    """A part of a condition that holds no AND, OR or NOT above it.

    A *test* looks at the value of one fact. Two kinds of test are indexed: a *threshold* compares a number
    with a constant, an *equality* holds for one value or, if its second part is false, for all others. A leaf
    without a test is an expression over several variables or lists. `text` is the condition as people see it.
    """

    node: Node
    negated: bool
    text: str
    variables: tuple[VarKey, ...]
    lists: tuple[str, ...]
    threshold: tuple[str, float] | None
    equality: tuple[Any, bool] | None
    test: Test | None
    evaluator: Evaluator

    def read(self, view: View) -> int:
        """Return the state of the leaf for what a view shows."""
        if self.test is None:
            return self.state(self.evaluator(view, {}))
        return self.test(view.value(self.variables[0]))

    def state(self, value: object) -> int:
        """Return the state of the leaf for a value of its evaluator."""
        return _state(value, self.negated)


class Circuit:
    """The shape of one condition: leaves first, then inner nodes, the root last.

    `parent[i]` is the node above node i (-1 for the root), `bit[i]` its place among the nodes below that one,
    `conjunction[i]` tells AND from OR.
    """

    def __init__(self, root: Node) -> None:
        self.leaves: list[Leaf] = []
        inner: list[tuple[bool, list[int]]] = []
        top = self._collect(root, False, inner)
        count = len(self.leaves)
        if top >= 0:
            # A single leaf still gets a node above it, so that every instance is built alike.
            inner.append((True, [top]))
        self.parent = [-1] * (count + len(inner))
        self.conjunction = [True] * count + [conjunction for conjunction, _ in inner]
        self.bit = [0] * len(self.parent)
        for index, (_, below) in enumerate(inner):
            for place, item in enumerate(below):
                node = item if item >= 0 else count + ~item
                self.parent[node] = count + index
                self.bit[node] = 1 << place
        self.root = len(self.parent) - 1

    def _collect(self, node: Node, negated: bool, inner: list[tuple[bool, list[int]]]) -> int:
        """Return the index of a new leaf, or ~index of a new inner node; De Morgan pushes NOT down."""
        if isinstance(node, Not):
            return self._collect(node.item, not negated, inner)
        if isinstance(node, And | Or):
            below = [self._collect(item, negated, inner) for item in node.items]
            inner.append((isinstance(node, And) != negated, below))
            return ~(len(inner) - 1)
        self.leaves.append(make_leaf(node, negated))
        return len(self.leaves) - 1

    def evaluate(self, states: Sequence[int], assume: Callable[[int], bool]) -> int:
        """Return the root's state when unknown leaves for which `assume(leaf)` holds were true."""
        count = len(self.leaves)
        below: list[list[int]] = [[] for _ in self.parent]
        result = UNKNOWN
        for node in range(len(self.parent)):
            if node < count:
                result = TRUE if states[node] == UNKNOWN and assume(node) else states[node]
            else:
                result = _join(self.conjunction[node], below[node])
            if self.parent[node] >= 0:
                below[self.parent[node]].append(result)
        return result


def _join(conjunction: bool, states: Sequence[int]) -> int:
    decider = FALSE if conjunction else TRUE
    if decider in states:
        return decider
    return UNKNOWN if UNKNOWN in states else 1 - decider


def make_leaf(node: Node, negated: bool) -> Leaf:
    """Classify a part of a condition."""
    parts = list(walk(node))
    variables = tuple(dict.fromkeys(part.key for part in parts if isinstance(part, Var)))
    lists = tuple(dict.fromkeys(part.kind for part in parts if isinstance(part, ListVar)))
    evaluator = compile_node(node)
    text = describe_negated(node) if negated else describe(node)
    threshold = _threshold(node, negated)
    equality = None if threshold else _equality(node, negated)
    test: Test | None = None
    if threshold:
        test = _comparison(*threshold)
    elif equality:
        test = _equals(*equality)
    elif len(variables) == 1 and not lists:
        test = _single(evaluator, negated)
    return Leaf(node, negated, text, variables, lists, threshold, equality, test, evaluator)


def _threshold(node: Node, negated: bool) -> tuple[str, float] | None:
    match node:
        case Call(op, (Var(), Const(value, _))) if op in ORDERS and _is_number(value):
            pass
        case Call(op, (Const(value, _), Var())) if op in ORDERS and _is_number(value):
            op = _MIRROR[op]
        case _:
            return None
    return (_NEGATE[op] if negated else op, value)  # type: ignore[return-value]


def _equality(node: Node, negated: bool) -> tuple[Any, bool] | None:
    match node:
        case Var():
            return True, not negated
        case Call("==" | "!=" as op, (Var(), Const(value, _)) | (Const(value, _), Var())):
            return value, (op == "==") != negated
        case _:
            return None


def _comparison(op: str, cut: float) -> Test:
    match op:
        case "<":
            return _strict(lambda value: bool(value < cut))
        case "<=":
            return _strict(lambda value: bool(value <= cut))
        case ">":
            return _strict(lambda value: bool(value > cut))
        case _:
            return _strict(lambda value: bool(value >= cut))


def _equals(constant: Any, wanted: bool) -> Test:
    return _strict(lambda value: bool(value == constant) == wanted)


def _strict(holds: Callable[[Any], bool]) -> Test:
    """Build the test of a leaf that has no value without its variable."""
    return lambda value: UNKNOWN if isinstance(value, NoValue) else TRUE if holds(value) else FALSE


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


class _OneValue:
    """A view that holds the value of the only variable of a leaf."""

    __slots__ = ("_value",)

    def __init__(self, value: Any) -> None:
        self._value = value

    def value(self, key: VarKey) -> Any:  # noqa: ARG002 - there is only one
        return self._value

    def elements(self, kind: str) -> Any:
        raise LookupError(kind)


def _single(evaluator: Evaluator, negated: bool) -> Test:
    return lambda value: _state(evaluator(_OneValue(value), {}), negated)


def _state(value: object, negated: bool) -> int:
    if not isinstance(value, bool):
        return UNKNOWN
    return FALSE if value == negated else TRUE
