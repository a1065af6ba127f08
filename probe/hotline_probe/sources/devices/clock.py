"""The clock of a device, for the ages of what it writes with its own local time."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass

from hotline_probe.errors import SourceFailed
from hotline_probe.machine import Machine

ASK = ("date", "+%Y-%m-%d %H:%M:%S")
ASK_ZONE = ("date", "+%s %z")
TOOL_TIMEOUT = 3.0
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\s*", re.ASCII)


_ZONED = re.compile(r"(\d{1,11}) ([+-])(\d\d)(\d\d)\s*", re.ASCII)


@dataclass(frozen=True, slots=True)
class DeviceClock:
    """What a device's clock shows: seconds since 1970, and how many its local time is ahead of UTC."""

    now: float
    ahead: float


def clock_of(machine: Machine) -> DeviceClock:
    """Return the device's present time and zone.

    Raises:
        SourceError: it does not tell.
    """
    return parse_clock(machine.run(ASK_ZONE, TOOL_TIMEOUT).out)


def parse_clock(text: str) -> DeviceClock:
    """Return what `date "+%s %z"` prints (date(1) of GNU and of BusyBox).

    >>> parse_clock("1796000830 -0330\\n")
    DeviceClock(now=1796000830.0, ahead=-12600.0)

    Raises:
        SourceFailed: it is no time.
    """
    found = _ZONED.fullmatch(text)
    if found is None:
        raise SourceFailed("date did not print a time and a zone")
    ahead = int(found[3]) * 3600.0 + int(found[4]) * 60.0
    return DeviceClock(float(found[1]), -ahead if found[2] == "-" else ahead)


def local_time(machine: Machine) -> datetime.datetime:
    """Return the device's present local time.

    Raises:
        SourceError: it does not tell.
    """
    return parse_local_time(machine.run(ASK, TOOL_TIMEOUT).out)


def parse_local_time(text: str) -> datetime.datetime:
    """Return what `date "+%Y-%m-%d %H:%M:%S"` prints (POSIX.1-2017, date).

    >>> parse_local_time("2026-11-30 01:07:10\\n")
    datetime.datetime(2026, 11, 30, 1, 7, 10)

    Raises:
        SourceFailed: it is no time.
    """
    if not _MOMENT.fullmatch(text):
        raise SourceFailed("date did not print a time")
    try:
        return datetime.datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise SourceFailed("date did not print a time") from error


def parse_moment(text: str) -> datetime.datetime | None:
    """Return a local time in the form of ctime(3), None if it is none.

    >>> parse_moment("Sun Nov  8 00:36:36 2026")
    datetime.datetime(2026, 11, 8, 0, 36, 36)
    """
    try:
        # Without strptime, which would follow the language of this computer.
        month = _MONTHS.index(text[4:7]) + 1
        hour, minute, second = (int(part) for part in text[11:19].split(":"))
        return datetime.datetime(int(text[20:24]), month, int(text[8:10]), hour, minute, second)
    except ValueError:
        return None
