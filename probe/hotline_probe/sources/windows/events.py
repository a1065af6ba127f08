"""The Event Log of Windows: which events of which providers mean what, and when they happened.

Only numbers are asked for: log, provider, event, age and record; never a message.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from hotline_proto.catalogue import load_wordless_catalogue
from hotline_proto.facts import Events, Fact, UnknownReason

from hotline_probe.errors import Denied
from hotline_probe.machine import Machine, monotonic
from hotline_probe.sources.windows import shell
from hotline_probe.sources.windows.shell import Row, integer, number, rows, text

TIMEOUT = 7.0
# PowerShell costs more than what it finds; nothing here is a matter of seconds.
ASK_EVERY = 30.0
# Entries may be written some time after what they tell of.
OVERLAP = 120.0
MAX_EVENTS = 500
MAX_REMEMBERED = 4096
# One trouble is often written several times at once: once a core, once a try.
SAME = 5.0
# More numbers make the query invalid.
MAX_IDS = 20

_SYSTEM, _APPLICATION, _SECURITY = "System", "Application", "Security"
_WLAN = "Microsoft-Windows-WLAN-AutoConfig/Operational"
_PRINT = "Microsoft-Windows-PrintService/Admin"
_DHCP = "Microsoft-Windows-Dhcp-Client/Admin"


@dataclass(frozen=True, slots=True)
class Kind:
    """Events of one meaning; `providers` are lower-case beginnings of their names."""

    fact: str
    log: str
    providers: tuple[str, ...]
    ids: frozenset[int]


def _kind(fact: str, log: str, providers: str, *ids: int) -> Kind:
    return Kind(fact, log, tuple(providers.lower().split(",")), frozenset(ids))


# Numbers from Microsoft's documentation of the providers (learn.microsoft.com, "Event ID …").
KINDS = (
    _kind("log.kernel.oops", _SYSTEM, "Microsoft-Windows-WER-SystemErrorReporting,BugCheck", 1001),
    _kind("log.boot.unclean", _SYSTEM, "Microsoft-Windows-Kernel-Power", 41),
    _kind("log.disk.io_error", _SYSTEM, "disk", 7, 51, 52, 154),
    _kind("log.disk.link_reset", _SYSTEM, "disk", 11, 153),
    _kind("log.disk.link_reset", _SYSTEM, "storahci,stornvme,iastor,nvme", 129),
    _kind("log.fs.error", _SYSTEM, "Ntfs,Microsoft-Windows-Ntfs", 55),
    _kind("log.fs.no_space", _SYSTEM, "srv", 2013),
    _kind("log.memory.hardware", _SYSTEM, "Microsoft-Windows-WHEA-Logger", 46, 47),
    # 17 tells of corrected errors on the PCI bus, which healthy computers write by the thousand.
    _kind("log.cpu.hardware", _SYSTEM, "Microsoft-Windows-WHEA-Logger", 18, 19),
    _kind("log.cpu.throttled", _SYSTEM, "Microsoft-Windows-Kernel-Processor-Power", 37),
    _kind("log.memory.exhausted", _SYSTEM, "Microsoft-Windows-Resource-Exhaustion-Detector", 2004),
    _kind("log.net.address_conflict", _SYSTEM, "Tcpip,Microsoft-Windows-Tcpip", 4199),
    _kind("log.net.dns_timeout", _SYSTEM, "Microsoft-Windows-DNS-Client", 1014),
    _kind("log.dhcp.no_answer", _DHCP, "Microsoft-Windows-Dhcp-Client", 1001, 1002, 1003),
    _kind("log.dhcp.no_answer", _SYSTEM, "Microsoft-Windows-Dhcp-Client", 1001, 1002, 1003),
    _kind("log.net.wifi_failed", _WLAN, "Microsoft-Windows-WLAN-AutoConfig", 8002, 11006, 12013),
    _kind("log.net.link_down", _WLAN, "Microsoft-Windows-WLAN-AutoConfig", 8003),
    _kind("log.app.crash", _APPLICATION, "Application Error", 1000),
    _kind("log.app.hang", _APPLICATION, "Application Hang", 1002),
    _kind("log.update.failed", _SYSTEM, "Microsoft-Windows-WindowsUpdateClient", 20),
    # 7001 and 7009 tell the cause of a 7000 and would count it twice.
    _kind("log.service.failed", _SYSTEM, "Service Control Manager", 7000, 7023, 7024, 7031, 7034),
    _kind("log.time.no_answer", _SYSTEM, "Microsoft-Windows-Time-Service", 129, 134),
    _kind("log.print.failed", _PRINT, "Microsoft-Windows-PrintService", 372),
    _kind("log.auth.failure", _SECURITY, "Microsoft-Windows-Security-Auditing", 4625),
)
FACTS = tuple(dict.fromkeys(kind.fact for kind in KINDS))


def script(seconds: float) -> str:
    """Return what asks for the events of the last seconds."""
    wanted: dict[str, set[int]] = {}
    for kind in KINDS:
        wanted.setdefault(kind.log, set()).update(kind.ids)
    queries = [
        f"@('{log}',@({','.join(map(str, part))}))"
        for log, ids in wanted.items()
        for part in _parts(sorted(ids))
    ]
    return (
        f"$t=(Get-Date).AddSeconds(-{int(seconds)});$l=@();"
        f"foreach($q in @({','.join(queries)})){{$Error.Clear();$e=@();"
        "$f=@{LogName=$q[0];Id=$q[1];StartTime=$t};"
        f"$e=@(Get-WinEvent -FilterHashtable $f -MaxEvents {MAX_EVENTS}|"
        "ForEach-Object{@{Provider=$_.ProviderName;Id=$_.Id;Record=$_.RecordId;"
        "Age=((Get-Date)-$_.TimeCreated).TotalSeconds}});"
        "$w=@($Error|ForEach-Object{[string]$_.FullyQualifiedErrorId})-join' ';"
        "$l+=@{Log=$q[0];Failure=$w;Events=$e}};$r=@{logs=$l}"
    )


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a kind; `age` in seconds."""

    fact: str
    key: tuple[str, int, int]
    age: float


def parse_events(told: Row) -> tuple[list[Event], dict[str, UnknownReason]]:
    """Return the events of known kinds, and why logs could not be read; odd rows are left out."""
    events, failures = [], {}
    for log in rows(told, "logs"):
        name = text(log, "Log")
        if why := _failure(text(log, "Failure")):
            failures[name] = why
        for row in rows(log, "Events"):
            provider, event = text(row, "Provider").lower(), integer(row, "Id")
            age, record = number(row, "Age"), integer(row, "Record")
            if event is None or age is None or record is None:
                continue
            found = (kind for kind in KINDS if kind.log == name and event in kind.ids)
            key, age = (name, event, record), max(age, 0.0)
            events += [Event(kind.fact, key, age) for kind in found if provider.startswith(kind.providers)]
    return events, failures


class WindowsLogs:
    """Asks for new events; remembers which were counted."""

    def __init__(self) -> None:
        self._last: float | None = None
        self._seen: OrderedDict[tuple[str, int, int], None] = OrderedDict()
        self._failures: Mapping[str, UnknownReason] = {}

    def facts(self, machine: Machine) -> Iterator[Fact]:
        """Yield the ages of the new events of each kind.

        Raises:
            Denied: none of the logs may be read.
            SourceError: PowerShell cannot tell.
        """
        now, lookback = monotonic(), load_wordless_catalogue().sources["logs"].lookback
        found: list[Event] = []
        if self._last is None or not 0 <= now - self._last < ASK_EVERY:
            oldest = lookback if self._last is None else max(now - self._last, 0.0)
            told = shell.ask(machine, script(min(oldest + OVERLAP, lookback)), TIMEOUT)
            events, self._failures = parse_events(told)
            self._last = now
            # An entry that comes late, or under a clock that jumped, is as old as the last look at most.
            found = [Event(e.fact, e.key, min(e.age, oldest)) for e in events if self._remember(e.key)]
        if len(self._failures) == len({kind.log for kind in KINDS}):
            raise Denied("no log may be read; run the probe as administrator")
        yield from self._facts(found)

    def _facts(self, found: list[Event]) -> Iterator[Fact]:
        for name in load_wordless_catalogue().facts_of_source["logs"]:
            if "windows" not in name.platforms:
                continue
            logs = [kind.log for kind in KINDS if kind.fact == name.name]
            reasons = [self._failures[log] for log in logs if log in self._failures]
            if not logs or len(reasons) == len(logs):
                yield Fact(name.name, reasons[0] if reasons else UnknownReason.UNSUPPORTED)
            else:
                yield Fact(name.name, Events(once(event.age for event in found if event.fact == name.name)))

    def _remember(self, key: tuple[str, int, int]) -> bool:
        """Tell whether an event is new."""
        new = key not in self._seen
        self._seen[key] = None
        self._seen.move_to_end(key)
        if len(self._seen) > MAX_REMEMBERED:
            self._seen.popitem(last=False)
        return new


def once(ages: Iterator[float]) -> list[float]:
    """Return the ages, the oldest first, those that lie within `SAME` seconds of a kept one left out.

    >>> once(iter([10.0, 11.0, 3.0, 60.0]))
    [60.0, 11.0, 3.0]
    """
    kept: list[float] = []
    for age in sorted(ages, reverse=True):
        if not kept or kept[-1] - age > SAME:
            kept.append(age)
    return kept


def _parts(ids: list[int]) -> Iterator[list[int]]:
    for begin in range(0, len(ids), MAX_IDS):
        yield ids[begin : begin + MAX_IDS]


def _failure(words: str) -> UnknownReason | None:
    """Return why a log was not read, by the identifiers of PowerShell's errors, which nobody translates."""
    if "Unauthorized" in words or "LogInfoUnavailable" in words:
        return UnknownReason.PERMISSION
    if "NoMatchingLogsFound" in words:
        return UnknownReason.UNSUPPORTED
    return None if not words or "NoMatchingEventsFound" in words else UnknownReason.NOT_COLLECTED
