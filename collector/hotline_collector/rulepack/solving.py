"""Finds facts that make conditions true or false, or tells that there are none.

A search over the parts of a condition: a conjunction narrows what its facts can be, a disjunction is tried
item by item. "None" is certain; what is not understood (calculations, comparisons between two facts) is taken
to be possible either way. The search is bounded; conditions beyond the bound are taken to be possible too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from hotline_collector.engine.cel.tree import And, Call, Const, Fold, ListVar, Node, Not, Or, Var
from hotline_collector.rulepack.clauses import comparison, constant_value, membership, quantified, worded
from hotline_collector.rulepack.domains import Domain, Domains

_BUDGET = 20_000


class Goal(NamedTuple):
    """A part of a condition and what it shall be."""

    node: Node
    wanted: bool = True


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
        chosen = membership(node)
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
