"""How the caller's computer did in the last minutes: a small ring of measurements for each call.

Kept in memory only: after a restart of the collector it fills anew.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from hotline_proto.facts import FactValue, UnknownReason

# Sources of the machine run every two seconds at most; three minutes show a trend.
EVERY_US = 2_000_000
KEPT = 90
_OLDEST_MS = 2**32 - 1
Values = Callable[[str], Mapping[str, FactValue]]


@dataclass(frozen=True, slots=True)
class Series:
    """One value over time: the highest or the sum of what `facts` say, or what is missing to 1 (`rest`)."""

    name: str
    unit: str
    facts: tuple[str, ...]
    how: str = "max"


SERIES = (
    Series("cpu", "1", ("system.cpu.utilization",)),
    Series("memory", "1", ("system.memory.available_ratio",), "rest"),
    Series("disk", "1", ("system.disk.utilization",)),
    Series("transfer", "By/s", ("system.disk.read_rate", "system.disk.write_rate"), "sum"),
    Series("load", "{process}", ("system.cpu.load_per_core",)),
)
NOT_COLLECTED = UnknownReason.NOT_COLLECTED.word


class Trends:
    """The last measurements of every series; what is not known is NaN."""

    __slots__ = ("_at", "_values", "due", "number")

    def __init__(self) -> None:
        self._at = array("q")
        self._values = array("f")
        # `due` is when the next measurement may be taken, `number` how many were taken so far.
        self.due = 0
        self.number = 0

    def note(self, now: int, values: Values) -> None:
        """Take a measurement; `now` in µs since the epoch, `values` gives those of a fact by entity."""
        self.due = now + EVERY_US
        self.number += 1
        self._at.append(now)
        self._values.extend(_number(each, values) for each in SERIES)
        if len(self._at) > KEPT:
            del self._at[0]
            del self._values[: len(SERIES)]

    def ages(self, now: int) -> list[int]:
        """Return how old each measurement is, in milliseconds up to 2³²-1, oldest first."""
        return [min(max(0, now - at) // 1000, _OLDEST_MS) for at in self._at]

    def values(self, index: int) -> list[float]:
        """Return the measurements of a series by its place in `SERIES`."""
        return list(self._values[index :: len(SERIES)])


def missing(series: Series, values: Values) -> str:
    """Return why a series is not known now, empty if it is."""
    if _numbers(series, values):
        return ""
    told = (value for fact in series.facts for value in values(fact).values())
    return next((value.word for value in told if isinstance(value, UnknownReason)), NOT_COLLECTED)


def _number(series: Series, values: Values) -> float:
    numbers = _numbers(series, values)
    if not numbers:
        return math.nan
    if series.how == "sum":
        return sum(numbers)
    return 1 - numbers[0] if series.how == "rest" else max(numbers)


def _numbers(series: Series, values: Values) -> list[float]:
    told = (value for fact in series.facts for value in values(fact).values())
    return [value for value in told if isinstance(value, float)]
