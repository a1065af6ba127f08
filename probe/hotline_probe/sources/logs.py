"""Known troubles in the system log, counted; no line ever leaves the machine."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from hotline_proto.catalogue import load_wordless_catalogue
from hotline_proto.facts import Events, Fact, UnknownReason

from hotline_probe.errors import Unsupported
from hotline_probe.machine import Machine, monotonic
from hotline_probe.source import Context
from hotline_probe.sources.logpatterns import FACTS
from hotline_probe.sources.logreaders import LogReader, first_open
from hotline_probe.sources.logtypes import LogEntry

if TYPE_CHECKING:
    from hotline_probe.sources.windows.events import WindowsLogs

MAX_EVENTS = 1000
# How many processes are remembered, so that two lines about one crash count once.
MAX_REMEMBERED = 256


class Logs:
    """Matches the new lines of the journal, of syslog's files, of the kernel's buffer or of macOS's log.

    On Windows it asks the Event Log for known events.
    """

    name = "logs"
    first_open = staticmethod(first_open)

    def __init__(self) -> None:
        self._reader: LogReader | None = None
        self._hidden = UnknownReason.UNSUPPORTED
        self._last = 0.0
        self._seen: OrderedDict[tuple[str, str], None] = OrderedDict()
        self._windows: WindowsLogs | None = None

    def read(self, context: Context) -> Iterator[Fact]:
        """Yield the ages of the new events of each kind.

        Raises:
            Unsupported: there is no log.
            Denied: the log may not be read; the message says what would help.
            SourceFailed: the log cannot be read any more.
        """
        if context.machine.system == "windows":
            yield from self._on_windows(context.machine)
            return
        if context.machine.system not in {"linux", "macos"}:
            raise Unsupported("only logs of Linux, Windows and macOS can be read")
        now = monotonic()
        lookback = load_wordless_catalogue().sources[self.name].lookback
        # Wall clocks jump: a new line cannot be older than the last look.
        oldest = lookback if self._reader is None else now - self._last
        if self._reader is None:
            self._reader, entries, self._hidden = self.first_open(context.machine, lookback)
        else:
            entries = self._reader.read(context.machine, oldest)
        self._last = now
        events = self._count(entries, self._reader.matches, oldest)
        for fact in FACTS:
            known = fact in self._reader.facts
            yield Fact(fact, Events(events.get(fact, [])[-MAX_EVENTS:]) if known else self._hidden)

    def _on_windows(self, machine: Machine) -> Iterator[Fact]:
        from hotline_probe.sources.windows.events import WindowsLogs  # noqa: PLC0415 - not on Linux

        self._windows = self._windows or WindowsLogs()
        yield from self._windows.facts(machine)

    def _count(
        self,
        entries: Iterable[LogEntry],
        matches: Callable[[LogEntry], Iterator[tuple[str, str]]],
        oldest: float,
    ) -> dict[str, list[float]]:
        events: dict[str, list[float]] = {}
        for entry in entries:
            for fact, pid in matches(entry):
                if pid and self._remember(fact, pid):
                    continue
                events.setdefault(fact, []).append(min(max(entry.age, 0.0), oldest))
        return events

    def _remember(self, fact: str, pid: str) -> bool:
        """Tell whether an event about a process was counted already."""
        known = (fact, pid) in self._seen
        self._seen[fact, pid] = None
        self._seen.move_to_end((fact, pid))
        if len(self._seen) > MAX_REMEMBERED:
            self._seen.popitem(last=False)
        return known
