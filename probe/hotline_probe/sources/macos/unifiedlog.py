"""Reads the unified log of macOS with log(1), as far as it is known what it says.

Sources of the messages: Apple's published kernel (memorystatus, in_arp), HFS+ and APFS drivers' own texts,
OpenSSH and sudo. What no published source shows stays unknown instead of zero.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from datetime import datetime

from hotline_probe.errors import Denied, SourceFailed
from hotline_probe.machine import Machine
from hotline_probe.sources.logtypes import MAX_MESSAGE, LogEntry, kernel_pattern, program_pattern

MAX_ENTRIES = 8000
# An hour of a busy Mac can take longer than a source may; then the last minutes must do.
LONG_PATIENCE, PATIENCE = 5.0, 2.5
SHORT_LOOKBACK = 60.0
_CRASH = r"(?:report for corpse|Saved crash report for [^\[]{1,64})\[(?P<pid>\d+)\]"


PATTERNS = (
    kernel_pattern("log.disk.io_error", (": I/O error",), r"^disk\d+(?:s\d+)*: I/O error"),
    kernel_pattern(
        "log.fs.error",
        ("orruption detected",),
        r"(?:HFS|hfs): Runtime corruption detected|corruption_detected\w*:\d+: |^apfs.*corruption detected",
    ),
    kernel_pattern(
        "log.memory.oom_kill",
        ("killing_top_process", "killing largest compressed process"),
        r"(?:killing_top_process|killing largest compressed process with) pid (?P<pid>\d+)",
    ),
    kernel_pattern("log.net.link_down", ("ink Down on ", "ink down on "), r"[Ll]ink [Dd]own on en\d"),
    kernel_pattern("log.net.address_conflict", ("uplicate IP address",), r"[Dd]uplicate IP address"),
    program_pattern("log.fs.no_space", ("No space left on device",), r"No space left on device"),
    program_pattern("log.app.crash", ("report for corpse", "Saved crash report"), _CRASH, "ReportCrash"),
    program_pattern(
        "log.auth.failure",
        ("Failed password for", "Failed keyboard-interactive", "incorrect password attempt"),
        r"^Failed (?:password|keyboard-interactive)|incorrect password attempts? ;",
        "sshd sshd-session sudo",
    ),
)
_WORDS = tuple(dict.fromkeys(word for pattern in PATTERNS for word in pattern.words))
# Only these entries are printed (log(1), PREDICATE-BASED FILTERING); no word of ours has a quotation mark.
PREDICATE = " OR ".join(f'eventMessage CONTAINS "{word}"' for word in _WORDS)


def matches(entry: LogEntry) -> Iterator[tuple[str, str]]:
    """Yield the facts that an entry is an event of, each with the pid it is about, if any.

    >>> list(matches(LogEntry(0, True, "kernel", "disk4s1: I/O error.")))
    [('log.disk.io_error', '')]
    """
    message = entry.message[:MAX_MESSAGE]
    for pattern in PATTERNS:
        if (pattern.kernel and not entry.kernel) or (
            pattern.programs and entry.program not in pattern.programs
        ):
            continue
        found = pattern.expression.search(message) if pattern.expression else None
        if found:
            yield pattern.fact, found.groupdict().get("pid") or ""


def parse_ndjson(text: str, now: float) -> list[tuple[float, LogEntry]]:
    r"""Return the entries of `log show --style ndjson`, each with its time in seconds since 1970.

    >>> what = '"processImagePath":"/kernel","eventMessage":"x"'
    >>> parse_ndjson('{"timestamp":"1970-01-01 01:00:01.500000+0100",%s}\n{broken\n' % what, 3.5)
    [(1.5, LogEntry(age=2.0, kernel=True, program='kernel', message='x'))]
    """
    found = []
    for line in text.split("\n")[:MAX_ENTRIES]:
        try:
            row = json.loads(line) if line.startswith("{") else None
        except (ValueError, RecursionError):
            continue
        at = _time(row.get("timestamp")) if isinstance(row, dict) else None
        if at is None or not isinstance(row, dict):
            continue
        path, message = row.get("processImagePath"), row.get("eventMessage")
        if isinstance(path, str) and isinstance(message, str):
            kernel = path in {"/kernel", "/System/Library/Kernels/kernel"}
            program = "kernel" if kernel else path.rpartition("/")[2]
            found.append((at, LogEntry(now - at, kernel, program, message)))
    return found


class UnifiedLogReader:
    """Asks log(1); remembers the time of the last entry."""

    facts = frozenset(pattern.fact for pattern in PATTERNS)
    matches = staticmethod(matches)

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._last: float | None = None

    def read(self, machine: Machine, lookback: float) -> list[LogEntry]:
        """Return the new entries; where an hour is too much, those of the last minute.

        Raises:
            Denied: only administrators may read the log.
            SourceError: something else is in the way.
        """
        now = self._clock()
        after = now - lookback if self._last is None or self._last > now else self._last
        try:
            text = _show(machine, after, LONG_PATIENCE)
        except SourceFailed:
            after = max(after, now - SHORT_LOOKBACK)
            text = _show(machine, after, PATIENCE)
        found = parse_ndjson(text, now)
        self._last = max((at for at, _ in found if at <= now), default=after)
        return [entry for at, entry in found if at > after]


def _show(machine: Machine, after: float, patience: float) -> str:
    argv = ("log", "show", "--style", "ndjson", "--start", f"@{int(after)}", "--predicate", PREDICATE)
    result = machine.run(argv, patience)
    if result.code:
        said = result.err.strip()[:200]
        if "permi" in said or "not allowed" in said or "admin" in said:
            raise Denied("the log may not be read; run the probe as an administrator of this Mac")
        raise SourceFailed(f"log: {said or f'ended with {result.code}'}")
    return result.out


def _time(text: object) -> float | None:
    try:
        return datetime.strptime(str(text)[:40], "%Y-%m-%d %H:%M:%S.%f%z").timestamp()
    except (ValueError, OverflowError):
        return None
