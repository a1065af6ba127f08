"""Functions of a fact over time: rate, avg, min, max, changed, count, age, known.

A tracker follows one fact of one scope and tells the value of one function over one window. A window that
is not covered by samples yet is unknown, never assumed.
"""

from __future__ import annotations

from collections import deque
from typing import Any

from hotline_collector.engine.cel.tree import VarKey
from hotline_collector.engine.cel.values import UNKNOWN
from hotline_collector.engine.cells import NEVER, Cell

MAX_SAMPLES = 20_000
MAX_EVENTS = 5_000
_AGGREGATES = ("avg", "min", "max")


class Tracker:
    """Follows `source` for the function and window of `key`; `target` is the cell that holds the result.

    A new sample costs the same however long the window is: sums, extremes and changes are kept up to date
    as samples come and go.
    """

    __slots__ = ("changes", "due", "events", "extremes", "key", "samples", "source", "sum", "target")

    def __init__(self, key: VarKey, source: Cell, target: Cell) -> None:
        self.key = key
        self.source = source
        self.target = target
        # When the engine will look at it again because of time alone, 0 if it will not.
        self.due = 0
        self.samples: deque[tuple[int, Any]] = deque(maxlen=MAX_SAMPLES)
        self.events: deque[int] = deque(maxlen=MAX_EVENTS)
        # Times at which the value differed from the sample before.
        self.changes: deque[int] = deque(maxlen=MAX_SAMPLES)
        # Candidates for min or max, best first: each is worse and newer than the one before it.
        self.extremes: deque[tuple[int, Any]] = deque()
        self.sum = 0.0

    def sample(self) -> None:
        """Take the fact's value as measured by the newest run; an unknown value breaks the window."""
        cell = self.source
        if cell.reason is not None:
            self._clear()
            return
        at, value = cell.measured_at, cell.value
        samples = self.samples
        if samples:
            last_at, last = samples[-1]
            if at <= last_at:
                return
            if value != last:
                if self.key.function == "rate" and value < last:
                    # A counter that falls was reset, by a reboot or a reloaded driver.
                    self._clear()
                else:
                    self.changes.append(at)
        samples.append((at, value))
        if self.key.function in _AGGREGATES:
            self._add(at, value)
        start = at - self.key.window
        # One sample at or before the start stays: it proves that the window is covered.
        while len(samples) > 1 and samples[1][0] <= start:
            _, gone = samples.popleft()
            if self.key.function == "avg":
                self.sum -= gone

    def _add(self, at: int, value: Any) -> None:
        if self.key.function == "avg":
            self.sum += value
            return
        extremes, smallest = self.extremes, self.key.function == "min"
        while extremes and (value <= extremes[-1][1] if smallest else value >= extremes[-1][1]):
            extremes.pop()
        extremes.append((at, value))

    def _clear(self) -> None:
        self.samples.clear()
        self.changes.clear()
        self.extremes.clear()
        self.sum = 0.0

    def event(self, at: int) -> None:
        """Note an event of a log fact."""
        if self.events and at < self.events[-1]:
            self.events = deque(sorted([*self.events, at]), maxlen=MAX_EVENTS)
        else:
            self.events.append(at)

    def value(self, now: int, since: int = NEVER) -> Any:
        """Return the function's value, or UNKNOWN.

        With `since` only what was measured from then on counts, and the window need not be covered: that is
        how a verification looks at facts after a fix.
        """
        match self.key.function:
            case "known":
                return self.source.live is not UNKNOWN
            case "age":
                return (now - self.source.measured_at) / 1e6 if self.source.reason is None else UNKNOWN
            case "count":
                return self._count(now, since)
            case _:
                return self._over_samples(since)

    def next_change(self, now: int) -> int | None:
        """Return when time alone may change the value, None if never."""
        if self.key.function == "count" and self.events:
            return self.events[0] + self.key.window + 1
        if self.key.function == "age" and self.source.reason is None and self.target.plan:
            age = (now - self.source.measured_at) / 1e6
            ahead = [cut for cut in self.target.plan.cuts if cut >= age]
            return self.source.measured_at + round(ahead[0] * 1e6) + 1 if ahead else None
        return None

    def _count(self, now: int, since: int) -> Any:
        start = max(now - self.key.window, since)
        while self.events and self.events[0] < now - self.key.window:
            self.events.popleft()
        source = self.source.source
        unread = self.source.reason is not None or source.ran == NEVER or not source.usable
        if unread or (since and source.ran < since):
            return UNKNOWN
        return sum(1 for at in self.events if at >= start)

    def _over_samples(self, since: int) -> Any:
        if self.source.live is UNKNOWN or not self.samples:
            return UNKNOWN
        if since:
            return self._since(since)
        first_at, first = self.samples[0]
        last_at, last = self.samples[-1]
        start = last_at - self.key.window
        function = self.key.function
        while self.changes and self.changes[0] <= start:
            self.changes.popleft()
        if function == "changed" and self.changes:
            return True
        if last_at - first_at < self.key.window:
            return UNKNOWN
        match function:
            case "changed":
                return False
            case "rate":
                return (last - first) / ((last_at - first_at) / 1e6)
            case "avg":
                return self.sum / len(self.samples)
            case _:
                while len(self.extremes) > 1 and self.extremes[0][0] < start:
                    self.extremes.popleft()
                return float(self.extremes[0][1])

    def _since(self, since: int) -> Any:
        """Return the function over the samples since a fix; they are few."""
        samples = [sample for sample in self.samples if sample[0] >= since]
        if not samples or (self.key.function == "rate" and len(samples) < 2):
            return UNKNOWN
        values = [value for _, value in samples]
        match self.key.function:
            case "changed":
                return any(value != values[0] for value in values)
            case "rate":
                return (values[-1] - values[0]) / ((samples[-1][0] - samples[0][0]) / 1e6)
            case "avg":
                return float(sum(values)) / len(values)
            case "min":
                return float(min(values))
            case _:
                return float(max(values))
