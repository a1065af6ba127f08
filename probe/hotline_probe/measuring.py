"""From runs to frames: coalesces, redacts, encodes and spools what the sources found."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Protocol

from hotline_proto.catalogue import Catalogue
from hotline_proto.facts import Events, Fact, SourceRun
from hotline_proto.wire import ReadingEncoder

from hotline_probe.machine import monotonic
from hotline_probe.spool import Spool

COALESCE = 0.05


class RunRedactor(Protocol):
    """Stands in the way of every value; `personal` lets personal values pass in the clear."""

    personal: bool

    def redact(self, run: SourceRun) -> SourceRun:
        """Return the run as it may leave the machine."""
        ...

    def reveal(self, pseudonym: str) -> str:
        """Return what a pseudonym stands for."""
        ...


class Readings:
    """Collects runs for a moment and puts their frames into the spool.

    `on_spooled` hears which sources are in the frames. The last raw run of every source is kept, so that
    the full state can be sent again when the spool gave up readings or the caller's consent changed.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        redactor: RunRedactor,
        spool: Spool,
        on_spooled: Callable[[list[SourceRun]], None],
    ) -> None:
        self._catalogue = catalogue
        self._redactor = redactor
        self._spool = spool
        self._on_spooled = on_spooled
        self._encoder = ReadingEncoder(catalogue)
        self._waiting: list[SourceRun] = []
        self._latest: dict[str, SourceRun] = {}
        self._announced: set[tuple[str, str]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._stopped = False

    def add(self, run: SourceRun) -> None:
        """Take a run; call it on the event loop."""
        if self._stopped:
            return
        self._waiting.append(run)
        self._schedule()

    def send_again(self) -> None:
        """Send the last run of every source again, as it may be seen now."""
        self._recall()
        self._schedule()

    def catch_up(self) -> None:
        """Send the full state if the spool gave up readings."""
        if self._begin_again():
            self._schedule()

    def stop(self) -> None:
        """Send nothing more."""
        self._stopped = True
        if self._timer is not None:
            self._timer.cancel()

    def local_key(self, kind: str, key: str) -> str | None:
        """Return the real key of an announced entity, None if it was never announced or is gone."""
        if (kind, key) not in self._announced:
            return None
        real = {fact.key for fact in self._facts_of(kind)}
        if key in real:
            return key
        with contextlib.suppress(LookupError):
            revealed = self._redactor.reveal(key)
            return revealed if revealed in real else None
        return None

    def _facts_of(self, kind: str) -> Iterator[Fact]:
        for run in self._latest.values():
            for fact in run.facts:
                if self._catalogue.facts[fact.name].entity == kind:
                    yield fact

    def _begin_again(self) -> bool:
        lost = self._spool.take_lost_readings()
        if lost:
            self._encoder.forget()
            self._recall()
        return lost

    def _recall(self) -> None:
        fresh = {run.source for run in self._waiting}
        old = [_without_events(run) for run in self._latest.values() if run.source not in fresh]
        self._waiting[:0] = old

    def _schedule(self) -> None:
        if self._timer is None and not self._stopped:
            self._timer = asyncio.get_running_loop().call_later(COALESCE, self._flush)

    def _flush(self) -> None:
        self._timer = None
        self._begin_again()
        runs, self._waiting = self._waiting, []
        for run in runs:
            self._latest[run.source] = run
        redacted = [self._redactor.redact(run) for run in runs]
        for run in redacted:
            for fact in run.facts:
                if fact.key:
                    self._announced.add((self._catalogue.facts[fact.name].entity, fact.key))
        for frame in self._encoder.encode(redacted, monotonic()):
            self._spool.append(frame)
            if self._spool.lost_readings:
                break  # the rest refers to names that were given up
        self._on_spooled(runs)


def _without_events(run: SourceRun) -> SourceRun:
    # Events are counted where they arrive; sent twice they would count twice.
    return replace(run, facts=[fact for fact in run.facts if not isinstance(fact.value, Events)])
