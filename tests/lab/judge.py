"""Judges what an agent sees against what a scenario expects."""

from __future__ import annotations

from collections.abc import Iterable

from hotline_proto.v1 import agent_pb2 as pb

from tests.lab.scenario import Cause, Scenario

_MATTERS = ("warning", "critical")


def active(scenario: Scenario, view: pb.CallView) -> list[pb.FindingView]:
    """Return the causes in their order; hints that nobody waits for do not count."""
    return [
        finding
        for finding in [*view.causes, *view.also_noticed]
        if finding.state == "active" and (finding.severity in _MATTERS or is_any(finding, scenario.causes))
    ]


def all_first(scenario: Scenario, view: pb.CallView) -> bool:
    """Tell whether the expected causes are the first ones."""
    first = active(scenario, view)[: len(scenario.causes)]
    return all(any(_is(finding, cause) for finding in first) for cause in scenario.causes)


def named_first(scenario: Scenario, view: pb.CallView) -> bool:
    """Tell whether the agent reads the expected causes first, confirmed or about to be."""
    confirming = [finding for finding in view.suspected if finding.state == "confirming"]
    first = [*active(scenario, view), *confirming][: len(scenario.causes)]
    return all(any(_is(finding, cause) for finding in first) for cause in scenario.causes)


def unexpected(scenario: Scenario, view: pb.CallView) -> list[pb.FindingView]:
    """Return the causes that are neither expected nor allowed."""
    return [
        finding
        for finding in active(scenario, view)
        if not is_any(finding, scenario.causes) and finding.rule not in scenario.allowed
    ]


def is_any(finding: pb.FindingView, causes: Iterable[Cause]) -> bool:
    """Tell whether a finding is one of some causes."""
    return any(_is(finding, cause) for cause in causes)


def _is(finding: pb.FindingView, cause: Cause) -> bool:
    return finding.rule == cause.rule and cause.entity in ("", finding.entity)


def told(finding: pb.FindingView) -> str:
    """Return a finding and its evidence in one line."""
    evidence = ", ".join(f"{item.fact}={item.value}" for item in finding.evidence)
    return f"{finding.rule}@{finding.entity} ({evidence})"


def shown(view: pb.CallView) -> str:
    """Return all findings of a call in one line."""
    every = [*view.causes, *view.also_noticed]
    lines = [f"{finding.state} {told(finding)}" for finding in every]
    lines += [f"suspected {finding.rule}@{finding.entity}" for finding in view.suspected]
    return "; ".join(lines) or "nothing"
