"""Hot reload: from the edit of a rule until running calls are judged by it, with calls that keep talking."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import shutil
import tempfile
import time
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any

import hotline_rules
from hotline_collector.calls import linking, receiving
from hotline_collector.calls.manager import CallManager
from hotline_collector.calls.runtime import CallRuntime
from hotline_collector.calls.session import Session
from hotline_collector.rulepack.folders import PackFolder
from hotline_collector.rulepack.packloader import PackLoader
from hotline_collector.serve.reload import PackWatch
from hotline_collector.store.store import SqlStore
from hotline_proto.catalogue import load_catalogue
from hotline_proto.v1 import probe_pb2 as pb
from hotline_proto.words import NONCE_BYTES, commit

from tests.bench.collector import open_collector
from tests.bench.figures import Figure, median, percentile
from tests.bench.messages import HealthyMachine

RULES = 250
CALLS = (1, 50, 500)
EDITS = 7
SETTLE_S = 4.0
_PROBE = pb.ProbeInfo(version="0", platform="linux")
_EDITED = "bench/edited.yaml"
_RULE = """\
id: bench.rule{number}
status: stable
severity: info
title: {{en: Bench, de: Messung}}
symptom: {{en: Nothing, de: Nichts}}
when: system.cpu.utilization > 0.{number:03} && net.route.default && !net.gateway.reachable
confidence: 0.5
fixes: [{{action: "", steps: [router.restart], risk: none}}]
"""


class _Stall:
    """The longest time for which the loop served nobody."""

    def __init__(self) -> None:
        self.longest = 0.0

    async def run(self) -> None:
        before = time.perf_counter()
        while True:
            await asyncio.sleep(0.001)
            now = time.perf_counter()
            self.longest, before = max(self.longest, now - before), now


def reload_figures() -> Sequence[Figure]:
    """Measure loading by itself, then edits under 1, 50 and 500 open calls."""
    with tempfile.TemporaryDirectory() as folder:
        pack = _make_pack(Path(folder) / "pack")
        return [*_loading(pack), *(figure for calls in CALLS for figure in asyncio.run(_edits(pack, calls)))]


def _make_pack(folder: Path) -> Path:
    """Return a copy of the shipped pack, filled up with rules of our own."""
    shutil.copytree(Path(hotline_rules.__file__).parent, folder)
    (folder / "bench").mkdir()
    shipped = len(PackLoader(load_catalogue(), [PackFolder("", folder, True)]).load().rules.rules)
    for number in range(RULES - shipped - 1):
        (folder / f"bench/{number}.yaml").write_text(_RULE.format(number=number))
    _edit(folder, 0)
    return folder


def _edit(folder: Path, number: int) -> None:
    (folder / _EDITED).write_text(_RULE.format(number=900 + number).replace("0.9", "0.0"))


def _loading(folder: Path) -> list[Figure]:
    whole, one = [], []
    for number in range(EDITS):
        loader = PackLoader(load_catalogue(), [PackFolder("", folder, True)])
        whole.append(_timed(loader.load))
        _edit(folder, number)
        one.append(_timed(loader.load))
    last = PackLoader(load_catalogue(), [PackFolder("", folder, True)])
    last.load()
    looks = [_timed(last.stamp) for _ in range(50)]
    return [
        median(f"load {RULES} rules", [t * 1e3 for t in whole], "ms"),
        median("… again after the edit of one", [t * 1e3 for t in one], "ms"),
        median("look whether a file has changed", [t * 1e3 for t in looks], "ms"),
    ]


def _timed(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


async def _edits(folder: Path, calls: int) -> list[Figure]:
    with tempfile.TemporaryDirectory() as data:
        collector = await open_collector(Path(data))
        manager = collector.manager
        loader = PackLoader(manager.around.catalogue, [PackFolder("", folder, True)])
        stamp, loaded = loader.stamp(), loader.load()
        await manager.change_rules(loaded.rules, "")
        # As the collector does once it has started.
        gc.collect()
        gc.freeze()
        talking = [
            await _talk(manager, await collector.open_call(), number / calls) for number in range(calls)
        ]
        stall = _Stall()
        store = manager.around.store
        assert isinstance(store, SqlStore)
        tasks: list[asyncio.Task[None]] = [
            asyncio.create_task(work)
            for work in (PackWatch(loader, manager, store, stamp).run(), stall.run(), *talking)
        ]
        # Every probe has told everything once by then; only its changes follow.
        await asyncio.sleep(SETTLE_S)
        stall.longest = 0.0
        waits = [wait for number in range(EDITS) for wait in await _judged(folder, manager, number + 1)]
        for task in tasks:
            task.cancel()
        for task in tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task
        collector.task.cancel()
        await collector.server.stop(0)
        await store.close()
        gc.unfreeze()
    name = f"edit → judged by it, {calls} open call{'s' if calls > 1 else ''}"
    return [
        Figure(f"{name}, p50", percentile(waits, 0.5), "s"),
        Figure(f"{name}, p95", percentile(waits, 0.95), "s", at_most=1.0),
        Figure("… longest time that the loop served nobody", stall.longest * 1e3, "ms", at_most=50.0),
    ]


async def _talk(manager: CallManager, call_id: str, after: float) -> Coroutine[Any, Any, None]:
    """Connect a probe and return what tells its readings, once a second, from `after` on."""
    _token, call, session = await manager.join(call_id, _PROBE, commit(bytes(NONCE_BYTES)))
    hello = pb.Hello(probe=_PROBE, boot_id="b", consent=pb.ConsentState(granted=[pb.CONSENT_LAYER_BASIC]))
    linking.up(call, session, _Nobody(), hello, 1)
    return _tell(call, session, after)


async def _tell(call: CallRuntime, session: Session, after: float) -> None:
    await asyncio.sleep(after)
    clock = call.around.clock
    for frame in HealthyMachine(call.around.catalogue, 1).frames(100_000):
        body = frame.WhichOneof("body") or ""
        receiving.take(call, session, clock.now(), frame.SerializeToString(), frame, body)
        await asyncio.sleep(1.0 if body == "readings" else 0)


async def _judged(folder: Path, manager: CallManager, number: int) -> list[float]:
    """Edit a rule and return how long each call took to be judged by it."""
    before = manager.rules.pack.digest
    waiting = list(manager.calls.values())
    _edit(folder, number)
    begin = time.perf_counter()
    waits = []
    while waiting:
        await asyncio.sleep(0.002)
        now = time.perf_counter()
        waits += [now - begin for call in waiting if call.rules.pack.digest != before]
        waiting = [call for call in waiting if call.rules.pack.digest == before]
    return waits


class _Nobody:
    """A link that nobody listens to."""

    def send(self, frame: pb.CollectorFrame) -> None:
        """Send nothing."""

    def close(self, reason: str) -> None:
        """Close nothing."""

    def drop(self, message: str) -> None:
        """Drop nothing."""
