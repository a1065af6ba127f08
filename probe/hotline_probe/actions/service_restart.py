"""service.restart: stops a service and starts it anew."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from hotline_probe.actions.base import Performed, final, wait_until
from hotline_probe.actions.commands import Argv, run
from hotline_probe.errors import ActionError
from hotline_probe.machine import LocalMachine, Machine

# systemd.unit(5): letters, digits and ":-_.\@"; nothing like an option.
_NAME = re.compile(r"(?!-)[A-Za-z0-9:_.\\@-]{1,255}", re.ASCII)
# Names of Windows' services may have spaces ("Apple Mobile Device Service"), but no slashes (CreateService).
_WINDOWS_NAME = re.compile(r"(?![-/])[^\x00-\x1f\x7f\"<>|&^%*?\\/]{1,256}")
# The number of a running service (SERVICE_RUNNING), whatever its label is called.
_RUNNING = re.compile(r"^[^:\n]+:\s+4\s", re.MULTILINE | re.ASCII)
_PATIENCE = 60.0
_STAYS_UP = 2.0


class ServiceRestart:
    """Restarts a service of the system."""

    name = "service.restart"

    def perform(self, machine: LocalMachine, parameters: Mapping[str, str]) -> Performed:
        """Restart it and make sure that it runs, and still does after a moment."""
        name = parameters["service"]
        allowed = _WINDOWS_NAME if machine.system == "windows" else _NAME
        if allowed.fullmatch(name) is None:
            raise ActionError("bad_parameter", "this is no name of a service")
        if machine.system == "windows":
            return _on_windows(machine, name)
        if machine.system == "macos":
            from hotline_probe.actions.macos.system import restart_service  # noqa: PLC0415 - not needed elsewhere

            return restart_service(machine, name)
        return restart_by_systemd(machine, name)


def restart_by_systemd(machine: Machine, name: str, pause: float = 0.005) -> Performed:
    """Restart a unit, and look every `pause` seconds whether it stays up."""
    for argv in restarting(machine.system, name):
        run(machine, argv, _PATIENCE)
    if machine.system == "linux" and wait_until(lambda: not _runs(machine, name), _STAYS_UP, pause):
        raise ActionError("error", f"{name} does not stay up")
    return Performed(f"{name} was restarted", final, undoable=False)


def _on_windows(machine: LocalMachine, name: str) -> Performed:
    stop, start = restarting("windows", name)
    try:
        run(machine, stop, _PATIENCE)
    except ActionError as error:
        # One that does not run cannot be stopped, but started.
        if error.code == "permission" or _runs_on_windows(machine, name):
            raise
    run(machine, start, _PATIENCE)
    if wait_until(lambda: not _runs_on_windows(machine, name), _STAYS_UP):
        raise ActionError("error", f"{name} does not stay up")
    return Performed(f"{name} was restarted", final, undoable=False)


def _runs_on_windows(machine: LocalMachine, name: str) -> bool:
    return _RUNNING.search(run(machine, ("sc", "query", name), _PATIENCE)) is not None


def restarting(system: str, name: str) -> Sequence[Argv]:
    """Return what restarts a service: systemctl(1), net."""
    match system:
        case "windows":
            return (("net", "stop", name, "/y"), ("net", "start", name))
        case _:
            return (("systemctl", "restart", "--", name),)


def _runs(machine: Machine, name: str) -> bool:
    return machine.run(("systemctl", "is-active", "--quiet", "--", name), _PATIENCE).code == 0
