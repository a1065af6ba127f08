"""Ways to the new entries of a Linux machine's log: journal, files, kernel buffer."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from hotline_proto.facts import UnknownReason

from hotline_probe.errors import Denied, SourceError, SourceFailed, Unsupported
from hotline_probe.machine import CommandResult, Machine
from hotline_probe.sources.basics import uptime
from hotline_probe.sources.logformats import parse_journal, parse_kernel_buffer, parse_log_file
from hotline_probe.sources.logpatterns import FACTS, KERNEL_FACTS, matches
from hotline_probe.sources.logtypes import LogEntry

TOOL_TIMEOUT = 5.0
MAX_ENTRIES = 8000
MAX_BYTES = 1024 * 1024
SYSTEM_FILES = ("/var/log/syslog", "/var/log/messages", "/var/log/kern.log")
LOGIN_FILES = ("/var/log/auth.log", "/var/log/secure")
# True of this computer and of a device that somebody logged in to.
_RIGHTS = "only an administrator may"
HELP = f"{_RIGHTS}, or a user in the group systemd-journal or adm"
_FIELDS = "MESSAGE,SYSLOG_IDENTIFIER,_TRANSPORT"


class LogReader(Protocol):
    """Reads one log; `facts` are those that it can tell."""

    facts: frozenset[str]

    def matches(self, entry: LogEntry) -> Iterator[tuple[str, str]]:
        """Yield the facts that an entry is an event of, each with the pid it is about, if any."""
        ...

    def read(self, machine: Machine, lookback: float) -> list[LogEntry]:
        """Return the entries since the last call; where that is not known, of the last `lookback` seconds.

        Raises:
            Unsupported: this machine has no such log.
            Denied: it may not be read.
            SourceError: something else is in the way.
        """
        ...


class JournalReader:
    """Asks journalctl(1); remembers the cursor of the last entry."""

    facts = frozenset(FACTS)
    matches = staticmethod(matches)

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._cursor = ""
        self._open = False

    def read(self, machine: Machine, lookback: float) -> list[LogEntry]:
        """Return the new entries."""
        if not self._open:  # with -o json, journalctl keeps silent about what it may not show
            refuse_partial(machine.run(["journalctl", "--no-pager", "-n", "0"], TOOL_TIMEOUT))
            self._open = True
        now = self._clock()
        since = f"--after-cursor={self._cursor}" if self._cursor else f"--since=@{int(now - lookback)}"
        options = ["-o", "json", f"--output-fields={_FIELDS}", "--no-pager", "-n", str(MAX_ENTRIES), since]
        result = machine.run(["journalctl", *options], TOOL_TIMEOUT)
        if result.code:
            self._cursor = ""  # it may be what journalctl stumbles over; the next look goes by time
        refuse_partial(result)
        chunk = parse_journal(result.out, now)
        self._cursor = chunk.cursor or self._cursor
        return chunk.entries


def refuse_partial(result: CommandResult) -> None:
    """Raise if journalctl shows nothing, or only the user's own entries."""
    if "insufficient permissions" in result.err or "not seeing messages from other users" in result.err:
        raise Denied(f"the journal may not be read; {HELP}")
    if "No journal files were found" in result.err:
        raise Unsupported("there is no journal")
    if result.code:
        raise SourceFailed(f"journalctl: {result.err.strip()[:200] or f'ended with {result.code}'}")


class KernelBufferReader:
    """Asks dmesg(1); remembers the time of the last line."""

    facts = KERNEL_FACTS
    matches = staticmethod(matches)

    def __init__(self) -> None:
        self._last: float | None = None

    def read(self, machine: Machine, lookback: float) -> list[LogEntry]:
        """Return the new entries of the kernel."""
        now = uptime(machine)
        result = machine.run(["dmesg", "-r"], TOOL_TIMEOUT)
        if "not permitted" in result.err or "ermission denied" in result.err:
            raise Denied(f"the kernel's messages may not be read; {_RIGHTS}")
        if result.code:
            raise SourceFailed(f"dmesg: {result.err.strip()[:200] or f'ended with {result.code}'}")
        entries = parse_kernel_buffer(result.out, now)
        after = now - lookback if self._last is None else self._last
        self._last = max((at for at, _ in entries), default=after)
        return [entry for at, entry in entries if at > after][-MAX_ENTRIES:]


class FileReader:
    """Reads what a syslog service writes, from the byte where the last look ended.

    All but the last of `MAX_BYTES` new bytes are left out.
    """

    facts = frozenset(FACTS)
    matches = staticmethod(matches)

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._positions: dict[str, int] = {}
        self._remainders: dict[str, str] = {}

    def read(self, machine: Machine, lookback: float) -> list[LogEntry]:
        """Return the new entries of the general log and of the log of logins."""
        sizes = _sizes(machine)
        general = next((path for path in SYSTEM_FILES if path in sizes), None)
        if general is None:
            raise Unsupported("no syslog service writes files here")
        entries: list[LogEntry] = []
        for path in [general, *(path for path in LOGIN_FILES if path in sizes)]:
            first = path not in self._positions
            found = parse_log_file(self._new_text(machine, path, sizes[path]), self._clock())
            entries += [entry for entry in found if not first or entry.age <= lookback]
        return entries[-MAX_ENTRIES:]

    def _new_text(self, machine: Machine, path: str, size: int) -> str:
        """Return the whole lines that are new; a file that shrank was rotated and begins anew."""
        begin = self._positions.get(path, 0)
        rest = self._remainders.get(path, "")
        if size < begin:
            begin, rest = 0, ""
        if size - begin > MAX_BYTES:
            begin, rest = size - MAX_BYTES, ""
        text = _slice(machine, path, begin, size - begin) if size > begin else ""
        whole, newline, rest = (rest + text).rpartition("\n")
        self._positions[path], self._remainders[path] = size, rest[-MAX_BYTES:]
        return whole + newline


def _sizes(machine: Machine) -> dict[str, int]:
    """Return the bytes of the log files that may be read.

    Raises:
        Denied: there are some, but none of the general ones may be read.
    """
    result = machine.run(["wc", "-c", *SYSTEM_FILES, *LOGIN_FILES], TOOL_TIMEOUT)
    rows = (line.split() for line in result.out.split("\n"))
    sizes = {row[1]: int(row[0]) for row in rows if len(row) == 2 and row[0].isascii() and row[0].isdigit()}
    if "ermission denied" in result.err and not any(path in sizes for path in SYSTEM_FILES):
        raise Denied(f"the system log may not be read; {HELP}")
    return sizes


def _slice(machine: Machine, path: str, begin: int, length: int) -> str:
    """Return some bytes of a file; dd(1) is the one tool everywhere that reads exactly these."""
    options = ["iflag=skip_bytes,count_bytes", f"skip={begin}", f"count={length}", "bs=65536"]
    result = machine.run(["dd", f"if={path}", *options], TOOL_TIMEOUT)
    if result.code:
        raise SourceFailed(f"dd: {result.err.strip()[:200]}")
    return result.out


Opened = tuple[LogReader, list[LogEntry], UnknownReason]


def first_open(machine: Machine, lookback: float) -> Opened:
    """Return the best log that can be read, its entries, and why facts of better logs are unknown.

    Raises:
        Denied: there are logs, but none may be read.
        Unsupported: there is no log.
    """
    if machine.system == "macos":
        from hotline_probe.sources.macos.unifiedlog import UnifiedLogReader  # noqa: PLC0415 - not on Linux

        unified = UnifiedLogReader()
        return unified, unified.read(machine, lookback), UnknownReason.UNSUPPORTED
    return first_of((JournalReader(), FileReader(), KernelBufferReader()), machine, lookback)


def first_of(readers: Sequence[LogReader], machine: Machine, lookback: float) -> Opened:
    """Return the first of some logs that can be read, as `first_open` does; raises like it."""
    denied: SourceError | None = None
    for reader in readers:
        try:
            entries = reader.read(machine, lookback)
        except SourceError as error:
            denied = denied or (error if isinstance(error, Denied) else None)
        else:
            return reader, entries, UnknownReason.PERMISSION if denied else UnknownReason.UNSUPPORTED
    raise denied or Unsupported("there is neither a journal nor a syslog file nor dmesg")
