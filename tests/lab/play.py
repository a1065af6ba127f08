"""Plays a scenario: breaks, lets the caller join, waits for the cause, heals, and waits for the proof."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass

from hotline_collector.console.errors import ConsoleError
from hotline_proto.joincode import parse_target
from hotline_proto.v1 import agent_pb2 as pb

from tests.bench.processes import Collector, Probe, Watch, call_of
from tests.lab import judge
from tests.lab.lab import COLLECTOR, COLLECTOR_PORT, Lab, Surroundings, laid_out
from tests.lab.namespaces import LabError
from tests.lab.relay import Relay
from tests.lab.result import Result
from tests.lab.scenario import Scenario

# How long after the right cause a wrong one may still come and take its place.
SETTLE = 2.0
_SETTLED = ("verified", "still_present", "regressed", "could_not_verify", "failed", "declined", "expired")


def play(scenario: Scenario, around: Surroundings, collector: Collector) -> Result:
    """Return what came of a scenario; trouble with the lab itself is a trouble of the result."""
    result = Result(scenario.name, scenario.family, [cause.rule for cause in scenario.causes])
    began = time.monotonic()
    try:
        with prepared(scenario, around) as lab, call_of(collector, scenario.complaint) as (call_id, link):
            _Call(scenario, lab, collector, call_id, result).run(_link(scenario, lab, link))
    except (LabError, ConsoleError, RuntimeError, OSError) as error:
        result.troubles.append(f"{type(error).__name__}: {error}"[-2000:])
    result.took = time.monotonic() - began
    return result


@contextlib.contextmanager
def prepared(scenario: Scenario, around: Surroundings) -> Iterator[Lab]:
    """Lay out a scenario's lab, with the customer's machine online, and break what it breaks."""
    with laid_out(around, scenario.disk, ipv6=scenario.ipv6, wire=scenario.wire) as lab:
        lab.customer.come_online()
        scenario.inject(lab)
        yield lab


def _link(scenario: Scenario, lab: Lab, link: str) -> str:
    """Return the link by the way that the fault leaves open."""
    if not scenario.cut:
        return link
    relay = Relay(lab.customer.ns, COLLECTOR_PORT, (COLLECTOR, COLLECTOR_PORT))
    lab.around.loop.wait(relay.open())
    lab.at_the_end(lambda: lab.around.loop.wait(relay.close()))
    target = parse_target(link)
    return f"hotline://127.0.0.1:{COLLECTOR_PORT}/{target.code}?ca={target.ca_fingerprint}"


@dataclass(slots=True)
class _Call:
    scenario: Scenario
    lab: Lab
    collector: Collector
    call_id: str
    result: Result

    def run(self, link: str) -> None:
        """Let the caller join by the link, and follow the call to its end."""
        with (
            Watch(self.collector.agent, self.call_id) as watch,
            Probe(
                link,
                self.lab.folder,
                self.scenario.checks,
                accept=[self.scenario.fix] if self.scenario.fix else [],
                wrap=lambda argv: self.lab.caller(argv, root=self.scenario.root),
            ) as probe,
        ):
            consent = probe.event(lambda body: body["event"] == "consent").at
            if self.scenario.healthy:
                self._stays_silent(watch, consent)
            elif (view := self._find(watch, consent)) is not None and self.scenario.proof:
                words = probe.event(lambda body: body["event"] == "words").body["words"]
                self.collector.agent.confirm_words(self.call_id, words)
                self._heal(view, watch)
        if self.result.troubles:
            self._explain()

    def _stays_silent(self, watch: Watch, consent: float) -> None:
        def false(view: pb.CallView) -> bool:
            return bool(judge.unexpected(self.scenario, view))

        with contextlib.suppress(RuntimeError):  # nothing came: that is what is wanted
            left = consent + self.scenario.watch - time.monotonic()
            at, view = watch.until(false, patience=left)
            wrong = judge.unexpected(self.scenario, view)
            self.result.found, self.result.rank, self.result.to_cause = wrong[0].rule, 1, at - consent
            self.result.troubles += [f"false: {judge.told(finding)}" for finding in wrong]

    def _find(self, watch: Watch, consent: float) -> pb.CallView | None:
        """Return the call once all causes are found and have stayed at their ranks for a moment."""
        last = pb.CallView()
        wrong: dict[tuple[str, str], str] = {}

        def right(view: pb.CallView) -> bool:
            last.CopyFrom(view)
            found = judge.unexpected(self.scenario, view)
            wrong.update({(finding.rule, finding.entity): judge.told(finding) for finding in found})
            if self.result.to_name is None and judge.named_first(self.scenario, view):
                self.result.to_name = time.monotonic() - consent
            return judge.all_first(self.scenario, view)

        try:
            at, _ = watch.until(right, patience=self.scenario.patience)
        except RuntimeError:
            self.result.troubles.append("not found; there is " + judge.shown(last))
            self._note(last)
            return None
        self.result.to_cause = at - consent
        with contextlib.suppress(RuntimeError):
            watch.until(lambda view: not right(view), since=at, patience=SETTLE)
            watch.until(right, since=at, patience=SETTLE)
        self._note(last)
        if not judge.all_first(self.scenario, last):
            self.result.troubles.append("did not stay first; there is " + judge.shown(last))
        self.result.troubles += [f"false: {told}" for told in wrong.values()]
        return last

    def _note(self, view: pb.CallView) -> None:
        found = judge.active(self.scenario, view)
        causes = self.scenario.causes
        ranks = [place for place, finding in enumerate(found, 1) if judge.is_any(finding, causes)]
        self.result.rank = ranks[0] if ranks else 0
        self.result.found = found[0].rule if found else ""
        if self.result.found in self.scenario.look_alikes:
            self.result.troubles.append(f"taken for its look-alike {self.result.found}")

    def _rule_out_danger(self) -> None:
        """Say no to what is asked about safety, as callers of these machines would; else nothing is tried."""
        agent = self.collector.agent
        while open_ := [
            question.question
            for question in agent.get_call(self.call_id).questions
            if question.hazard and not question.answer
        ]:
            agent.answer(self.call_id, open_[0], "false")

    def _heal(self, view: pb.CallView, watch: Watch) -> None:
        """Let the first cause be proven healed; others, healed in the same moment, must be gone then."""
        agent, scenario = self.collector.agent, self.scenario
        self._rule_out_danger()
        finding = next(f for f in judge.active(scenario, view) if judge.is_any(f, scenario.causes))
        fix = agent.propose_fix(self.call_id, finding.finding_id, _option(finding, scenario.fix))
        if scenario.repair is not None:
            agent.update_fix(self.call_id, fix, "accepted")
            scenario.repair(self.lab)
        done = time.monotonic()
        if not scenario.fix:
            agent.update_fix(self.call_id, fix, "done")
        for question, value in scenario.answers.items():
            agent.answer(self.call_id, question, value)

        def over(view: pb.CallView) -> bool:
            return _settled(view) and (len(scenario.causes) == 1 or not judge.active(scenario, view))

        try:
            at, view = watch.until(over, since=done, patience=scenario.proof)
        except RuntimeError:
            at, view = time.monotonic(), agent.get_call(self.call_id)
            if _settled(view):
                self.result.troubles.append("healed, but there is " + judge.shown(view))
        self.result.to_proof = at - done
        self.result.troubles += [
            f"fix of {fix.rule}: {fix.state} {fix.detail}; there is {judge.shown(view)}"
            for fix in view.fixes
            if fix.state != scenario.outcome
        ]

    def _explain(self) -> None:
        """Keep what was measured, so that a failure can be understood."""
        view = self.collector.agent.get_call(self.call_id, include_facts=True)
        self.result.facts = [
            f"{fact.fact}[{fact.entity}] = {fact.value or fact.unknown}" for fact in view.facts
        ]


def _settled(view: pb.CallView) -> bool:
    return all(fix.state in _SETTLED for fix in view.fixes)


def _option(finding: pb.FindingView, action: str) -> int:
    """Return the number of the fix with this action, without one of the first that a human does."""
    fitting = [fix.index for fix in finding.fixes if fix.action == action]
    if not fitting:
        raise LabError(f"{finding.rule} offers no such fix: {action or 'steps'}")
    return int(fitting[0])
