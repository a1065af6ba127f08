"""The runner with sources that behave and sources that do not, in real threads."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from types import MappingProxyType

import pytest
from hotline_probe import workers
from hotline_probe.errors import Denied, MissingTool, SourceFailed, Unsupported
from hotline_probe.machine import LocalMachine, Machine
from hotline_probe.runner import Runner
from hotline_probe.source import Context, Source
from hotline_proto.catalogue import Catalogue, load_catalogue
from hotline_proto.facts import Fact, NetworkPath, SourceRun, SourceStatus, UnknownReason

PATIENCE = 20.0
WIFI = NetworkPath("wlan0", "gw-1")
PHONE = NetworkPath("wlan0", "gw-2")


class Scripted:
    """A source that does what a function says."""

    def __init__(self, name: str, work: Callable[[], Iterator[Fact]]) -> None:
        self.name = name
        self._work = work

    def read(self, context: Context) -> Iterator[Fact]:  # noqa: ARG002
        return self._work()


class Tracker:
    """Tells prepared paths, then the last one for ever."""

    def __init__(self, *paths: NetworkPath | None) -> None:
        self._paths = list(paths)
        self.asked = 0

    def current(self, machine: Machine) -> NetworkPath | None:  # noqa: ARG002
        self.asked += 1
        return self._paths.pop(0) if len(self._paths) > 1 else self._paths[0]


@dataclass
class Running:
    runner: Runner
    runs: queue.Queue[SourceRun]

    def next(self) -> SourceRun:
        return self.runs.get(timeout=PATIENCE)

    def once(self, name: str) -> SourceRun:
        self.runner.run_now([name])
        return self.next()


@contextmanager
def running(
    *sources: Source, tracker: Tracker | None = None, catalogue: Catalogue | None = None
) -> Iterator[Running]:
    runs: queue.Queue[SourceRun] = queue.Queue()
    runner = Runner(sources, Context(LocalMachine()), tracker or Tracker(None), runs.put, catalogue)
    runner.start()
    try:
        yield Running(runner, runs)
    finally:
        runner.stop()


def quick(timeout: float, *names: str) -> Catalogue:
    """The real catalogue with shorter timeouts."""
    real = load_catalogue()
    changed = {name: replace(real.sources[name], timeout=timeout) for name in names}
    return Catalogue(
        MappingProxyType({**real.sources, **changed}), real.entities, real.facts, real.actions, real.digest
    )


def uptime(value: object = 7.0) -> Fact:
    return Fact("system.uptime", value)  # type: ignore[arg-type]


def says(*facts: object, then: BaseException | None = None) -> Callable[[], Iterator[Fact]]:
    def work() -> Iterator[Fact]:
        yield from facts  # type: ignore[misc]
        if then is not None:
            raise then

    return work


@pytest.mark.parametrize(
    ("work", "status", "count", "note"),
    [
        (says(uptime()), SourceStatus.OK, 1, ""),
        (says(), SourceStatus.OK, 0, ""),
        (says(uptime(UnknownReason.UNSUPPORTED)), SourceStatus.OK, 1, ""),
        (says(uptime(UnknownReason.PENDING)), SourceStatus.OK, 1, ""),
        (says(uptime(UnknownReason.PERMISSION)), SourceStatus.PARTIAL, 1, "unknown: permission"),
        (says(uptime(), then=OSError("gone")), SourceStatus.PARTIAL, 1, "OSError: gone"),
        (says(uptime(), then=Denied("no")), SourceStatus.PARTIAL, 1, "Denied: no"),
        (says(then=ValueError("x" * 999)), SourceStatus.FAILED, 0, "ValueError: " + "x" * 187 + "…"),
        (says(then=SourceFailed("odd\x1b[31m")), SourceStatus.FAILED, 0, "SourceFailed: odd[31m"),
        (says(then=SystemExit(3)), SourceStatus.FAILED, 0, "SystemExit: 3"),
        (says(then=Unsupported("none here")), SourceStatus.UNSUPPORTED, 0, "Unsupported: none here"),
        (says(then=MissingTool("ip")), SourceStatus.UNSUPPORTED, 0, "MissingTool: ip"),
        (says(then=Denied("root only")), SourceStatus.PERMISSION, 0, "Denied: root only"),
    ],
)
def test_status(work: Callable[[], Iterator[Fact]], status: SourceStatus, count: int, note: str) -> None:
    with running(Scripted("host", work)) as it:
        run = it.once("host")
    assert (run.source, run.status, len(run.facts), run.note) == ("host", status, count, note)
    assert run.duration >= 0 and run.started > 0


def test_a_source_that_is_no_iterator_fails_alone() -> None:
    with running(Scripted("host", lambda: None), Scripted("cpu", says())) as it:  # type: ignore[arg-type,return-value]
        assert it.once("host").status is SourceStatus.FAILED
        assert it.once("cpu").status is SourceStatus.OK
        assert it.once("host").status is SourceStatus.FAILED


def test_a_hanging_source_is_reported_once_and_delays_nobody() -> None:
    release, entered = threading.Event(), threading.Event()
    starts: list[int] = []

    def hang() -> Iterator[Fact]:
        starts.append(1)
        entered.set()
        release.wait(PATIENCE)
        yield uptime()

    sources = (Scripted("host", hang), Scripted("cpu", says()))
    with running(*sources, catalogue=quick(0.05, "host")) as it:
        it.runner.run_now(["host"])
        assert entered.wait(PATIENCE)
        timeout = it.next()
        assert (timeout.source, timeout.status) == ("host", SourceStatus.TIMEOUT)
        assert timeout.duration >= 0.05
        it.runner.run_now(["host"])
        for _ in range(20):
            assert it.once("cpu").status is SourceStatus.OK
        assert len(starts) == 1
        release.set()
        after = it.next()
        # The late result is dropped; the request made meanwhile is served now.
        assert (after.status, len(starts)) == (SourceStatus.OK, 2)
        assert it.runs.empty()


def test_sources_that_hang_all_at_once_delay_nobody() -> None:
    release = threading.Event()

    def hang() -> Iterator[Fact]:
        release.wait(PATIENCE)
        yield uptime()

    names = ("host", "memory", "disks", "routes", "addresses", "resolvers")
    with running(*(Scripted(name, hang) for name in names), Scripted("cpu", says())) as it:
        it.runner.run_now(names)
        for _ in range(5):
            assert it.once("cpu").source == "cpu"
        release.set()
        assert {it.next().source for _ in names} == set(names)


def test_few_threads_do_the_work_of_many_sources(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "PATIENCE", PATIENCE)
    used: set[int] = set()

    def note() -> Iterator[Fact]:
        used.add(threading.get_ident())
        yield uptime()

    names = ("host", "memory", "disks", "routes", "addresses", "resolvers")
    with running(*(Scripted(name, note) for name in names)) as it:
        for _ in range(5):
            it.runner.run_now(names)
            for _ in names:
                it.next()
    assert 1 <= len(used) <= workers.USUAL


def test_an_endless_source_is_cut_off_at_its_timeout() -> None:
    def endless() -> Iterator[Fact]:
        while True:
            time.sleep(0.001)
            yield uptime()

    with running(Scripted("host", endless), catalogue=quick(0.05, "host")) as it:
        assert it.once("host").status is SourceStatus.TIMEOUT
        assert it.once("host").status is SourceStatus.TIMEOUT


def test_stop_does_not_wait_and_nothing_is_heard_afterwards() -> None:
    release, entered = threading.Event(), threading.Event()
    ended = threading.Event()

    def hang() -> Iterator[Fact]:
        entered.set()
        release.wait(PATIENCE)
        yield uptime()
        ended.set()

    with running(Scripted("host", hang)) as it:
        it.runner.run_now(["host"])
        assert entered.wait(PATIENCE)
        before = time.monotonic()
        it.runner.stop()
        assert time.monotonic() - before < 5
        release.set()
        assert ended.wait(PATIENCE)
        for thread in threading.enumerate():
            if thread.name == "source":
                thread.join(PATIENCE)
        it.runner.run_now(["host"])
        it.runner.start()
        assert it.runs.empty()


def test_it_can_be_stopped_from_the_receiver() -> None:
    stopped = threading.Event()

    def receive(run: SourceRun) -> None:
        runner.stop()
        stopped.set()

    runner = Runner([Scripted("host", says())], Context(LocalMachine()), Tracker(None), receive)
    runner.start()
    runner.run_now(["host"])
    assert stopped.wait(PATIENCE)


def test_a_receiver_that_raises_does_not_end_the_worker() -> None:
    heard: queue.Queue[SourceRun] = queue.Queue()

    def receive(run: SourceRun) -> None:
        heard.put(run)
        raise RuntimeError("no room")

    runner = Runner([Scripted("host", says())], Context(LocalMachine()), Tracker(None), receive)
    runner.start()
    for _ in range(3):
        runner.run_now(["host"])
        heard.get(timeout=PATIENCE)
    runner.stop()


def test_the_plan_repeats_and_unknown_names_are_ignored() -> None:
    with running(Scripted("host", says()), Scripted("cpu", says())) as it:
        it.runner.plan({"cpu": 0.1, "no such source": 1.0})
        it.runner.run_now(["no such source"])
        assert [it.next().source for _ in range(3)] == ["cpu"] * 3


def test_requests_made_before_the_start_are_kept() -> None:
    runs: queue.Queue[SourceRun] = queue.Queue()
    runner = Runner([Scripted("host", says())], Context(LocalMachine()), Tracker(None), runs.put)
    runner.plan({})
    runner.run_now(["host"])
    runner.start()
    assert runs.get(timeout=PATIENCE).source == "host"
    runner.stop()


@pytest.mark.parametrize(
    ("paths", "expected"),
    [((WIFI,), WIFI), ((WIFI, PHONE), None), ((None, WIFI), None), ((WIFI, None), None), ((None,), None)],
)
def test_the_path_counts_only_if_it_did_not_change(
    paths: Sequence[NetworkPath | None], expected: NetworkPath | None
) -> None:
    with running(Scripted("ping", says()), tracker=Tracker(*paths)) as it:
        run = it.once("ping")
        assert run.path == expected
        kept = len(set(paths)) == 1
        assert run.status is (SourceStatus.OK if kept else SourceStatus.FAILED)


def test_the_path_is_not_asked_for_by_other_sources_and_may_fail() -> None:
    class Broken(Tracker):
        def current(self, machine: Machine) -> NetworkPath | None:
            super().current(machine)
            raise OSError("no netlink")

    tracker = Broken(None)
    with running(Scripted("host", says()), Scripted("ping", says()), tracker=tracker) as it:
        assert it.once("host").path is None
        assert tracker.asked == 0
        assert it.once("ping").path is None
        assert tracker.asked == 2, "before and after the run"


def test_processor_time_is_measured() -> None:
    def burn() -> Iterator[Fact]:
        end = time.thread_time() + 0.05
        while time.thread_time() < end:
            pass
        yield uptime()

    with running(Scripted("host", burn)) as it:
        it.once("host")
        assert 0.05 <= it.runner.cpu_seconds < 5
