"""Causes in the order in which an agent should look at them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hotline_proto.relations import EntityRef

from hotline_collector.engine.cells import TargetState
from hotline_collector.engine.complaint import NAMED_CHECK, Relevance
from hotline_collector.engine.explain import explained
from hotline_collector.engine.ruleset import RuleSet
from hotline_collector.model.finding import Cause, Finding, FindingState
from hotline_collector.model.rule import SEVERITY_RANK, Rule


def rank_causes(
    findings: Mapping[str, Finding],
    targets: Mapping[int, TargetState],
    rules: RuleSet,
    relevance: Relevance,
    confidence: Callable[[Rule], float],
) -> list[Cause]:
    """Return the causes with their folded symptoms, most pressing first.

    The order is: hazards, then fresh before stale, then relevance to the complaint, severity, confidence and
    how much is explained; rule id and entity decide ties, so that the order never depends on chance.
    """
    known = {key: finding for key, finding in findings.items() if finding.rule in rules.by_id}
    explains = explained(known.values(), targets, rules)
    symptoms = {symptom.id for group in explains.values() for symptom in group}
    causes = []
    for finding in known.values():
        if not finding.present or finding.id in symptoms:
            continue
        rule = rules.by_id[finding.rule].rule
        group = tuple(sorted(_reached(finding, explains), key=_order))
        weight = max(entity_relevance(item.entity, item.rule, relevance) for item in (finding, *group))
        score = (
            float(rule.hazard),
            float(not finding.stale),
            float(weight),
            float(SEVERITY_RANK[rule.severity]),
            confidence(rule),
            float(len(group)),
        )
        causes.append(Cause(finding, group, weight > 0 or rule.hazard, score))
    return sorted(causes, key=lambda cause: (*(-part for part in cause.score), _order(cause.finding)))


def rank_suspected(
    findings: Mapping[str, Finding],
    rules: RuleSet,
    relevance: Relevance,
    confidence: Callable[[Rule], float],
) -> list[Finding]:
    """Return what is suspected or being confirmed, confirming first, then by relevance and severity."""
    waiting = [
        f
        for f in findings.values()
        if f.state in (FindingState.SUSPECTED, FindingState.CONFIRMING) and f.rule in rules.by_id
    ]

    def key(finding: Finding) -> tuple[object, ...]:
        rule = rules.by_id[finding.rule].rule
        return (
            not rule.hazard,
            finding.state is not FindingState.CONFIRMING,
            -relevance.of(finding.rule),
            -SEVERITY_RANK[rule.severity],
            -confidence(rule),
            _order(finding),
        )

    return sorted(waiting, key=key)


def _reached(cause: Finding, explains: Mapping[str, list[Finding]]) -> list[Finding]:
    """Return every finding below a cause: what it explains, and what those symptoms explain in turn.

    A symptom may be joined to things that its cause is not, as a thrashing machine is to its disk.
    """
    reached: dict[str, Finding] = {}
    waiting = [cause]
    while waiting:
        for symptom in explains[waiting.pop().id]:
            if symptom.id not in reached:
                reached[symptom.id] = symptom
                waiting.append(symptom)
    return list(reached.values())


def entity_relevance(entity: EntityRef | None, rule_id: str, relevance: Relevance) -> int:
    """Return how much a rule on an entity has to do with the complaint.

    A check is something that was named in the call, so it concerns the complaint most of all.
    """
    return NAMED_CHECK if entity is not None and entity.kind == "check" else relevance.of(rule_id)


def _order(finding: Finding) -> tuple[str, int, str, str]:
    entity = finding.entity
    return (finding.rule, finding.target, entity.key if entity else "", finding.id)
