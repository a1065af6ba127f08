"""The engine by itself: what a reading costs with the shipped rules, against the bare dictionary update."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence

from hotline_collector.engine.engine import Engine
from hotline_collector.engine.ruleset import RuleSet
from hotline_collector.rulepack.loader import load_installed
from hotline_proto.catalogue import load_catalogue
from hotline_proto.record import Entry, EntryKind
from hotline_proto.v1 import probe_pb2 as pb
from hotline_proto.v1 import record_pb2 as rec

from tests.bench.figures import Figure, median
from tests.bench.messages import CHANGED, HealthyMachine

ROUNDS = 7
READINGS = 2000
START = 1_700_000_000_000_000


def engine_figures() -> Sequence[Figure]:
    """Measure decode, state and all shipped rules, as CPU time a reading."""
    catalogue = load_catalogue()
    rules = load_installed(catalogue)
    frames = [frame.SerializeToString() for frame in HealthyMachine(catalogue, 1).frames(READINGS)]
    costs, floors = [], []
    for _ in range(ROUNDS):
        engine = new_engine(rules)
        costs.append(cpu_cost(lambda engine=engine: _feed_all(engine, frames)) / READINGS)  # type: ignore[misc]
        floors.append(floor())
    ratio = [cost / floor for cost, floor in zip(costs, floors, strict=True)]
    sizes = [len(raw) for raw in frames[2:]]
    return [
        Figure("rules shipped", len(rules.rules)),
        median("a reading of 10 changed facts through the engine", [c * 1e6 for c in costs], "µs"),
        median("… against a dictionary update of 10 facts", ratio, "×"),
        Figure("serialised frame with 6 source runs and 10 changed facts", statistics.median(sizes), "B"),
    ]


def new_engine(rules: RuleSet) -> Engine:
    """Return the engine of a call whose probe has just connected."""
    engine = Engine("bench", rules, rules.catalogue)
    packs = {rules.pack.digest: rules}
    opened = rec.CallOpened(call_id="bench", pack_digest=rules.pack.digest)
    target = rec.TargetAdded(target=1, name="pc")
    link = rec.LinkChanged(target=1, up=True, session_id="s", boot_id="b", clock_offset_us=START)
    for kind, message in (
        (EntryKind.CALL_OPENED, opened),
        (EntryKind.TARGET_ADDED, target),
        (EntryKind.LINK_CHANGED, link),
    ):
        engine.apply_entry(Entry(kind, 1, START, message.SerializeToString()), packs)
    return engine


def feed(engine: Engine, raw: bytes) -> None:
    """Let an engine take a frame, and time pass, as the collector does."""
    frame = pb.ProbeFrame.FromString(raw)
    now = START + frame.mono_us
    engine.apply_frame(1, now, frame)
    due = engine.next_deadline()
    if due is not None and due <= now:
        engine.tick(now)
    engine.take_changes()


def _feed_all(engine: Engine, frames: Sequence[bytes]) -> None:
    for raw in frames:
        feed(engine, raw)


def cpu_cost(work: Callable[[], None]) -> float:
    """Return the CPU seconds of some work."""
    begin = time.process_time()
    work()
    return time.process_time() - begin


def floor() -> float:
    """Return the CPU seconds of a dictionary update of 10 facts among 100: the least that they cost."""
    state: dict[str, float] = {f"fact.{n}": 0.0 for n in range(100)}
    change = {f"fact.{n}": 0.5 for n in range(CHANGED)}
    repeats = 200_000

    def work() -> None:
        for _ in range(repeats):
            state.update(change)

    return cpu_cost(work) / repeats
