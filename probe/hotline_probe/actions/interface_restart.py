"""interface.restart: switches a network adapter off and on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hotline_probe.actions.base import Performed, final, wait_until
from hotline_probe.actions.commands import Argv, run
from hotline_probe.actions.interface_enable import admin_up, check_name, is_up, switching
from hotline_probe.errors import ActionError
from hotline_probe.machine import LocalMachine, Machine

_PATIENCE = 10.0
# Whoever looks after the adapter brings its routes back within that; else we do.
_ROUTES_COME_BACK = 5.0


class InterfaceRestart:
    """Switches a network adapter off and on again."""

    name = "interface.restart"

    def perform(self, machine: LocalMachine, parameters: Mapping[str, str]) -> Performed:
        """Do both, whatever happens in between, and make sure that it is on and its routes are back."""
        system = machine.system
        name = check_name(parameters["interface"], system)
        if system == "macos":
            from hotline_probe.actions.macos.network import restart_interface  # noqa: PLC0415 - not needed elsewhere

            return restart_interface(machine, name)
        if system == "linux":
            return restart_on_linux(machine, name)
        _off_and_on(machine, *restarting(system, name))
        if system == "windows" and not admin_up(machine, name):
            raise ActionError("error", f"{name} does not come up again")
        return Performed(f"{name} was switched off and on", final, undoable=False)


def restart_on_linux(machine: Machine, name: str, pause: float = 0.005) -> Performed:
    """Switch an adapter off and on and bring its routes back, looking for them every `pause` seconds."""
    routes = _routes(machine, name)
    _off_and_on(machine, *restarting("linux", name))
    if not is_up(machine, name):
        raise ActionError("error", f"{name} does not come up again")
    _bring_back(machine, name, routes, pause)
    return Performed(f"{name} was switched off and on", final, undoable=False)


def _off_and_on(machine: Machine, off: Argv, on: Argv) -> None:
    try:
        run(machine, off, _PATIENCE)
    finally:
        run(machine, on, _PATIENCE)


def restarting(system: str, name: str) -> tuple[Argv, Argv]:
    """Return what switches off and on: ip-link(8), netsh."""
    match system:
        case "windows":
            return switching(name, on=False), switching(name, on=True)
        case _:
            switch = ("ip", "link", "set", "dev", name)
            return (*switch, "down"), (*switch, "up")


def _routes(machine: Machine, name: str) -> Sequence[str]:
    # The kernel forgets the routes of an adapter that is switched off (ip-route(8)).
    told = run(machine, ("ip", "-4", "route", "show", "dev", name), _PATIENCE)
    return [line for line in told.splitlines() if line.strip() and "proto kernel" not in line]


def _bring_back(machine: Machine, name: str, routes: Sequence[str], pause: float) -> None:
    def missing() -> list[str]:
        now = set(_routes(machine, name))
        return [route for route in routes if route not in now]

    if wait_until(lambda: not missing(), _ROUTES_COME_BACK if routes else 0, pause):
        return
    for route in missing():
        words = [word for word in route.split() if word != "linkdown"]
        run(machine, ("ip", "-4", "route", "replace", *words, "dev", name), _PATIENCE)
