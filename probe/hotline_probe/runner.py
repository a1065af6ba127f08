"""Runs the sources: times, isolates and reports each of them.

A few worker threads take turns with the sources; one that hangs keeps its thread, and another takes its
place, so that it delays no other source. A scheduler thread decides who runs and notices who takes too
long. All threads are daemons: nothing waits for a source.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from hotline_proto.catalogue import Catalogue, SourceSpec, load_wordless_catalogue
from hotline_proto.facts import NetworkPath, SourceRun, SourceStatus

from hotline_probe.allocator import save_memory
from hotline_probe.cpushare import CpuShare
from hotline_probe.errors import Denied, MissingTool, Unsupported
from hotline_probe.machine import Machine, monotonic
from hotline_probe.schedule import Schedule
from hotline_probe.source import Context, Source
from hotline_probe.vetting import MAX_NOTE, Vetting, clean
from hotline_probe.workers import Workers

log = logging.getLogger(__name__)

STOP_PATIENCE = 1.0


class PathTracker(Protocol):
    """Tells the network path in use."""

    def current(self, machine: Machine) -> NetworkPath | None:
        """Return the path, None if there is none."""
        ...


@dataclass(slots=True)
class _Duty:
    """One source and its present run.

    `started` is None between runs; `settled` says that the run was reported, or is just being reported.
    """

    source: Source
    spec: SourceSpec
    started: float | None = None
    settled: bool = True


class Runner:
    """Runs sources as planned and on request.

    `on_run` hears every run, from many threads but never two at once, and must return at once; after
    `stop` it hears nothing. A source that outlives its timeout is reported once, its late result is
    dropped, and it is not started again before its thread returns.
    """

    def __init__(
        self,
        sources: Sequence[Source],
        context: Context,
        path_tracker: PathTracker,
        on_run: Callable[[SourceRun], None],
        catalogue: Catalogue | None = None,
    ) -> None:
        self._catalogue = catalogue or load_wordless_catalogue()
        self._context = context
        self._path_tracker = path_tracker
        self._on_run = on_run
        specs = self._catalogue.sources
        self._duties = {source.name: _Duty(source, specs[source.name]) for source in sources}
        self._schedule = Schedule([(name, specs[name].cost) for name in self._duties])
        self._workers = Workers(self._work, len(self._duties))
        self._cpu = CpuShare()
        self._changed = threading.Condition()
        # Taken before `_changed`, never after it; reentrant because `on_run` may call `stop`.
        self._delivery = threading.RLock()
        self._stopped = False
        self._scheduler: threading.Thread | None = None
        self._waking = -math.inf

    @property
    def cpu_seconds(self) -> float:
        """Processor time that all finished runs took."""
        return self._cpu.total

    def plan(self, intervals: Mapping[str, float]) -> None:
        """Run these every so many seconds from now on, and no others; 0 means only on demand.

        Names that are not here are ignored: another version of the probe may have them.

        Raises:
            ValueError: an interval is negative or not finite.
        """
        with self._changed:
            self._schedule.plan({name: s for name, s in intervals.items() if name in self._duties})
            self._changed.notify_all()

    def run_now(self, names: Sequence[str]) -> None:
        """Run these once, at once; one that runs already runs once more. Unknown names are ignored."""
        with self._changed:
            self._schedule.request(name for name in names if name in self._duties)
            self._changed.notify_all()

    def start(self) -> None:
        """Begin; calling it again changes nothing."""
        with self._changed:
            if self._scheduler is None and not self._stopped:
                save_memory()  # what starting and joining left behind; the threads come now
                self._scheduler = threading.Thread(target=self._decide, name="scheduler", daemon=True)
                self._scheduler.start()

    def stop(self) -> None:
        """End without waiting for sources that still run."""
        with self._delivery, self._changed:
            self._stopped = True
            self._changed.notify_all()
            self._workers.end()
        scheduler = self._scheduler
        if scheduler is not None and scheduler is not threading.current_thread():
            scheduler.join(STOP_PATIENCE)

    # The scheduler's thread.

    def _decide(self) -> None:
        while True:
            for duty, started in self._late():
                self._report_timeout(duty, started)
            with self._changed:
                if self._stopped:
                    return
                self._start_due(monotonic())

    def _start_due(self, now: float) -> None:
        self._cpu.look(now)
        self._schedule.stretch(self._cpu.factor)
        for name in self._schedule.due(now):
            duty = self._duties[name]
            duty.started, duty.settled = now, False
            self._workers.submit(duty, now)
        self._workers.relieve(now)
        self._waking = self._wake_at(now)
        self._changed.wait(None if self._waking == math.inf else max(0.0, self._waking - monotonic()))

    def _wake_at(self, now: float) -> float:
        ends = [end for duty in self._duties.values() if (end := _deadline(duty)) is not None]
        others = (self._schedule.next_due(now), self._workers.relief_due())
        return min([*ends, *(at for at in others if at is not None)], default=math.inf)

    def _late(self) -> list[tuple[_Duty, float]]:
        now, found = monotonic(), []
        with self._changed:
            for duty in self._duties.values():
                end = _deadline(duty)
                if end is not None and end <= now:
                    duty.settled = True
                    found.append((duty, end - duty.spec.timeout))
        return found

    def _report_timeout(self, duty: _Duty, started: float) -> None:
        note = f"no end within {duty.spec.timeout:g} s"
        duration = monotonic() - started
        self._deliver(SourceRun(duty.spec.name, SourceStatus.TIMEOUT, started, duration, note=note))

    def _deliver(self, run: SourceRun) -> None:
        with self._delivery:
            if self._stopped:
                return
            try:
                self._on_run(run)
            except Exception:
                log.exception("a run of %s could not be handed on", run.source)

    # The workers' threads.

    def _work(self, duty: _Duty) -> None:
        before = time.thread_time()
        run = self._run(duty)
        spent = time.thread_time() - before
        with self._changed:
            in_time = not duty.settled
            duty.settled = True
            self._cpu.spend(monotonic(), spent)
        if in_time:
            self._deliver(run)
        with self._changed:
            duty.started = None
            self._schedule.finished(duty.spec.name)
            # Waking a thread costs more than a cheap source: only if it would sleep too long.
            if self._wake_at(monotonic()) < self._waking:
                self._changed.notify_all()

    def _run(self, duty: _Duty) -> SourceRun:
        spec, vetting = duty.spec, Vetting(self._catalogue, duty.spec.name)
        started, failure = monotonic(), None
        path = self._path(spec)
        try:
            for fact in duty.source.read(self._context):
                vetting.admit(fact)
                if duty.settled:
                    break
        except BaseException as error:  # not even SystemExit may end a worker
            failure = error
        duration = monotonic() - started
        if self._path(spec) != path:
            # Half of it was measured on one path, half on another: it is true of neither.
            return SourceRun(spec.name, SourceStatus.FAILED, started, duration, (), None, _PATH_CHANGED)
        status, note = _outcome(failure, vetting)
        return SourceRun(spec.name, status, started, duration, vetting.facts, path, note)

    def _path(self, spec: SourceSpec) -> NetworkPath | None:
        if not spec.path:
            return None
        try:
            return self._path_tracker.current(self._context.machine)
        except Exception as error:
            log.info("the network path cannot be told: %s", error)
            return None


_PATH_CHANGED = "the network path changed while it was measured"


def _deadline(duty: _Duty) -> float | None:
    if duty.started is None or duty.settled:
        return None
    return duty.started + duty.spec.timeout


def _outcome(failure: BaseException | None, vetting: Vetting) -> tuple[SourceStatus, str]:
    if failure is None:
        return (SourceStatus.PARTIAL, vetting.note) if vetting.note else (SourceStatus.OK, "")
    note = _describe(failure)
    if vetting.facts:
        return SourceStatus.PARTIAL, note
    match failure:
        case Unsupported() | MissingTool():
            return SourceStatus.UNSUPPORTED, note
        case Denied():
            return SourceStatus.PERMISSION, note
    return SourceStatus.FAILED, note


def _describe(failure: BaseException) -> str:
    try:
        message = str(failure)
    except Exception:
        message = "its message cannot be read"
    return clean(f"{type(failure).__name__}: {message}".rstrip(": "), MAX_NOTE)
