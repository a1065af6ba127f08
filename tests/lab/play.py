"""Plays a scenario: breaks, lets the caller join, waits for the cause, heals, and waits for the proof."""

from __future__ import annotations

import contextlib
import itertools
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from hotline_collector.console.errors import ConsoleError
from hotline_proto.joincode import parse_target
from hotline_proto.v1 import agent_pb2 as pb

from tests.bench.processes import Collector, Probe, Watch, call_of
from tests.lab.lab import COLLECTOR, COLLECTOR_PORT, Lab, Surroundings
from tests.lab.namespaces import LabError
from tests.lab.relay import Relay
from tests.lab.scenario import Cause, Scenario

# How long after the right cause a wrong one may still come and take its place.
SETTLE = 2.0
_SETTLED = ("verified", "still_present", "regressed", "could_not_verify", "failed", "declined", "expired")
_MATTERS = ("warning", "critical")
_numbers = itertools.count(1)


@dataclass(slots=True)
class Result:
    """What came of a scenario; times in seconds, from consent and from "done"."""

    name: str
    family: str
    expected: list[str]
    found: str = ""
    rank: int = 0
    to_cause: float | None = None
    to_proof: float | None = None
    troubles: list[str] = field(default_factory=list)
    took: float = 0.0

    @property
    def passed(self) -> bool:
        """Whether all was as it must be."""
        return not self.troubles

    def as_json(self) -> dict[str, Any]:
        """Return it for programs."""
        return asdict(self) | {"passed": self.passed}


def play(scenario: Scenario, around: Surroundings, collector: Collector) -> Result:
    """Return what came of a scenario; trouble with the lab itself is a trouble of the result."""
    result = Result(scenario.name, scenario.family, [cause.rule for cause in scenario.causes])
    began = time.monotonic()
    folder = around.folder / scenario.name
    folder.mkdir()
    lab: Lab | None = None
    try:
        lab = Lab(next(_numbers) % 250, around, scenario.disk, ipv6=scenario.ipv6, wire=scenario.wire)
        lab.customer.obtain_address()
        scenario.inject(lab)
        with call_of(collector, scenario.complaint) as (call_id, link):
            _call(scenario, lab, collector, call_id, _link(scenario, lab, link), folder, result)
    except (LabError, ConsoleError, RuntimeError, OSError) as error:
        result.troubles.append(f"{type(error).__name__}: {error}"[:2000])
    finally:
        if lab is not None:
            lab.delete()
    result.took = time.monotonic() - began
    return result


def _link(scenario: Scenario, lab: Lab, link: str) -> str:
    """Return the link by the way that the fault leaves open."""
    if not scenario.cut:
        return link
    relay = Relay(lab.customer.ns, COLLECTOR_PORT, (COLLECTOR, COLLECTOR_PORT))
    lab.around.loop.wait(relay.open())
    lab.at_the_end(lambda: lab.around.loop.wait(relay.close()))
    target = parse_target(link)
    return f"hotline://127.0.0.1:{COLLECTOR_PORT}/{target.code}?ca={target.ca_fingerprint}"


def _call(
    scenario: Scenario, lab: Lab, collector: Collector, call_id: str, link: str, folder: Path, result: Result
) -> None:
    accept = [scenario.fix] if scenario.fix else []

    def wrap(argv: list[str]) -> list[str]:
        return lab.customer.argv(["env", "HOME=/home/kim", *argv], user=not scenario.root)

    with (
        Watch(collector.agent, call_id) as watch,
        Probe(link, folder, scenario.checks, accept=accept, wrap=wrap) as probe,
    ):
        consent = probe.event(lambda body: body["event"] == "consent").at
        if scenario.healthy:
            _stays_silent(scenario, watch, consent, result)
            return
        view = _find(scenario, watch, consent, result)
        if view is not None and scenario.proof:
            words = probe.event(lambda body: body["event"] == "words").body["words"]
            collector.agent.confirm_words(call_id, words)
            _heal(scenario, lab, collector, call_id, view, watch, result)


def _stays_silent(scenario: Scenario, watch: Watch, consent: float, result: Result) -> None:
    with contextlib.suppress(RuntimeError):  # nothing came: that is what is wanted
        left = consent + scenario.watch - time.monotonic()
        at, view = watch.until(lambda view: bool(_unexpected(scenario, view)), patience=left)
        wrong = _unexpected(scenario, view)
        result.found, result.rank, result.to_cause = wrong[0].rule, 1, at - consent
        result.troubles += [f"false: {_told(finding)}" for finding in wrong]


def _find(scenario: Scenario, watch: Watch, consent: float, result: Result) -> pb.CallView | None:
    """Return the call once all causes are found and have stayed at their ranks for a moment."""
    last: list[pb.CallView] = []
    wrong: dict[tuple[str, str], str] = {}

    def right(view: pb.CallView) -> bool:
        last[:] = [view]
        wrong.update({(bad.rule, bad.entity): _told(bad) for bad in _unexpected(scenario, view)})
        return _all_first(scenario, view)

    try:
        at, view = watch.until(right, patience=scenario.patience)
    except RuntimeError:
        result.troubles.append("not found; there is " + _shown(last[0] if last else pb.CallView()))
        _note(scenario, last[0] if last else pb.CallView(), result)
        return None
    result.to_cause = at - consent
    with contextlib.suppress(RuntimeError):
        watch.until(lambda view: not right(view), since=at, patience=SETTLE)
        watch.until(right, since=at, patience=SETTLE)
    view = last[0]
    _note(scenario, view, result)
    if not _all_first(scenario, view):
        result.troubles.append("did not stay first; there is " + _shown(view))
    result.troubles += [f"false: {told}" for told in wrong.values()]
    return view


def _note(scenario: Scenario, view: pb.CallView, result: Result) -> None:
    active = _active(scenario, view)
    result.found = active[0].rule if active else ""
    ranks = [place for place, finding in enumerate(active, 1) if _is_any(finding, scenario.causes)]
    result.rank = ranks[0] if ranks else 0


def _heal(
    scenario: Scenario,
    lab: Lab,
    collector: Collector,
    call_id: str,
    view: pb.CallView,
    watch: Watch,
    result: Result,
) -> None:
    agent = collector.agent
    causes = [finding for finding in _active(scenario, view) if _is_any(finding, scenario.causes)]
    fixes = [
        agent.propose_fix(call_id, finding.finding_id, _option(finding, scenario.fix)) for finding in causes
    ]
    if scenario.repair is not None:
        for fix in fixes:
            agent.update_fix(call_id, fix, "accepted")
        scenario.repair(lab)
    done = time.monotonic()
    if not scenario.fix:
        for fix in fixes:
            agent.update_fix(call_id, fix, "done")
    for question, value in scenario.answers.items():
        agent.answer(call_id, question, value)

    def settled(view: pb.CallView) -> bool:
        return all(fix.state in _SETTLED for fix in view.fixes)

    try:
        at, view = watch.until(settled, since=done, patience=scenario.proof)
    except RuntimeError:
        view = agent.get_call(call_id)
        at = time.monotonic()
    result.to_proof = at - done
    for fix in view.fixes:
        if fix.state != "verified":
            result.troubles.append(f"fix of {fix.rule}: {fix.state} {fix.detail}; there is {_shown(view)}")


def _option(finding: pb.FindingView, action: str) -> int:
    """Return the number of the fix with this action, without one of the first that a human does."""
    fitting = [fix.index for fix in finding.fixes if fix.action == action]
    if not fitting:
        raise LabError(f"{finding.rule} offers no such fix: {action or 'steps'}")
    return int(fitting[0])


def _active(scenario: Scenario, view: pb.CallView) -> list[pb.FindingView]:
    """Return the causes in their order; hints that nobody waits for do not count."""
    shown = [*view.causes, *view.also_noticed]
    return [
        finding
        for finding in shown
        if finding.state == "active" and (finding.severity in _MATTERS or _is_any(finding, scenario.causes))
    ]


def _all_first(scenario: Scenario, view: pb.CallView) -> bool:
    first = _active(scenario, view)[: len(scenario.causes)]
    return all(any(_is(finding, cause) for finding in first) for cause in scenario.causes)


def _unexpected(scenario: Scenario, view: pb.CallView) -> list[pb.FindingView]:
    return [
        finding
        for finding in _active(scenario, view)
        if not _is_any(finding, scenario.causes) and finding.rule not in scenario.allowed
    ]


def _is_any(finding: pb.FindingView, causes: Iterable[Cause]) -> bool:
    return any(_is(finding, cause) for cause in causes)


def _is(finding: pb.FindingView, cause: Cause) -> bool:
    return finding.rule == cause.rule and cause.entity in ("", finding.entity)


def _told(finding: pb.FindingView) -> str:
    evidence = ", ".join(f"{item.fact}={item.value}" for item in finding.evidence)
    return f"{finding.rule}@{finding.entity} ({evidence})"


def _shown(view: pb.CallView) -> str:
    every = [*view.causes, *view.also_noticed]
    told = [f"{finding.state} {_told(finding)}" for finding in every]
    told += [f"suspected {finding.rule}@{finding.entity}" for finding in view.suspected]
    return "; ".join(told) or "nothing"
