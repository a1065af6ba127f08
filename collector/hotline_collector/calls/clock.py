"""Time for all calls: one steady clock and one task that tells each call when something is due."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import logging
import time
from typing import Protocol

_log = logging.getLogger(__name__)


class SteadyClock:
    """Microseconds since the epoch that never run backwards while the process lives."""

    __slots__ = ("_base",)

    def __init__(self) -> None:
        self._base = time.time_ns() - time.monotonic_ns()

    def now(self) -> int:
        """Return the collector's time."""
        return (self._base + time.monotonic_ns()) // 1000

    def not_before(self, at: int) -> None:
        """Go on from `at` if the system's clock was set back behind it since an earlier run."""
        self._base += max(0, at - self.now()) * 1000


class Due(Protocol):
    """Something that wants to be told when time has come; `scheduled` belongs to the clock."""

    scheduled: int

    def deadline(self) -> int | None:
        """Return when it must be told next."""
        ...

    def tick(self, now: int) -> None:
        """Act on everything that is due."""
        ...


class DeadlineClock:
    """Calls `tick` of many at their deadlines, with one heap and one task.

    Deadlines that move away are not touched: the entry in the heap wakes up early, looks again and goes
    to sleep until the true one. So a deadline that every frame pushes back costs a comparison.
    """

    def __init__(self, clock: SteadyClock) -> None:
        self._clock = clock
        self._heap: list[tuple[int, int, Due]] = []
        self._order = itertools.count()
        self._wake = asyncio.Event()

    def watch(self, item: Due) -> None:
        """Make sure that an item is told at its deadline; call it after every change."""
        due = item.deadline()
        if due is None or (item.scheduled and item.scheduled <= due):
            return
        item.scheduled = due
        heapq.heappush(self._heap, (due, next(self._order), item))
        if self._heap[0][2] is item:
            self._wake.set()

    def fire(self, now: int) -> None:
        """Tell everyone whose deadline has come, each once."""
        due: list[Due] = []
        while self._heap and self._heap[0][0] <= now:
            at, _, item = heapq.heappop(self._heap)
            if item.scheduled == at:
                item.scheduled = 0
                due.append(item)
        for item in due:
            self._tick(item, now)
            self.watch(item)

    def _tick(self, item: Due, now: int) -> None:
        at = item.deadline()
        if at is None or at > now:
            return
        try:
            item.tick(now)
        except Exception:
            # One call that fails must not stop the time of all others.
            _log.exception("a deadline could not be served")

    async def run(self) -> None:
        """Fire until cancelled."""
        while True:
            self._wake.clear()
            now = self._clock.now()
            self.fire(now)
            wait = (self._heap[0][0] - self._clock.now()) / 1e6 if self._heap else None
            if wait is not None and wait <= 0:
                # A deadline that its own tick does not move must not starve the loop.
                await asyncio.sleep(0.01)
                continue
            try:
                await asyncio.wait_for(self._wake.wait(), wait)
            except TimeoutError:
                continue
