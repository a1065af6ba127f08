"""Finds facts that make conditions true or false, or tells that there are none.

A search over the parts of a condition: a conjunction narrows what its facts can be, a disjunction is tried
item by item. "None" is certain; what is not understood (calculations, comparisons between two facts) is taken
to be possible either way. The search is bounded; conditions beyond the bound are taken to be possible too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
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
    Var,
    children,
    walk,
)
from hotline_collector.rulepack.domains import Domain, Domains, Value

_MIRROR = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
_NEGATE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}
_BUDGET = 20_000


class Goal(NamedTuple):
    """A part of a condition and what it shall be."""

    node: Node
    wanted: bool = True


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


@dataclass(frozen=True, slots=True)
class Slot:
    """What one fact can still be, and the comparisons that made it so."""

    domain: Domain
    because: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Members:
    """What a list must contain: `each` holds for all elements, every one of `some` for at least one."""

    each: tuple[Goal, ...] = ()
    some: tuple[Goal, ...] = ()


@dataclass(frozen=True, slots=True)
class Solution:
    """What facts can be so that all goals are met; what is not mentioned does not matter."""

    slots: dict[Node, Slot] = field(default_factory=dict)
    lists: dict[str, Members] = field(default_factory=dict)


class _TooHard(Exception):
    pass


class Solver:
    """Searches; `possible` tells which facts can be had at all (by default every one).

    After a search without a result `conflict` says which comparisons cannot hold together.
    """

    def __init__(self, domains: Domains, possible: Callable[[Node], bool] = lambda _node: True) -> None:
        self.domains = domains
        self.conflict: tuple[str, ...] = ()
        self._possible = possible
        self._steps = 0

    def solve(self, *goals: Goal) -> Solution | None:
        """Return what facts can be so that all goals are met, None if that is impossible."""
        self.conflict = ()
        self._steps = 0
        try:
            return self._search(goals, Solution())
        except _TooHard:
            return Solution()

    def elements(self, kind: str, members: Members) -> list[Solution]:
        """Return what the elements of a list can be: one for each of `some`, at least one."""
        out = []
        for goal in members.some or (Goal(Const(True)),):
            found = self._search((goal, *members.each), Solution())
            if found is None:
                raise AssertionError(f"the members of {kind} were found possible before")
            if found not in out:
                out.append(found)
        return out

    def _search(self, goals: tuple[Goal, ...], state: Solution) -> Solution | None:
        self._steps += 1
        if self._steps > _BUDGET:
            raise _TooHard
        if not goals:
            return state
        (node, wanted), rest = goals[0], goals[1:]
        for alternative in self._alternatives(node, wanted, state):
            if isinstance(alternative, Solution):
                found = self._search(rest, alternative)
            else:
                found = self._search((*alternative, *rest), state)
            if found is not None:
                return found
        return None

    def _alternatives(
        self, node: Node, wanted: bool, state: Solution
    ) -> Iterator[Solution | tuple[Goal, ...]]:
        """Yield what can be done to meet a goal: other goals, or a narrower state."""
        match node:
            case Const(bool() as value):
                if value is wanted:
                    yield ()
            case Not(item):
                yield (Goal(item, not wanted),)
            case And(items) | Or(items):
                below = tuple(Goal(item, wanted) for item in items)
                if isinstance(node, And) == wanted:
                    yield below
                else:
                    yield from ((goal,) for goal in below)
            case Call("_?_:_", (condition, yes, no)):
                yield (Goal(condition), Goal(yes, wanted))
                yield (Goal(condition, False), Goal(no, wanted))
            case Fold():
                yield from self._list(node, wanted, state)
            case _:
                narrowed = self._narrowed(node, wanted, state)
                if narrowed is not None:
                    yield narrowed

    def _narrowed(self, node: Node, wanted: bool, state: Solution) -> Solution | None:
        chosen = _membership(node)
        if chosen is not None:
            subject, values = chosen
            slot = self._slot(subject, state)
            domain = (
                slot.domain.only(values)
                if wanted
                else replace(slot.domain, barred=slot.domain.barred | frozenset(values))
            )
            text = worded(node, wanted)
        else:
            subject, operator, constant = literal = comparison(node, wanted)
            slot = self._slot(subject, state)
            domain = slot.domain.narrowed(operator, constant_value(constant))
            text = literal.text
        return self._with(state, subject, Slot(domain, (*slot.because, text)))

    def _with(self, state: Solution, subject: Node, slot: Slot) -> Solution | None:
        denied = isinstance(subject, Var) and subject.key.function == "known" and True not in slot.domain
        if not denied and not self._possible(subject):
            return None
        if slot.domain.empty:
            self.conflict = tuple(dict.fromkeys(slot.because))
            return None
        slots = {**state.slots, subject: slot}
        if isinstance(subject, Var) and subject.key.function in ("", "age"):
            # A fact that decides anything is known.
            known = Var(subject.key._replace(function="known"))
            told = self._slot(known, state)
            if True not in told.domain:
                self.conflict = tuple(dict.fromkeys((*told.because, *slot.because)))
                return None
            slots[known] = Slot(told.domain.only((True,)), (*told.because, *slot.because))
        return replace(state, slots=slots)

    def _slot(self, subject: Node, state: Solution) -> Slot:
        return state.slots.get(subject) or Slot(self.domains.of(subject))

    def _list(self, node: Fold, wanted: bool, state: Solution) -> Iterator[Solution]:
        read = quantified(node)
        if read is None:
            narrowed = self._narrowed(node, wanted, state)
            if narrowed is not None:
                yield narrowed
            return
        kind, is_all, body = read
        before = state.lists.get(kind, Members())
        goal = Goal(body, wanted)
        if is_all == wanted:
            after = replace(before, each=(*before.each, goal))
        else:
            after = replace(before, some=(*before.some, goal))
            size = Call("size", (ListVar(kind),))
            slot = self._slot(size, state)
            text = worded(node, wanted)
            narrowed = self._with(state, size, Slot(slot.domain.narrowed(">=", 1), (*slot.because, text)))
            if narrowed is None:
                return
            state = narrowed
        for goal in after.some:
            if self._search((goal, *after.each), Solution()) is None:
                return
        yield replace(state, lists={**state.lists, kind: after})


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


def _membership(node: Node) -> tuple[Node, tuple[Value, ...]] | None:
    match node:
        case Call("@in", (subject, ListLiteral(items))) if all(
            isinstance(item, Const) and _usable(item) for item in items
        ):
            return subject, tuple(constant_value(item) for item in items if isinstance(item, Const))
        case _:
            return None


def _usable(constant: Const) -> bool:
    return isinstance(constant.value, bool | int | float | str)


def constant_value(constant: Const) -> Value:
    """Return the value of a constant that facts can be compared with.

    Raises:
        TypeError: it is null or bytes.
    """
    value = constant.value
    if not isinstance(value, bool | int | float | str):
        raise TypeError(f"{value!r} is no value that facts are compared with")
    return value


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
