"""Which finding explains which: the closure of `explains`, joined only where things belong together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from hotline_proto.relations import reaches

from hotline_collector.engine.cells import TargetState
from hotline_collector.engine.ruleset import RuleSet
from hotline_collector.model.finding import Finding


def explained(
    findings: Iterable[Finding], targets: Mapping[int, TargetState], rules: RuleSet
) -> dict[str, list[Finding]]:
    """Return for each finding the findings that it explains.

    Only findings that are present explain; a finding without an entry on the right side of any other is a
    cause. The closure is taken over rules, not over findings that fired: an intermediate fault that could
    not be seen does not cut the chain.
    """
    present = [finding for finding in findings if finding.present]
    by_rule: dict[str, list[Finding]] = {}
    for finding in present:
        by_rule.setdefault(finding.rule, []).append(finding)
    return {
        cause.id: [
            symptom
            for rule in sorted(rules.explained_by.get(cause.rule, frozenset()) & by_rule.keys())
            for symptom in by_rule[rule]
            if symptom is not cause and joined(cause, symptom, targets, rules)
        ]
        for cause in present
    }


def joined(cause: Finding, symptom: Finding, targets: Mapping[int, TargetState], rules: RuleSet) -> bool:
    """Tell whether two findings are about the same thing, or the symptom about what depends on it."""
    if cause.target != symptom.target:
        return rules.by_id[cause.rule].rule.across
    if cause.path and symptom.path and cause.path != symptom.path:
        return False
    return reaches(cause.entity, symptom.entity, _Entities(targets[cause.target]), rules.catalogue)


class _Entities:
    """A target's entities as the relations between them see them."""

    __slots__ = ("_target",)

    def __init__(self, target: TargetState) -> None:
        self._target = target

    @property
    def interface(self) -> str | None:
        return self._target.path.interface if self._target.path else None

    def keys(self, kind: str) -> Iterable[str]:
        return self._target.entities.get(kind, {})

    def field(self, kind: str, key: str, short: str) -> Any:
        scope = self._target.entities.get(kind, {}).get(key)
        return scope.field(short) if scope is not None else None
