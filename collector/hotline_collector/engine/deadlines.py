"""When the engine has to look again by itself: holds, stale facts, windows, proofs."""

from __future__ import annotations

import heapq
from collections.abc import Callable

from hotline_collector.engine.cells import SourceCell
from hotline_collector.engine.network import Network
from hotline_collector.engine.windows import Tracker

# Takes a time and what is to be done then.
Schedule = Callable[[int, Callable[[int], None]], None]


class Deadlines:
    """What is due when; what is due at the same time is done in the order in which it was planned.

    `make_stale` is called with a source whose facts are too old to be believed.
    """

    def __init__(self, make_stale: Callable[[SourceCell], None]) -> None:
        self._make_stale = make_stale
        self._waiting: list[tuple[int, int, Callable[[int], None]]] = []
        self._ticket = 0

    def at(self, due: int, action: Callable[[int], None]) -> None:
        """Plan an action, which will be told the time at which it is done."""
        self._ticket += 1
        heapq.heappush(self._waiting, (due, self._ticket, action))

    def pass_by(self, now: int) -> None:
        """Do everything that is due."""
        while self._waiting and self._waiting[0][0] <= now:
            heapq.heappop(self._waiting)[2](now)

    def next(self) -> int | None:
        """Return when something is due next, None if never."""
        return self._waiting[0][0] if self._waiting else None

    def expire(self, source: SourceCell) -> None:
        """Make the facts of a source stale in time; one deadline a source, moved on as it fires."""
        if source.watched or not source.fresh:
            return
        source.watched = True

        def check(now: int) -> None:
            due = source.ran + source.fresh
            if now < due:
                self.at(due, check)
                return
            source.watched = False
            self._make_stale(source)

        self.at(source.ran + source.fresh, check)

    def follow_windows(self, network: Network) -> None:
        """Plan a look at the windows that time alone will change."""
        timed, network.timed = network.timed, []
        for due, tracker in timed:
            if tracker.due and tracker.due <= due:
                continue
            tracker.due = due

            def look(now: int, tracker: Tracker = tracker) -> None:
                tracker.due = 0
                network.track(tracker, now)

            self.at(due, look)
