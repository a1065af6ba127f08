"""Jobs of launchd(8) that end with an error or are started over and over.

Apple's own jobs come and go with all sorts of exit codes on a healthy Mac, and nobody can mend them by hand;
they are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from hotline_proto.facts import Fact, FactValue, UnknownReason

from hotline_probe.errors import SourceError
from hotline_probe.machine import Machine
from hotline_probe.sources.macos.commands import ask

TIMEOUT = 2.0
MAX_JOBS = 4096
# Each is asked about by itself.
MAX_SHOWN = 10
MAX_NAME = 128
_LIST = re.compile(r"^(\d{1,10}|-)\t(-?\d{1,10}|-)\t(\S{1,200})$", re.MULTILINE | re.ASCII)
_SERVICES = re.compile(r"^\tservices = \{\n(.*?)^\t\}", re.MULTILINE | re.DOTALL)
_ROW = re.compile(
    r"^[ \t]+(\d{1,10})\s+(-?\d{1,10}|-|\(\w{1,8}\))\s+(\S{1,200})\s*$", re.MULTILINE | re.ASCII
)
_FIELD = re.compile(r"^\t(state|runs|properties) = (.{1,400})$", re.MULTILINE | re.ASCII)
# Jobs of Apple, of programs in the Dock, and without a name.
_OTHERS = re.compile(r"com\.apple\.|application\.|0x|\[")
# How launchd itself ends a job that has nothing to do (launchd.plist(5), ExitTimeOut).
_ASKED_TO_END = frozenset({0, -9, -15})
# SIGILL, SIGTRAP, SIGABRT, SIGFPE, SIGBUS, SIGSEGV of signal(3): the program made a mistake.
_CRASHES = frozenset({-4, -5, -6, -8, -10, -11})


@dataclass(frozen=True, slots=True)
class Job:
    """A job: whether it runs, how it last ended (0 well, below 0 the signal, None never), and its domain."""

    running: bool
    status: int | None
    domain: str

    @property
    def failed(self) -> bool:
        """Tell whether it does not run because something went wrong."""
        return not self.running and self.status is not None and self.status not in _ASKED_TO_END


def parse_list(text: str, domain: str) -> dict[str, Job]:
    r"""Return the jobs of `launchctl list` that are not Apple's, by label.

    >>> parse_list("PID\tStatus\tLabel\n-\t78\torg.example.sync\n311\t0\tcom.apple.Finder\n", "gui/501")
    {'org.example.sync': Job(running=False, status=78, domain='gui/501')}
    """
    rows = _LIST.findall(text)[:MAX_JOBS]
    return {
        label: Job(pid != "-", _status(status), domain) for pid, status, label in rows if _is_foreign(label)
    }


def parse_system(text: str) -> dict[str, Job]:
    """Return the jobs of `launchctl print system` that are not Apple's, by label."""
    block = _SERVICES.search(text)
    rows = _ROW.findall(block[1])[:MAX_JOBS] if block else []
    return {
        label: Job(pid != "0", _status(status), "system") for pid, status, label in rows if _is_foreign(label)
    }


def parse_job(text: str) -> dict[str, str]:
    r"""Return state, runs and properties of one job in `launchctl print`, the first of each.

    >>> parse_job("system/org.example = {\n\tstate = spawn scheduled\n\truns = 57\n}\n")["state"]
    'spawn scheduled'
    """
    return dict(reversed(_FIELD.findall(text)))


class MacServices:
    """Asks launchctl(1); a job stays in the list after it recovered, so that its recovery can be seen."""

    def __init__(self) -> None:
        self._known: dict[str, None] = {}

    def facts(self, machine: Machine) -> Iterator[Fact]:
        """Yield how many jobs failed, and the jobs that are in trouble or were; raises like `ask`."""
        jobs = self._jobs(machine)
        failed = [label for label, job in jobs.items() if job.failed]
        yield Fact("system.service.manager", "launchd")
        yield Fact("system.service.failed_count", len(failed))
        self._known = {label: None for label in [*self._known, *failed][:MAX_JOBS] if label in jobs}
        for label in list(self._known)[-MAX_SHOWN:]:
            yield from _job_facts(machine, label, jobs[label])

    def _jobs(self, machine: Machine) -> dict[str, Job]:
        system = parse_system(ask(machine, ("launchctl", "print", "system"), TIMEOUT))
        uid = ask(machine, ("id", "-u"), TIMEOUT).strip()
        if not (uid.isascii() and uid.isdigit()) or uid == "0":
            return system
        try:
            own = parse_list(ask(machine, ("launchctl", "list"), TIMEOUT), f"gui/{uid}")
        except SourceError:  # nobody is logged in at the screen
            own = {}
        return {**own, **system}


def domain_of(machine: Machine, label: str) -> str:
    """Return the domain that a job lives in, the system's if nobody knows it; raises like `ask`."""
    job = MacServices()._jobs(machine).get(label)
    return job.domain if job else "system"


def _is_foreign(label: str) -> bool:
    return len(label) <= MAX_NAME and _OTHERS.match(label) is None


def _status(text: str) -> int | None:
    return int(text) if text.lstrip("-").isdigit() else None


def _job_facts(machine: Machine, label: str, job: Job) -> Iterator[Fact]:
    try:
        told = parse_job(ask(machine, ("launchctl", "print", f"{job.domain}/{label}"), TIMEOUT))
    except SourceError:
        told = {}
    waits = told.get("state") == "spawn scheduled"
    state = "active" if job.running else "activating" if waits else "failed" if job.failed else "inactive"
    yield Fact("service.state", state, label)
    yield Fact("service.result", _result(job.status), label)
    yield Fact("service.restarts", _restarts(told), label)
    known = job.status is not None and job.status >= 0
    yield Fact("service.exit_code", job.status if known and job.status is not None else _NOTHING, label)


_NOTHING = UnknownReason.UNSUPPORTED


def _result(status: int | None) -> FactValue:
    if status is None:
        return _NOTHING
    if status in _ASKED_TO_END:
        return "success"
    return "exit-code" if status > 0 else "core-dump" if status in _CRASHES else "signal"


def _restarts(told: dict[str, str]) -> FactValue:
    """Only a job that is kept alive starts by itself; others run at their times, or when they are needed."""
    runs = told.get("runs", "")
    if "keepalive" not in told.get("properties", "") or not (runs.isascii() and runs.isdigit()):
        return _NOTHING
    return max(int(runs[:9]) - 1, 0)
