"""Drafts the cases of a rule from its condition.

For every part of the condition two situations are looked for: one in which the rule holds only because of
this part, with the fact just beyond its limit, and one in which it is silent only because of it, with the
fact just short of it. That is modified condition/decision coverage (RTCA DO-178C, 6.4.4.2), and what the
mutants of `hotline rules test` demand.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from hotline_collector.engine.cel.tree import Call, Const, Field, ListVar, Local, Node, Var, VarKey
from hotline_collector.engine.circuit import Circuit, Leaf
from hotline_collector.rulepack.clauses import comparison, constant_value, replaced, worded
from hotline_collector.rulepack.domains import Domain, Domains, Value
from hotline_collector.rulepack.mutate import is_guard
from hotline_collector.rulepack.scenes import UNKNOWN, Place, Scene, written
from hotline_collector.rulepack.solving import Goal, Members, Solution, Solver

# Keys that look like those the probe announces.
_KEYS = {
    "address": "192.168.1.20",
    "check": "www.example.org:443",
    "disk": "sda",
    "filesystem": "/",
    "interface": "eth0",
    "process": "4711@100",
    "resolver": "192.168.1.1",
    "service": "cups.service",
}


@dataclass(slots=True)
class Draft:
    """The cases that could be drafted, and what has to be added by hand."""

    cases: list[dict[str, Any]] = field(default_factory=list)
    left: list[str] = field(default_factory=list)


class _Undraftable(Exception):
    """A situation was found, but a case cannot say it."""


class Drafter:
    """Drafts the cases of one rule; `for_each` is the kind of entity that it is about."""

    def __init__(self, domains: Domains, for_each: str) -> None:
        self._domains = domains
        self._solver = Solver(domains)
        self._for_each = for_each

    def draft(self, when: Node, expect: Node | None) -> Draft:
        """Return cases of every kind, as far as situations could be found."""
        out = Draft()
        leaves = [leaf for leaf in Circuit(when).leaves if not is_guard(leaf.node)]
        scenes: list[Scene] = []
        for kind, wanted in (("fires", True), ("silent", False)):
            for leaf in leaves:
                text = worded(leaf.node, leaf.negated is not wanted)
                scene = self._decisive(when, leaf, wanted)
                if scene is None:
                    out.left.append(f"a {kind} case that is decided by “{text}”")
                elif scene not in scenes:
                    scenes.append(scene)
                    out.cases.append(scene.as_case(kind, text))
        self._unknown(out, when, leaves)
        self._after_fix(out, when, expect, leaves)
        return out

    def _decisive(self, when: Node, leaf: Leaf, wanted: bool) -> Scene | None:
        """Return a situation in which a part alone makes the condition true, or false."""
        holds = leaf.negated is not wanted
        without = replaced(when, leaf.node, Const(not holds))
        goals = (Goal(leaf.node, holds), Goal(when, wanted))
        alone = Goal(without, not wanted)
        for more in ((alone, *self._at_limit(leaf, holds)), (alone,), ()):
            solution = self._solver.solve(*goals, *more)
            if solution is not None:
                return self._scene(solution, leaf, wanted)
        return None

    def _at_limit(self, leaf: Leaf, holds: bool) -> tuple[Goal, ...]:
        """Return the goal that the fact of a comparison is as close to its limit as can be."""
        subject, operator, constant = comparison(leaf.node, holds)
        if isinstance(constant.value, bool | str):
            return ()
        domain = self._domains.of(subject).narrowed(operator, constant_value(constant))
        if domain.empty:
            return ()
        value = domain.sample(high=operator in ("<", "<="))
        return (Goal(Call("==", (subject, Const(value)))),)

    def _unknown(self, out: Draft, when: Node, leaves: list[Leaf]) -> None:
        """Add the case in which the fact of a decisive part could not be measured."""
        for leaf in leaves:
            scene = self._decisive(when, leaf, True)
            if scene is None or any(key.function == "known" for key in leaf.variables):
                continue
            about = {(key.kind, key.fact) for key in leaf.variables}
            for place in list(scene.now):
                if (place.kind, place.fact) in about or place.kind in leaf.lists:
                    scene.now[place] = dict(UNKNOWN)
                    scene.earlier.pop(place, None)
            text = worded(leaf.node, not leaf.negated)
            out.cases.append(scene.as_case("unknown", f"nobody could say whether {text}"))
            return
        out.left.append("an unknown case: a fact is missing, and the rule must not fire")

    def _after_fix(self, out: Draft, when: Node, expect: Node | None, leaves: list[Leaf]) -> None:
        """Add the case in which one part of the fault is gone and all entities are still there."""
        cured = (Goal(when, False),) if expect is None else (Goal(expect), Goal(when, False))
        ways = (*((Goal(leaf.node, leaf.negated), *cured) for leaf in leaves), cured)
        solutions = (self._solver.solve(*way) for way in ways)
        scene = self._scene(next((found for found in solutions if found is not None), None))
        if scene is None:
            out.left.append("an after_fix case: what is seen when the fix has helped")
        else:
            out.cases.append(scene.as_case("after_fix", "the fault is gone"))

    def _scene(
        self, solution: Solution | None, leaf: Leaf | None = None, wanted: bool = True
    ) -> Scene | None:
        """Return a situation with values; that of the part in question is close to its limit."""
        if solution is None:
            return None
        scene = Scene()
        about = comparison(leaf.node, leaf.negated is not wanted) if leaf else None
        try:
            for subject, slot in solution.slots.items():
                high = about is not None and about.subject == subject and about.operator in ("<", "<=")
                if isinstance(subject, Var):
                    self._put(scene, subject.key, slot.domain, high)
                elif not isinstance(subject, Call) or subject.function != "size":
                    raise _Undraftable(worded(subject))
            for kind in self._lists(solution):
                self._fill(scene, kind, solution)
        except (_Undraftable, ValueError):
            return None
        return scene

    def _put(self, scene: Scene, key: VarKey, domain: Domain, high: bool) -> None:
        place = Place(key.kind, _key(key.kind) if key.kind else "", key.fact)
        fact = Var(key._replace(function="", window=0))
        if key.function == "known":
            if True not in domain:
                scene.now[place] = dict(UNKNOWN)
            elif place not in scene.now:
                scene.now[place] = self._value(fact, self._domains.of(fact))
            return
        if key.kind and key.fact == "key":
            raise _Undraftable(key.fact)
        if key.function == "count":
            scene.earlier[place] = 0
        elif key.function:
            scene.before = max(scene.before, key.window)
        match key.function:
            case "rate":
                rate = float(domain.sample(high=high))
                # The fact moves within the window; a counter that falls would count as reset.
                moved = max(rate, 0.0) * key.window / 1e6
                spec = self._domains.spec(fact)
                scene.earlier[place] = written(0.0, spec)
                scene.now[place] = written(math.ceil(moved) if spec and spec.type == "int" else moved, spec)
            case "changed":
                first, second = self._two_values(fact)
                scene.earlier[place] = first
                scene.now[place] = second if True in domain else first
            case "age":
                raise _Undraftable("a case cannot say how old a fact is")
            case _:
                scene.now[place] = self._value(Var(key), domain, high=high)

    def _value(self, subject: Node, domain: Domain, *, high: bool = False) -> Any:
        spec = self._domains.spec(subject)
        if (
            spec is not None
            and spec.type == "events"
            and not (isinstance(subject, Var) and subject.key.function)
        ):
            return 0
        return written(domain.sample(high=high, text=self._domains.is_text(subject)), spec)

    def _two_values(self, fact: Node) -> tuple[Any, Any]:
        domain = self._domains.of(fact)
        first: Value = domain.sample(text=self._domains.is_text(fact))
        second = domain.narrowed("!=", first).sample(text=self._domains.is_text(fact))
        spec = self._domains.spec(fact)
        return written(first, spec), written(second, spec)

    def _lists(self, solution: Solution) -> Iterator[str]:
        sized = [node.args[0] for node in solution.slots if isinstance(node, Call) and node.args]
        yield from dict.fromkeys(
            [*solution.lists, *(node.kind for node in sized if isinstance(node, ListVar))]
        )

    def _fill(self, scene: Scene, kind: str, solution: Solution) -> None:
        """Add the elements of a list; as many as its size demands."""
        scene.kinds.add(kind)
        size = solution.slots.get(Call("size", (ListVar(kind),)))
        wanted = round(float(size.domain.sample())) if size else 1
        members = solution.lists.get(kind)
        if wanted == 0 and (members is None or not members.some):
            return
        elements = self._solver.elements(kind, members or Members())
        elements += [elements[0]] * (wanted - len(elements))
        # The entity that the rule is bound to has the first key.
        start = 1 if any(place[:2] == (kind, _key(kind)) for place in scene.now) else 0
        for number, element in enumerate(elements, start):
            self._element(scene, kind, _key(kind, number), element)

    def _element(self, scene: Scene, kind: str, key: str, element: Solution) -> None:
        slots = {node: slot.domain for node, slot in element.slots.items() if not _is_known(node)}
        if not slots:
            spec = self._domains.catalogue.facts_of_entity[kind][0]
            any_fact = Field(Local(kind), spec.short)
            slots = {any_fact: self._domains.of(any_fact)}
        for node, domain in slots.items():
            if not isinstance(node, Field) or not self._domains.spec(node):
                raise _Undraftable(worded(node))
            scene.now[Place(kind, key, node.name)] = self._value(node, domain)


def _is_known(node: Node) -> bool:
    return isinstance(node, Var) and node.key.function == "known"


def _key(kind: str, number: int = 0) -> str:
    base = _KEYS.get(kind, f"some-{kind}")
    return f"{base}-{number + 1}" if number else base
