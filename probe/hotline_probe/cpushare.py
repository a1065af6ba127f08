"""Keeps the probe from being the fault: its sources' share of the processor, and what to do about it."""

from __future__ import annotations

from collections import deque

WINDOW = 60.0
# Of one core. Half of the limit must be left before the pace is restored, or it would swing.
LIMIT = 0.05
RELAXED = LIMIT / 2
STRETCH = 2.0


class CpuShare:
    """Sums the processor time of runs over the last minute.

    `factor` is what the intervals of costly sources are to be multiplied by.
    """

    def __init__(self) -> None:
        self._spent: deque[tuple[float, float]] = deque()
        self._sum = 0.0
        self.total = 0.0
        self.factor = 1.0

    def spend(self, now: float, seconds: float) -> None:
        """Count the processor time of a run that ended `now`."""
        self._spent.append((now, seconds))
        self._sum += seconds
        self.total += seconds
        self.look(now)

    def look(self, now: float) -> None:
        """Forget what is older than a minute and set the pace."""
        while self._spent and self._spent[0][0] <= now - WINDOW:
            self._sum -= self._spent.popleft()[1]
        share = self._sum / WINDOW
        if share > LIMIT:
            self.factor = STRETCH
        elif share < RELAXED:
            self.factor = 1.0
