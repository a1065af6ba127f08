"""How fast one token may ask: a bucket that fills up at a steady rate."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

_REMEMBERED = 10_000


class Rates:
    """Token buckets by key; one holds `burst` requests and gains `per_second` of them a second."""

    def __init__(self, per_second: float, burst: int, now: Callable[[], float] = time.monotonic) -> None:
        self._per_second = per_second
        self._burst = float(burst)
        self._now = now
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, key: str) -> float:
        """Take one request out and return 0, or the seconds until there is one."""
        now = self._now()
        level, at = self._levels.pop(key, (self._burst, now))
        level = min(self._burst, level + (now - at) * self._per_second)
        lacking = max(0.0, 1.0 - level)
        self._levels[key] = (level if lacking else level - 1.0, now)
        if len(self._levels) > _REMEMBERED:
            self._levels.popitem(last=False)
        return lacking / self._per_second
