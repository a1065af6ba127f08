"""What the probe costs a machine, side by side with other programs that watch one.

All run one after the other in a room (`room.py`) with a fixed number of processes, at 1 s and at 5 s. A peer
that cannot be had is left out with a line that says why. Programs differ in how many values they tell; the
figure is printed beside the cost.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.bench.fetch import Unavailable
from tests.bench.figures import Figure
from tests.bench.peers import PACKAGES, PEERS, Watched
from tests.bench.processes import Collector, Probe, Watch, call_of, planned, reported, warm_up
from tests.bench.room import Room, Tenant

INTERVALS = (1, 5)
SECONDS = 30.0
_SETTLE = 10.0
_RECEIVED = "hotline_intake_bytes_total"
# What the peers tell as well. All else (programs asked, packets sent, logs read) is in section `probe`.
_GAUGES = (
    "interfaces",
    "routes",
    "addresses",
    "filesystems",
    "memory",
    "cpu",
    "pressure",
    "disks",
    "sockets",
)
_SELDOM = 3600.0
_GOALS = {1: 0.5, 5: 0.1}


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU seconds and bytes of a program while watched, its memory, seconds to its first data, its values."""

    cpu: float
    rss: int
    pss: int
    received: float
    first: float
    values: int


def footprint_figures() -> Iterator[Figure]:
    """Measure the probe and each peer at each interval."""
    try:
        room = Room(PACKAGES)
    except Unavailable as error:
        print(f"  not measured: {error}")
        return
    try:
        for every in INTERVALS:
            yield from _told("hotline-probe", every, _own(room, every), _GOALS[every])
            for name, start in PEERS.items():
                try:
                    yield from _told(name, every, _peer(room, name, start, every))
                except Unavailable as error:
                    print(f"  {name} is not compared: {error}")
    finally:
        room.close()


def _own(room: Room, every: int) -> Cost:
    sources = planned()
    intervals = dict.fromkeys(sources, _SELDOM) | dict.fromkeys(_GAUGES, float(every))
    with tempfile.TemporaryDirectory() as name, Collector(Path(name), intervals) as collector:
        warm_up(Path(name))
        with (
            room.tenant("hotline") as tenant,
            call_of(collector) as (call_id, link),
            Watch(collector.agent, call_id) as watch,
            Probe(link, Path(name), as_json=False, wrap=lambda argv: tenant.wrap(argv, root=False)) as probe,
        ):
            first, _ = watch.until(lambda view: bool(reported(view)))
            watch.until(lambda view: reported(view) >= sources)
            time.sleep(_SETTLE)
            return _measured(
                tenant,
                lambda: int(collector.metric(_RECEIVED)),
                first - probe.started,
                _values(collector, call_id),
            )


def _peer(room: Room, name: str, start: Callable[[Tenant, Room, int], Watched], every: int) -> Cost:
    with room.tenant(name.partition(" ")[0]) as tenant:
        began = time.monotonic()
        watched = start(tenant, room, every)
        time.sleep(_SETTLE)
        if not watched.first():
            raise Unavailable("it told nothing")
        try:
            return _measured(tenant, watched.received, watched.first() - began, watched.values())
        finally:
            watched.stop()


def _measured(tenant: Tenant, received: Callable[[], float], first: float, values: int) -> Cost:
    cpu, got = tenant.cpu(), received()
    time.sleep(SECONDS)
    spent, came = tenant.cpu() - cpu, received() - got
    memory = tenant.memory()
    return Cost(spent, memory.rss, memory.pss, came, first, values)


def _values(collector: Collector, call_id: str) -> int:
    view = collector.agent.get_call(call_id, include_facts=True)
    return sum(not fact.unknown for fact in view.facts)


def _told(name: str, every: int, cost: Cost, goal: float | None = None) -> Iterator[Figure]:
    what = f"{name}, {every} s"
    yield Figure(f"{what}: CPU a minute", cost.cpu * 60 / SECONDS, "s", at_most=goal)
    yield Figure(f"{what}: RSS", cost.rss / 2**20, "MiB")
    yield Figure(f"{what}: PSS", cost.pss / 2**20, "MiB")
    yield Figure(f"{what}: bytes a minute", cost.received * 60 / SECONDS, "B")
    yield Figure(f"{what}: start → first data", cost.first, "s")
    yield Figure(f"{what}: values told", cost.values)
