"""The log of a device: its newest lines, asked for anew at each look; only what they mean is kept.

What is asked is fixed, so that nothing a device says becomes part of a command.
"""

from __future__ import annotations

import calendar
import datetime
import re
from collections.abc import Callable, Sequence

from hotline_probe.errors import Denied, SourceFailed, Unsupported
from hotline_probe.machine import Machine
from hotline_probe.sources.devices.clock import DeviceClock, clock_of, parse_moment
from hotline_probe.sources.logformats import parse_journal, parse_log_file
from hotline_probe.sources.logpatterns import FACTS, matches
from hotline_probe.sources.logreaders import KernelBufferReader, LogReader, Opened, first_of, refuse_partial
from hotline_probe.sources.logs import Logs
from hotline_probe.sources.logtypes import MAX_MESSAGE, LogEntry

TOOL_TIMEOUT = 4.0
NEWEST = 500
JOURNAL = (
    *("journalctl", "-o", "json", "--output-fields=MESSAGE,SYSLOG_IDENTIFIER,_TRANSPORT"),
    *("--no-pager", "-n", str(NEWEST)),
)
JOURNAL_OPEN = ("journalctl", "--no-pager", "-n", "0")
LOGREAD = ("logread", "-l", str(NEWEST))
FILES = ("/var/log/syslog", "/var/log/messages")
# So many lines in a row are the place where the last look ended.
_OVERLAP = 3
# logd's form: local time, facility.level, program with its number, text.
_LINE = re.compile(
    r"(\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}) ([a-z0-9]+)\.[a-z]+ ([\w./-]{1,64})(?:\[\d{1,10}\])?: (.*)",
    re.ASCII,
)
_UPTIME_PREFIX = re.compile(r"\[ *\d+\.\d+\] ?", re.ASCII)

Parse = Callable[[str, DeviceClock], list[LogEntry]]


class DeviceLogs(Logs):
    """Matches the new lines of the journal, of OpenWrt's log, of syslog's file or of the kernel's buffer."""

    @staticmethod
    def first_open(machine: Machine, lookback: float) -> Opened:
        """Return the best log that can be read; raises like that of the caller's computer."""
        everything = frozenset(FACTS)
        # Logins have a file of their own beside these.
        general = frozenset(fact for fact in FACTS if not fact.startswith("log.auth."))
        readers: tuple[LogReader, ...] = (
            NewestLines(JOURNAL, everything, _of_journal, JOURNAL_OPEN),
            NewestLines(LOGREAD, everything, parse_logread),
            *(NewestLines(("tail", "-n", str(NEWEST), file), general, _of_file) for file in FILES),
            KernelBufferReader(),
        )
        return first_of(readers, machine, lookback)


class NewestLines:
    """Asks for the newest lines, and leaves out those of the last look.

    `before` is asked once, where only that tells that some are not shown.
    """

    matches = staticmethod(matches)

    def __init__(
        self, ask: Sequence[str], facts: frozenset[str], parse: Parse, before: Sequence[str] = ()
    ) -> None:
        self.facts = facts
        self._ask = ask
        self._parse = parse
        self._before = before
        self._last: list[str] | None = None

    def read(self, machine: Machine, lookback: float) -> list[LogEntry]:
        """Return the new entries."""
        if self._last is None and self._before:
            refuse_partial(machine.run(self._before, TOOL_TIMEOUT))
        clock = clock_of(machine)
        result = machine.run(self._ask, TOOL_TIMEOUT)
        if "ermission denied" in result.err or "not permitted" in result.err:
            raise Denied(f"{self._ask[0]} may not read the log")
        if "No such file" in result.err:
            raise Unsupported("there is no such log")
        if result.code:
            raise SourceFailed(f"{self._ask[0]} ended with {result.code}")
        lines = [line for line in result.out.split("\n") if line]
        first = self._last is None
        entries = self._parse("\n".join(new_lines(lines, self._last or [])), clock)
        self._last = lines[-_OVERLAP:]
        return [entry for entry in entries if not first or entry.age <= lookback]


def new_lines(lines: list[str], last: list[str]) -> list[str]:
    """Return what stands behind the last lines of an earlier look, everything if they are gone.

    >>> new_lines(["b", "c", "d"], ["a", "b", "c"])
    ['d']
    """
    if not last:
        return lines
    for end in range(len(lines), 0, -1):
        length = min(end, len(last))
        if lines[end - length : end] == last[-length:]:
            return lines[end:]
    return lines


def parse_logread(text: str, clock: DeviceClock) -> list[LogEntry]:
    """Return the entries of OpenWrt's logread; `clock` is the one that it is written by.

    >>> line = "Mon Nov 30 01:05:00 2026 kern.info kernel: [   12.5] mmcblk0: error -110"
    >>> parse_logread(line, DeviceClock(1795997160.0, 3600.0))
    [LogEntry(age=60.0, kernel=True, program='kernel', message='mmcblk0: error -110')]
    """
    entries = []
    for line in text.split("\n"):
        match = _LINE.fullmatch(line)
        moment = parse_moment(match[1]) if match else None
        if match is None or moment is None:
            continue
        at = moment.replace(tzinfo=datetime.UTC).timestamp() - clock.ahead
        kernel = match[2] == "kern"
        message = _UPTIME_PREFIX.sub("", match[4], count=1) if kernel else match[4]
        entries.append(LogEntry(clock.now - at, kernel, match[3], message[:MAX_MESSAGE]))
    return entries


def _of_journal(text: str, clock: DeviceClock) -> list[LogEntry]:
    return parse_journal(text, clock.now).entries


def _of_file(text: str, clock: DeviceClock) -> list[LogEntry]:
    return parse_log_file(text, clock.now, lambda local: calendar.timegm(local) - clock.ahead)
