"""The days that figures are asked for, and how they are cut into steps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from hotline_collector.calls.errors import invalid

DEFAULT_DAYS = 30
MAX_DAYS = 366
# A chart has at most that many steps: days, then weeks, then blocks of four weeks.
_MAX_STEPS = 31
_STEPS = (1, 7, 28)


@dataclass(frozen=True, slots=True)
class Period:
    """Some UTC days, the last one included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1

    @property
    def begin_us(self) -> int:
        """When it begins, in microseconds since the epoch."""
        return _midnight(self.first)

    @property
    def end_us(self) -> int:
        """When it is over."""
        return _midnight(self.last + timedelta(days=1))

    def steps(self) -> list[tuple[str, str]]:
        """Return first and last day of each step, as YYYY-MM-DD; only the last may be shorter."""
        size = next(size for size in _STEPS if self.days <= size * _MAX_STEPS)
        out = []
        for offset in range(0, self.days, size):
            first = self.first + timedelta(days=offset)
            last = min(first + timedelta(days=size - 1), self.last)
            out.append((first.isoformat(), last.isoformat()))
        return out


def period_of(days: int, first: str, last: str, now_us: int) -> Period:
    """Return the days that were asked for: the last `days` up to today, or from a first to a last.

    Raises:
        CallError: both or half of it was given, a day is none, or there are too many or no days.
    """
    if first or last:
        if days:
            raise invalid("ask for a number of days, or for a first and a last day, not for both")
        period = Period(_day(first, "first"), _day(last, "last"))
    else:
        today = datetime.fromtimestamp(now_us / 1e6, UTC).date()
        if not 0 <= days <= MAX_DAYS:
            raise invalid(f"figures are told of 1 to {MAX_DAYS} days, not of {days}")
        period = Period(today - timedelta(days=(days or DEFAULT_DAYS) - 1), today)
    if not 1 <= period.days <= MAX_DAYS:
        raise invalid(
            f"figures are told of 1 to {MAX_DAYS} days; {period.first} to {period.last} are {period.days}"
        )
    return period


def _day(text: str, which: str) -> date:
    try:
        # fromisoformat takes other ISO forms too, and a year of 1 would underflow.
        day = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).date()
    except ValueError:
        raise invalid(f"the {which} day is written YYYY-MM-DD, not {text[:20]!r}") from None
    if not 2000 <= day.year <= 2200:
        raise invalid(f"the {which} day {text[:20]!r} is not between 2000 and 2200")
    return day


def _midnight(day: date) -> int:
    return round(datetime.combine(day, time(), UTC).timestamp() * 1e6)
