"""Conditions as circuits: leaves that single facts can flip, joined by three-valued AND and OR.

A circuit is shared by all instances of a rule; an instance keeps one state a node. Flipping a leaf
touches only the nodes above it that really change.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from hotline_collector.engine.cel.describe import describe, describe_negated
from hotline_collector.engine.cel.evaluate import Evaluator, compile_node
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

FALSE, TRUE, UNKNOWN = 0, 1, 2
_MIRROR = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_NEGATE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}


@dataclass(frozen=True, slots=True)
class Leaf:
    """A part of a condition that holds no AND, OR or NOT above it.

    A *threshold* compares one number with a constant and is indexed; a *test* looks at one fact; any other
    leaf is an expression over several variables or lists. `text` is the condition as shown to people.
    """

    node: Node
    negated: bool
    text: str
    variables: tuple[VarKey, ...]
    lists: tuple[str, ...]
    threshold: tuple[str, float] | None
    test: Callable[[Any], bool | None] | None
    evaluator: Evaluator

    def state(self, value: object) -> int:
        """Return the state of the leaf for a value of its evaluator."""
        if not isinstance(value, bool):
            return UNKNOWN
        return FALSE if value == self.negated else TRUE


class Circuit:
    """The shape of one condition: leaves first, then inner nodes, the root last.

    `parent[i]` is the node above node i (-1 for the root), `conjunction[i]` tells AND from OR,
    `size[i]` how many nodes lie directly below.
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
        self.size = [0] * count + [len(below) for _, below in inner]
        for index, (_, below) in enumerate(inner):
            for item in below:
                self.parent[item if item >= 0 else count + ~item] = count + index
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
    threshold: tuple[str, float] | None = None
    test: Callable[[Any], bool | None] | None = None
    evaluator = compile_node(node)
    text = describe_negated(node) if negated else describe(node)
    match node:
        case Call(op, (Var(), Const(value, _))) if op in _NEGATE and _is_number(value):
            threshold = (_NEGATE[op] if negated else op, value)  # type: ignore[assignment]
        case Call(op, (Const(value, _), Var())) if op in _NEGATE and _is_number(value):
            mirrored = _MIRROR[op]
            threshold = (_NEGATE[mirrored] if negated else mirrored, value)  # type: ignore[assignment]
        case _ if len(variables) == 1 and not lists:
            test = _single(evaluator, negated)
    return Leaf(node, negated, text, variables, lists, threshold, test, evaluator)


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


def _single(evaluator: Evaluator, negated: bool) -> Callable[[Any], bool | None]:
    def test(value: Any) -> bool | None:
        result = evaluator(_OneValue(value), {})
        return result != negated if isinstance(result, bool) else None

    return test
