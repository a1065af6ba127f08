"""A whole call as the agent lives it: consent, finding, fix, proof, and how soon a new fault shows.

Everything is real: collector and probe are processes, TLS and journal are on, the fault is a local
service that does not listen. Times are taken where the agent's stream arrives.
"""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hotline_proto.v1 import agent_pb2 as pb

from tests.bench.figures import Figure, median, percentile
from tests.bench.processes import Collector, Probe, Watch, call_of, planned, reported, warm_up
from tests.bench.service import Service

CALLS = 7
TRIALS = 60
# The probe's shortest interval of this source, so that the trials end in time.
INTERVAL = 1.0
RULE = "check.local_service_down"
HOLD = 0.0
COMPLAINT = "The program on this computer cannot connect to its service"
_SEED = 20_240


@dataclass(frozen=True, slots=True)
class Call:
    """Seconds of one call: from consent, from the program's start, and from "the fix is done"."""

    consent: float
    cause: float
    local_cause: float
    profile: float
    verified: float


def call_figures() -> Sequence[Figure]:
    """Measure calls from consent to proof, then onsets in one long call."""
    return [*_calls(), *_onsets()]


def _calls() -> list[Figure]:
    with tempfile.TemporaryDirectory() as name, Collector(Path(name)) as collector:
        warm_up(Path(name))
        calls = [_one_call(collector, Path(name), seed) for seed in range(CALLS)]
    return [
        median("program start → consent (join over TLS, told by --json)", [c.consent for c in calls], "s"),
        median("consent → first ranked cause, any", [c.cause for c in calls], "s", at_most=2),
        median(
            "consent → cause of the complaint's own check", [c.local_cause for c in calls], "s", at_most=2
        ),
        median(
            "consent → every source of the plan has reported", [c.profile for c in calls], "s", at_most=10
        ),
        median("fix done → verified, local service", [c.verified for c in calls], "s", at_most=5),
    ]


def _one_call(collector: Collector, folder: Path, seed: int) -> Call:
    sources = planned()
    with (
        Service(_SEED + seed) as service,
        call_of(collector, COMPLAINT, service.place) as (call_id, link),
        Watch(collector.agent, call_id) as watch,
        Probe(link, folder, [service.place]) as probe,
    ):
        consent = probe.event(lambda body: body["event"] == "consent").at
        cause, _ = watch.until(lambda view: bool(view.causes))
        local, view = watch.until(lambda view: _fault(view) is not None)
        profile, _ = watch.until(lambda view: reported(view) >= sources)
        finding = _fault(view)
        assert finding is not None
        fix_id = collector.agent.propose_fix(call_id, finding.finding_id, 0)
        collector.agent.update_fix(call_id, fix_id, "accepted")
        service.open()
        done = time.monotonic()
        collector.agent.update_fix(call_id, fix_id, "done")
        verified, _ = watch.until(lambda view: any(fix.state == "verified" for fix in view.fixes))
        return Call(
            consent - probe.started, cause - consent, local - consent, profile - consent, verified - done
        )


def _onsets() -> list[Figure]:
    with (
        tempfile.TemporaryDirectory() as name,
        Collector(Path(name), {"checks": INTERVAL}) as collector,
        Service(_SEED) as service,
        call_of(collector, COMPLAINT, service.place) as (call_id, link),
        Watch(collector.agent, call_id) as watch,
    ):
        service.open()
        with Probe(link, Path(name), [service.place]):
            watch.until(lambda view: "checks" in reported(view))
            chance = random.Random(_SEED)
            delays = [_onset(service, watch, chance) for _ in range(TRIALS)]
    return _onset_figures(delays)


def _onset(service: Service, watch: Watch, chance: random.Random) -> float:
    """Break the service at a random moment of the interval; return the seconds until the agent sees it."""
    time.sleep(chance.uniform(0, INTERVAL))
    watch.forget()
    service.close()
    broken = time.monotonic()
    seen, _ = watch.until(lambda view: _fault(view) is not None, broken)
    service.open()
    watch.until(lambda view: _fault(view) is None, seen)
    return seen - broken


def _onset_figures(delays: Sequence[float]) -> list[Figure]:
    spread = (min(delays), max(delays))
    half, most = percentile(delays, 0.5), percentile(delays, 0.95)
    beyond = [max(0.0, delay - INTERVAL - HOLD) for delay in delays]
    return [
        Figure("onset at a random moment: trials", len(delays)),
        Figure("… sampling interval + hold", INTERVAL + HOLD, "s"),
        Figure("… onset → agent's stream, p50", half, "s", spread=spread),
        Figure("… onset → agent's stream, p95", most, "s", spread=spread),
        Figure("… beyond interval + hold, p50", percentile(beyond, 0.5), "s", at_most=0.3),
        Figure("… beyond interval + hold, p95", percentile(beyond, 0.95), "s", at_most=0.6),
        # The wait for the next sample is even over the interval: what exceeds it at the same share is ours.
        Figure("… beyond an ideal sampler's p50 (interval / 2)", half - INTERVAL * 0.5, "s", at_most=0.3),
        Figure("… beyond an ideal sampler's p95 (0.95 interval)", most - INTERVAL * 0.95, "s", at_most=0.6),
    ]


def _fault(view: pb.CallView) -> pb.FindingView | None:
    return next((cause for cause in view.causes if cause.rule == RULE and cause.state == "active"), None)
