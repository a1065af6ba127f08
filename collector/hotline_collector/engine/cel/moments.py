"""Durations and timestamps of CEL: reading, writing, arithmetic and the parts of a date."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import cache
from importlib import resources
from typing import Final
from zoneinfo import ZoneInfo

from hotline_collector.engine.cel.values import INT_MAX, INT_MIN, Duration, EvaluationError, Timestamp

SECOND: Final = 10**9
_UNITS = {"h": 3600 * SECOND, "m": 60 * SECOND, "s": SECOND, "ms": 10**6, "us": 10**3, "ns": 1}
_PART = r"(?:\d+\.?\d*|\.\d+)(?:h|ms|m|s|us|ns)"
_DURATION = re.compile(rf"([+-]?)((?:{_PART})+)", re.ASCII)
_PARTS = re.compile(r"(\d*)\.?(\d*)(h|ms|m|s|us|ns)", re.ASCII)
# google/protobuf/duration.proto: about ten thousand years to both sides.
_DURATION_LIMIT = 315_576_000_000 * SECOND + SECOND - 1
# google/protobuf/timestamp.proto: the years 1 to 9999.
_FIRST, _LAST = -62_135_596_800 * SECOND, 253_402_300_800 * SECOND - 1
_TIMESTAMP = re.compile(
    r"(\d{4,5})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)", re.ASCII | re.IGNORECASE
)
_FIXED = re.compile(r"([+-]?)(\d\d):(\d\d)", re.ASCII)
_ZONE_NAME = re.compile(r"[A-Za-z0-9_+-]+(?:/[A-Za-z0-9_+-]+)*")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# The calendar repeats every 400 years, weekdays included.
_CYCLE = timedelta(days=146_097)
_CYCLE_YEARS = 400


def parse_duration(text: str) -> Duration:
    """Return a duration from a text such as "1h30m" or "-1.5s"; units are h, m, s, ms, us and ns.

    Raises:
        EvaluationError: it is none, or longer than about ten thousand years.
    """
    match = _DURATION.fullmatch(text)
    if match is None and text not in ("0", "+0", "-0"):
        raise EvaluationError('a duration is written like "1h30m" or "1.5s"')
    if match is None:
        return Duration(0)
    total = 0
    for whole, fraction, unit in _PARTS.findall(match[2]):
        scale = 10 ** len(fraction)
        total += (int(whole or 0) * scale + int(fraction or 0)) * _UNITS[unit] // scale
    if total > _DURATION_LIMIT:
        raise EvaluationError("duration out of range")
    return Duration(-total if match[1] == "-" else total)


def parse_timestamp(text: str) -> Timestamp:
    """Return a timestamp from RFC 3339, such as "2024-02-29T12:00:00.5+01:00"; finer than 1 ns is cut off.

    Raises:
        EvaluationError: it is none, or not in the years 1 to 9999.
    """
    match = _TIMESTAMP.fullmatch(text)
    if match is None:
        raise EvaluationError('a timestamp is written like "2024-02-29T12:00:00Z"')
    year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
    if not 1 <= year <= 9999:
        raise EvaluationError("timestamp out of range")
    if second > 60:
        raise EvaluationError("a minute has no such second")
    try:
        moment = datetime(year, month, day, hour, minute, tzinfo=UTC)
    except ValueError as error:
        raise EvaluationError(f"there is no such date: {error}") from error
    # RFC 3339, section 5.7: a leap second is written as second 60.
    seconds = (moment - _EPOCH) // timedelta(seconds=1) + second
    if match[8] not in "Zz":
        seconds -= _offset_seconds(match[8])
    return in_range(seconds * SECOND + int((match[7] or "0")[:9].ljust(9, "0")))


def in_range(ns: int) -> Timestamp:
    """Return a timestamp.

    Raises:
        EvaluationError: it is not in the years 1 to 9999.
    """
    if not _FIRST <= ns <= _LAST:
        raise EvaluationError("timestamp out of range")
    return Timestamp(ns)


def length(ns: int) -> Duration:
    """Return the result of an addition or subtraction; like other integers of CEL it has 64 bits.

    Raises:
        EvaluationError: it is longer than about 292 years.
    """
    if not INT_MIN <= ns <= INT_MAX:
        raise EvaluationError("duration out of range")
    return Duration(ns)


def write_duration(duration: Duration) -> str:
    """Return a duration in seconds with 0, 3, 6 or 9 decimals, as in the JSON form of protobuf: "1.500s"."""
    seconds, ns = divmod(abs(duration.ns), SECOND)
    return f"{'-' if duration.ns < 0 else ''}{seconds}{_decimals(ns)}s"


def write_timestamp(timestamp: Timestamp) -> str:
    """Return a timestamp in RFC 3339, in UTC."""
    seconds, ns = divmod(timestamp.ns, SECOND)
    moment = _EPOCH + timedelta(seconds=seconds)
    return f"{moment.replace(tzinfo=None).isoformat()}{_decimals(ns)}Z"


def _decimals(ns: int) -> str:
    if not ns:
        return ""
    digits = f"{ns:09}"
    while digits.endswith("000"):
        digits = digits[:-3]
    return f".{digits}"


def truncated(duration: Duration, unit: int) -> int:
    """Return how many whole units a duration has, rounded towards zero."""
    whole = abs(duration.ns) // unit
    return -whole if duration.ns < 0 else whole


def milliseconds_of(duration: Duration) -> int:
    """Return the milliseconds within the second, with the sign of the duration."""
    return truncated(duration, 10**6) - truncated(duration, SECOND) * 1000


class Civil:
    """A timestamp as date and time of day in a time zone."""

    __slots__ = ("_moment", "_years", "milliseconds")

    def __init__(self, timestamp: Timestamp, zone: str = "UTC") -> None:
        seconds, ns = divmod(timestamp.ns, SECOND)
        self.milliseconds = ns // 10**6
        moment = _EPOCH + timedelta(seconds=seconds)
        # Python's years end at 1 and 9999; a zone may lead beyond them.
        self._years = _CYCLE_YEARS if moment.year > 5000 else -_CYCLE_YEARS
        shift = -_CYCLE if moment.year > 5000 else _CYCLE
        self._moment = moment + shift + _offset(_zone(zone), moment)

    @property
    def year(self) -> int:
        """The year."""
        return self._moment.year + self._years

    @property
    def moment(self) -> datetime:
        """Month, day, weekday and time of day; its year is another one with the same calendar."""
        return self._moment


def _offset(zone: tzinfo, moment: datetime) -> timedelta:
    # Python cannot convert in the first and last year; the zones' rules are the same in the year beside.
    if moment.year in (1, 9999):
        moment = moment.replace(year=2 if moment.year == 1 else 9998)
    return moment.astimezone(zone).utcoffset() or timedelta(0)


def _offset_seconds(text: str) -> int:
    match = _FIXED.fullmatch(text)
    if match is None or int(match[2]) > 23 or int(match[3]) > 59:
        raise EvaluationError(f'"{text}" is no offset from UTC such as "+01:00"')
    seconds = int(match[2]) * 3600 + int(match[3]) * 60
    return -seconds if match[1] == "-" else seconds


@cache
def _zone(name: str) -> tzinfo:
    if name in ("", "UTC"):
        return UTC
    if name[:1] in "+-" or name[2:3] == ":":
        return timezone(timedelta(seconds=_offset_seconds(name)))
    if not _ZONE_NAME.fullmatch(name):
        raise EvaluationError(f'there is no time zone "{name}"')
    # From the package, not from the machine: a replay gives the same answer everywhere.
    file = resources.files("tzdata").joinpath("zoneinfo", *name.split("/"))
    try:
        with file.open("rb") as data:
            return ZoneInfo.from_file(data, key=name)
    except (OSError, ValueError) as error:
        raise EvaluationError(f'there is no time zone "{name}"') from error
