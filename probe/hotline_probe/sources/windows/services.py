"""Services of Windows: the class Win32_Service, whose words are English everywhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from hotline_proto.facts import Fact, UnknownReason

from hotline_probe.machine import Machine, monotonic
from hotline_probe.sources.windows.asked import Shared
from hotline_probe.sources.windows.shell import Row, integer, rows, text

KEEP = 20.0
MAX_SHOWN = 50
MAX_NAME = 128
# A service must tell about its start within 30 s (ServicesPipeTimeout).
STUCK_AFTER = 30.0
SCRIPT = (
    "$r=@{services=@(Get-CimInstance Win32_Service|"
    "Select-Object Name,State,StartMode,ExitCode,ServiceSpecificExitCode)}"
)
# winerror.h: ended well, or nobody tried to start it since the computer was started.
_HARMLESS = {0, 1077}
_OWN_CODE = 1066
_RESULTS = {0: "success", 1053: "timeout", 1067: "exit-code", 1068: "dependency", 1069: "logon"}
_STATES = {"Running": "active", "Start Pending": "activating", "Continue Pending": "activating"}
# Windows makes one of each of these for every login; they come and go with it.
_OF_A_USER = re.compile(r".+_[0-9a-f]{4,8}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Service:
    """A service that starts with Windows, or should."""

    name: str
    state: str
    code: int

    @property
    def failed(self) -> bool:
        """Whether it ended with an error, or never got that far."""
        return self.state == "failed"


def parse_services(told: Row) -> dict[str, Service]:
    """Return the services that start by themselves, by name."""
    found = {}
    for row in rows(told, "services"):
        name = text(row, "Name")
        if not 0 < len(name) <= MAX_NAME or text(row, "StartMode") != "Auto" or _OF_A_USER.fullmatch(name):
            continue
        code = integer(row, "ExitCode") or 0
        stopped = "inactive" if code in _HARMLESS else "failed"
        told_state = text(row, "State")
        state = stopped if told_state == "Stopped" else _STATES.get(told_state, "other")
        own = integer(row, "ServiceSpecificExitCode") if code == _OWN_CODE else code
        found[name] = Service(name, state, code if own is None else own)
    return found


_SERVICES: Shared[dict[str, Service]] = Shared(SCRIPT, parse_services, KEEP)


class WindowsServices:
    """Remembers services that failed or hang at their start, so that their recovery can be seen."""

    def __init__(self) -> None:
        self._known: dict[str, None] = {}
        self._starting: dict[str, float] = {}

    def facts(self, machine: Machine) -> Iterator[Fact]:
        """Yield how many services failed, and those that are in trouble or were.

        Raises:
            SourceError: PowerShell cannot tell.
        """
        services, now = _SERVICES.get(machine), monotonic()
        failed = [name for name, service in services.items() if service.failed]
        yield Fact("system.service.manager", "windows")
        yield Fact("system.service.failed_count", len(failed))
        starting = [name for name, service in services.items() if service.state == "activating"]
        self._starting = {name: self._starting.get(name, now) for name in starting}
        stuck = [name for name, since in self._starting.items() if now - since >= STUCK_AFTER]
        known = dict.fromkeys([*self._known, *failed, *stuck])
        # One that is disabled or removed meanwhile is neither well nor ill.
        self._known = dict.fromkeys([name for name in known if name in services][-MAX_SHOWN:])
        for name in self._known:
            yield from _facts(services[name])


def _facts(service: Service) -> Iterator[Fact]:
    yield Fact("service.state", service.state, service.name)
    word = _RESULTS.get(service.code, "exit-code") if service.failed else "success"
    yield Fact("service.result", word, service.name)
    yield Fact("service.restarts", UnknownReason.UNSUPPORTED, service.name)
    ran = service.failed and service.code not in {1053, 1068, 1069}
    yield Fact("service.exit_code", service.code if ran else UnknownReason.UNSUPPORTED, service.name)
