"""From facts to causes by the decision table, as the collector's engine would name them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from hotline_proto.catalogue import Catalogue
from hotline_proto.relations import EntityRef, reaches
from hotline_proto.spoken import Truth, spoken_result

from hotline_probe.local.evaluate import UNKNOWN, Evaluator
from hotline_probe.local.table import DecisionTable, LocalRule
from hotline_probe.local.world import BoundView, LocalWorld

_SEVERITIES: Mapping[str, int] = {"info": 0, "warning": 1, "critical": 2}


@dataclass(frozen=True, slots=True)
class LocalFinding:
    """One rule that holds on this machine, on one entity if it is about one."""

    rule: LocalRule
    entity: EntityRef | None

    @property
    def name(self) -> tuple[str, str]:
        """The rule's id and the entity's key."""
        return self.rule.id, self.entity.key if self.entity else ""


@dataclass(frozen=True, slots=True)
class LocalCause:
    """A finding that no other explains, with those that it explains."""

    finding: LocalFinding
    symptoms: tuple[LocalFinding, ...]


def findings(table: DecisionTable, world: LocalWorld) -> list[LocalFinding]:
    """Return every rule that is known to hold."""
    return [
        LocalFinding(rule, EntityRef(rule.for_each, key) if rule.for_each else None)
        for rule, key, state in _judged(table, world)
        if state is True
    ]


def known_false(table: DecisionTable, world: LocalWorld) -> set[tuple[str, str]]:
    """Return every rule, with the key of its entity, that is known not to hold."""
    return {(rule.id, key) for rule, key, state in _judged(table, world) if state is False}


def causes(found: list[LocalFinding], world: LocalWorld, catalogue: Catalogue) -> list[LocalCause]:
    """Return the causes, most pressing first: hazards, then by severity, confidence and what they explain."""
    below = {id(finding): list(_explained(finding, found, world, catalogue)) for finding in found}
    symptoms = {id(symptom) for group in below.values() for symptom in group}
    out = [
        LocalCause(finding, tuple(_reached(finding, below)))
        for finding in found
        if id(finding) not in symptoms
    ]
    return sorted(out, key=_pressing)


def spoken(table: DecisionTable, world: LocalWorld) -> str:
    """Return the digits that tell the most telling conditions to an agent on the phone."""
    return spoken_result([_state(item.for_each, item.when, world) for item in table.spoken], table.number)


def _judged(table: DecisionTable, world: LocalWorld) -> Iterator[tuple[LocalRule, str, Truth]]:
    for rule in table.rules:
        for key in world.keys(rule.for_each) if rule.for_each else ("",):
            yield rule, key, _truth(rule.when(BoundView(world, key), {}))


def _explained(
    cause: LocalFinding, found: list[LocalFinding], world: LocalWorld, catalogue: Catalogue
) -> Iterator[LocalFinding]:
    for symptom in found:
        reached = symptom is not cause and symptom.rule.id in cause.rule.explains
        if reached and reaches(cause.entity, symptom.entity, world, catalogue):
            yield symptom


def _reached(cause: LocalFinding, below: Mapping[int, list[LocalFinding]]) -> list[LocalFinding]:
    """Return what a cause explains, and what those symptoms explain in turn."""
    reached: dict[int, LocalFinding] = {}
    waiting = [cause]
    while waiting:
        for symptom in below[id(waiting.pop())]:
            if id(symptom) not in reached:
                reached[id(symptom)] = symptom
                waiting.append(symptom)
    return list(reached.values())


def _pressing(cause: LocalCause) -> tuple[object, ...]:
    rule, entity = cause.finding.rule, cause.finding.entity
    return (
        not rule.hazard,
        -_SEVERITIES[rule.severity],
        -rule.confidence,
        -len(cause.symptoms),
        rule.id,
        entity.key if entity else "",
    )


def _state(kind: str, when: Evaluator, world: LocalWorld) -> Truth:
    """Return whether a condition holds, for one of several things if it is about a kind of them."""
    if not kind:
        return _truth(when(BoundView(world), {}))
    states = [_truth(when(BoundView(world, key), {})) for key in world.keys(kind)]
    if True in states:
        return True
    told = world.all_of(kind) is not UNKNOWN
    return False if told and None not in states else None


def _truth(value: object) -> Truth:
    return value if isinstance(value, bool) else None
