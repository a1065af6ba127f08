"""Parsers of what Linux logs look like: journal, kernel buffer, files."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from hotline_probe.sources.logtypes import LogEntry

_KERNEL_TIME = re.compile(r"^(?:<\d{1,4}>)?\[ *(\d{1,12}\.\d{1,9})\](?:\[ *[TC]\d+\])? ?(.*)$", re.ASCII)
_PRIORITY = re.compile(r"<(\d{1,4})>", re.ASCII)
_SYSLOG = re.compile(
    r"^(?P<time>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT[0-9:.+Z-]{8,30}) \S+ "
    r"(?P<program>[^\s:\[]{1,64})(?:\[\d{1,10}\])?: (?P<message>.*)$",
    re.ASCII,
)
_UPTIME_PREFIX = re.compile(r"^\[ *\d+\.\d+\] ?", re.ASCII)
_FACILITY_KERNEL = 0


@dataclass(frozen=True, slots=True)
class JournalChunk:
    """Entries in order, and the cursor of the last one, empty if there was none."""

    entries: list[LogEntry]
    cursor: str


def parse_journal(text: str, now: float) -> JournalChunk:
    r"""Return the entries of `journalctl -o json`; `now` in seconds since 1970 by the log's own clock.

    One JSON object a line, all values text (systemd.journal-fields(7)); binary ones are lists of bytes.

    >>> line = '{"__CURSOR":"s=1","__REALTIME_TIMESTAMP":"1000000","_TRANSPORT":"kernel","MESSAGE":"hi"}'
    >>> parse_journal(line + "\n{broken\n", 3.0)
    JournalChunk(entries=[LogEntry(age=2.0, kernel=True, program='kernel', message='hi')], cursor='s=1')
    """
    entries, cursor = [], ""
    for line in text.split("\n"):
        row = _json_object(line)
        stamp = _text(row.get("__REALTIME_TIMESTAMP"))
        if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 18):
            continue
        kernel = row.get("_TRANSPORT") == "kernel"
        program = "kernel" if kernel else _text(row.get("SYSLOG_IDENTIFIER"))
        entries.append(LogEntry(now - int(stamp) / 1e6, kernel, program, _text(row.get("MESSAGE"))))
        cursor = _text(row.get("__CURSOR")) or cursor
    return JournalChunk(entries, cursor)


def _json_object(line: str) -> dict[str, object]:
    if not line.startswith("{"):
        return {}
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return row if isinstance(row, dict) else {}


def _text(value: object) -> str:
    """Journal values are text, null when too long, or lists: of bytes, or of several values."""
    if isinstance(value, list):
        if all(isinstance(item, int) and 0 <= item < 256 for item in value):
            return bytes(value).decode("utf-8", "replace")
        value = value[0] if value else ""
    return value if isinstance(value, str) else ""


def parse_kernel_buffer(text: str, uptime: float) -> list[tuple[float, LogEntry]]:
    r"""Return the kernel's entries in `dmesg -r`, each with its time in seconds since boot.

    Lines that programs wrote into the buffer (facility other than 0) are no kernel messages.

    >>> parse_kernel_buffer("<4>[   12.500000] usb 1-1: hello\n<30>[   13.0] systemd[1]: hi\n", 20.0)
    [(12.5, LogEntry(age=7.5, kernel=True, program='kernel', message='usb 1-1: hello'))]
    """
    found = []
    for line in text.split("\n"):
        match, priority = _KERNEL_TIME.match(line), _PRIORITY.match(line)
        if match and (priority is None or int(priority[1]) >> 3 == _FACILITY_KERNEL):
            at = float(match[1])
            found.append((at, LogEntry(uptime - at, True, "kernel", match[2])))
    return found


def parse_log_file(
    text: str, now: float, local: Callable[[time.struct_time], float] = time.mktime
) -> list[LogEntry]:
    r"""Return the entries of a file in the format of syslog, old (RFC 3164) or with ISO times (RFC 5424).

    `now` is in seconds since 1970; `local` turns local broken-down time into such seconds.

    >>> from calendar import timegm
    >>> parse_log_file("Jan  1 00:00:01 pc kernel: [ 3.1] Oops: 0\n", 5.0, timegm)
    [LogEntry(age=4.0, kernel=True, program='kernel', message='Oops: 0')]
    """
    found = []
    for line in text.split("\n"):
        match = _SYSLOG.match(line)
        at = _time(match["time"], now, local) if match else None
        if match is None or at is None:
            continue
        kernel = match["program"] == "kernel"
        message = _UPTIME_PREFIX.sub("", match["message"]) if kernel else match["message"]
        found.append(LogEntry(now - at, kernel, match["program"], message))
    return found


def _time(text: str, now: float, local: Callable[[time.struct_time], float]) -> float | None:
    try:
        if text[0].isdigit():
            return datetime.fromisoformat(text).timestamp()
        # The year is missing: it is the one that puts the line closest before now.
        year = time.gmtime(now).tm_year
        at = local(time.strptime(f"{year} {text}", "%Y %b %d %H:%M:%S"))
        return at if at <= now + 86400 else local(time.strptime(f"{year - 1} {text}", "%Y %b %d %H:%M:%S"))
    except (ValueError, OverflowError, OSError):
        return None
