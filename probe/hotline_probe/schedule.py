"""Which source is due when; knows no clock of its own."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from hotline_proto.catalogue import Cost

# The first round gives the cheap sources a head start, so that their facts leave first.
HEAD_START: Mapping[Cost, float] = {"cheap": 0.0, "moderate": 0.1, "expensive": 0.3}
MIN_INTERVAL = 0.1
# Sources fire at multiples of this, so that several share one wake-up of the processor and one frame.
BEAT = 0.5
# Multiples of the golden ratio's fraction fill [0, 1) evenly, however many groups of sources there are.
_GOLDEN = (math.sqrt(5) - 1) / 2


@dataclass(frozen=True, slots=True)
class _Share:
    """The `rank`th of `size` sources with one interval; `offset` < 1 sets the group off from others."""

    rank: int = 0
    size: int = 1
    offset: float = 0.0

    def of(self, beats: int) -> int:
        """Return which of so many beats is this one's: as many as there are beats each have another."""
        return (self.rank * beats // self.size + int(self.offset * beats)) % beats


@dataclass(slots=True)
class _Entry:
    order: tuple[float, int]
    stretchable: bool
    share: _Share = _Share()
    interval: float = 0.0
    next: float | None = None
    last: float | None = None
    running: bool = False
    requested: bool = False


class Schedule:
    """Decides what runs next.

    `sources` are names with their cost, the most telling first. Times are seconds on any one clock that
    does not go back. The second run of a source comes between a half and a whole interval after its
    first, spread over the beats of the clock, so that they neither all fire in the same moment afterwards
    nor each wake the machine for itself. Intervals of less than two beats may miss them.
    """

    def __init__(self, sources: Sequence[tuple[str, Cost]]) -> None:
        self._entries = {
            name: _Entry((HEAD_START[cost], place), cost != "cheap")
            for place, (name, cost) in enumerate(sources)
        }
        self._factor = 1.0

    def plan(self, intervals: Mapping[str, float]) -> None:
        """Run these every so many seconds from now on, and no others; 0 means only on demand.

        Raises:
            KeyError: there is no such source.
            ValueError: an interval is negative or not finite.
        """
        for name, interval in intervals.items():
            if not (math.isfinite(interval) and interval >= 0):
                raise ValueError(f"interval of {name} must be a number of seconds, not {interval}")
            if name not in self._entries:
                raise KeyError(name)
        for name, entry in self._entries.items():
            wanted = intervals.get(name, 0.0)
            self._set_interval(entry, max(wanted, MIN_INTERVAL) if wanted else 0.0)
        self._share_out()

    def stretch(self, factor: float) -> None:
        """Multiply the intervals of sources that are not cheap; 1 restores them."""
        if factor == self._factor:
            return
        self._factor = factor
        for entry in self._entries.values():
            if entry.stretchable and entry.interval and entry.last is not None:
                entry.next = entry.last + self._length(entry)

    def request(self, names: Iterable[str]) -> None:
        """Run these as soon as possible, or once more when they run already.

        Raises:
            KeyError: there is no such source.
        """
        for name in names:
            self._entries[name].requested = True

    def due(self, now: float) -> list[str]:
        """Return what must start now, in order; each counts as running until `finished`."""
        for entry in self._entries.values():
            if entry.interval and entry.next is None:
                entry.next = now + entry.order[0]
        ready = [(entry.order, name) for name, entry in self._entries.items() if _is_ready(entry, now)]
        names = [name for _, name in sorted(ready)]
        for name in names:
            self._start(self._entries[name], now)
        return names

    def finished(self, name: str) -> None:
        """Allow a source to run again."""
        self._entries[name].running = False

    def next_due(self, now: float) -> float | None:
        """Return when `due` will have something to start, None if that depends on a request or an end."""
        times = [time for entry in self._entries.values() if (time := _ready_at(entry, now)) is not None]
        return min(times, default=None)

    @property
    def running(self) -> Collection[str]:
        """The sources that were started and have not finished."""
        return [name for name, entry in self._entries.items() if entry.running]

    def _length(self, entry: _Entry) -> float:
        return entry.interval * (self._factor if entry.stretchable else 1.0)

    def _set_interval(self, entry: _Entry, interval: float) -> None:
        if interval == entry.interval:
            return
        entry.interval = interval
        entry.next = entry.last + self._length(entry) if interval and entry.last is not None else None

    def _share_out(self) -> None:
        groups: dict[float, list[_Entry]] = {}
        for entry in self._entries.values():
            groups.setdefault(entry.interval, []).append(entry)
        for group in groups.values():
            offset = group[0].order[1] * _GOLDEN % 1
            for rank, entry in enumerate(group):
                entry.share = _Share(rank, len(group), offset)

    def _start(self, entry: _Entry, now: float) -> None:
        first, entry.last = entry.last is None, now
        entry.running, entry.requested = True, False
        length = self._length(entry)
        if not length:
            return
        if first or entry.next is None:
            entry.next = _second_turn(now, length, entry.share)
            return
        # Missed turns are skipped, and a turn right after a requested run would only measure noise.
        turns = math.ceil((now + length / 2 - entry.next) / length)
        entry.next += max(turns, 0) * length


def _second_turn(now: float, length: float, share: _Share) -> float:
    earliest, latest = math.ceil((now + length / 2) / BEAT), math.floor((now + length) / BEAT)
    if earliest > latest:
        return now + length
    return (latest - share.of(latest - earliest + 1)) * BEAT


def _ready_at(entry: _Entry, now: float) -> float | None:
    if entry.running:
        return None
    if entry.requested:
        return now
    if not entry.interval:
        return None
    return now if entry.next is None else max(entry.next, now)


def _is_ready(entry: _Entry, now: float) -> bool:
    at = _ready_at(entry, now)
    return at is not None and at <= now
