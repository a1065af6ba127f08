"""Printers that are set up here: what the print server says, and whether they answer in the network."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from hotline_proto.facts import Fact, FactValue, UnknownReason

from hotline_probe.checks.limits import Deadline
from hotline_probe.checks.name import Names
from hotline_probe.checks.tcp import NoConnection, connect
from hotline_probe.errors import SourceError, SourceFailed, Unsupported
from hotline_probe.machine import Machine
from hotline_probe.source import Context
from hotline_probe.sources.basics import exists
from hotline_probe.sources.cups import PLACES, Job, NotThere, Place, Printer, Told, ask_server
from hotline_probe.sources.parallel import together
from hotline_probe.targets import forbidden

# One after the other, and below the source's timeout of 10 s.
SERVER_PATIENCE = 4.0
NAME_PATIENCE, KNOCK_PATIENCE = 2.0, 2.5
MAX_KNOCKS = 8
# client.conf(5): where programs print instead of this computer's own server.
_ELSEWHERE = re.compile(r"^[ \t]*ServerName\s+(\S+)", re.MULTILINE | re.IGNORECASE)
_OWN = re.compile(r"/\S+|localhost(:\d+)?|127\.0\.0\.1(:\d+)?", re.ASCII | re.IGNORECASE)
# Keywords of RFC 8011 section 5.4.12 and PWG 5100.9 by what a caller sees; those in the second place keep the
# printer from printing in whatever severity they come.
_TROUBLES: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "paper_empty": (frozenset({"media-empty", "media-needed", "input-tray-missing"}), frozenset()),
    "paper_jam": (frozenset(), frozenset({"media-jam"})),
    "cover_open": (frozenset({"cover-open", "door-open", "interlock-open"}), frozenset()),
    "supply_empty": (frozenset({"toner-empty", "marker-supply-empty", "developer-empty"}), frozenset()),
    "offline": (frozenset({"shutdown"}), frozenset({"offline", "timed-out"})),
    "driver_broken": (frozenset(), frozenset({"cups-missing-filter", "cups-insecure-filter"})),
}
_LOW = frozenset({"toner-low", "marker-supply-low", "toner-empty", "marker-supply-empty"})


class Printers:
    """Asks CUPS; printers get numbers as keys, because their names tell about people.

    `places` are where the print server may listen.
    """

    name = "printers"

    def __init__(self, places: Sequence[Place] = PLACES) -> None:
        self._places = places
        self._names = Names()
        self._keys: dict[str, str] = {}

    def read(self, context: Context) -> Iterator[Fact]:
        """Yield the state of the print server, and of each printer that is set up.

        Raises:
            Unsupported: not on Linux or macOS, or programs print through another computer.
            SourceError: the print server does not tell.
        """
        if context.machine.system not in ("linux", "macos"):
            raise Unsupported("only printers of CUPS can be told")
        machine = context.machine
        if _prints_elsewhere(machine):
            raise Unsupported("programs print through the server of another computer")
        try:
            told = ask_server(self._places, Deadline(SERVER_PATIENCE))
        except NotThere:
            yield Fact("print.server.state", "stopped" if _has_printers(machine) else "absent")
            yield Fact("print.printer_count", UnknownReason.UNSUPPORTED)
            return
        except TimeoutError as error:
            raise SourceFailed("the print server does not answer in time") from error
        except OSError as error:
            raise SourceFailed(f"the print server: {error.strerror}") from error
        yield Fact("print.server.state", "running")
        yield Fact("print.printer_count", len(told.printers))
        yield from self._facts(told, context.settings.active)

    def _facts(self, told: Told, active: bool) -> Iterator[Fact]:
        jobs = {
            printer.name: [job for job in told.jobs if job.printer == printer.name]
            for printer in told.printers
        }
        knocked = self._knock(
            [one for one in told.printers if _knockable(one, jobs[one.name])] if active else []
        )
        for printer in told.printers:
            key = self._keys.setdefault(printer.name, str(len(self._keys) + 1))
            facts: dict[str, FactValue] = {
                "name": printer.name,
                "default": printer.name == told.default,
                "state": printer.state or UnknownReason.UNSUPPORTED,
                "accepting": UnknownReason.UNSUPPORTED if printer.accepting is None else printer.accepting,
                "connection": printer.connection,
                "host": printer.host or UnknownReason.UNSUPPORTED,
                "port": knocked.get(printer.name, "not_tried"),
                **_troubles(printer),
                **_job_facts(jobs[printer.name]),
            }
            facts["wanted"] = facts["default"] is True or bool(jobs[printer.name])
            for short, value in facts.items():
                yield Fact(f"printer.{short}", value, key)

    def _knock(self, printers: Sequence[Printer]) -> dict[str, FactValue]:
        works = [self._work(printer) for printer in printers[:MAX_KNOCKS]]
        results = together(works, NAME_PATIENCE + KNOCK_PATIENCE + 0.5, "printers")
        return {
            printer.name: UnknownReason.TIMEOUT if result is None else result
            for printer, result in zip(printers, results, strict=False)
        }

    def _work(self, printer: Printer) -> Callable[[], FactValue]:
        def work() -> FactValue:
            try:
                found = self._names.look_up(printer.host, printer.port, NAME_PATIENCE)
            except SourceFailed:
                return "shut"
            ends = [end for end in found.endpoints if not forbidden(end.host)]
            if not ends:
                return UnknownReason.DECLINED
            try:
                connect(ends, Deadline(KNOCK_PATIENCE)).channel.close()
            except (NoConnection, TimeoutError):
                return "shut"
            return "open"

        return work


def _prints_elsewhere(machine: Machine) -> bool:
    try:
        match = _ELSEWHERE.search(machine.read("/etc/cups/client.conf"))
    except SourceError:
        return False
    return match is not None and not _OWN.fullmatch(match[1])


def _has_printers(machine: Machine) -> bool:
    """Tell whether somebody has set up a printer here: CUPS writes this file with the first one."""
    return exists(machine, "/etc/cups/printers.conf")


def _knockable(printer: Printer, jobs: Sequence[Job]) -> bool:
    """Tell whether it is worth a packet: not of a printer that does well, which would never go to sleep."""
    troubled = bool(jobs) or printer.state == "stopped" or bool(printer.errors)
    return printer.connection == "network" and bool(printer.host) and troubled


def _troubles(printer: Printer) -> dict[str, FactValue]:
    every = printer.errors | printer.hints
    told: dict[str, FactValue] = {
        short: not (printer.errors.isdisjoint(error) and every.isdisjoint(always))
        for short, (error, always) in _TROUBLES.items()
    }
    told["connecting"] = "connecting-to-device" in every
    told["supply_low"] = not every.isdisjoint(_LOW)
    told["reasons"] = " ".join(sorted(every))
    return told


def _job_facts(jobs: Sequence[Job]) -> dict[str, FactValue]:
    waiting = [job for job in jobs if not job.held]
    ages = [job.age for job in waiting if job.age is not None]
    oldest: FactValue = max(ages, default=0.0) if len(ages) == len(waiting) else UnknownReason.UNSUPPORTED
    return {
        "jobs": len(waiting),
        "jobs_held": sum(job.held and not job.needs_login for job in jobs),
        "jobs_need_login": sum(job.needs_login for job in jobs),
        "oldest_job": oldest,
    }
