"""time.sync: has the system set its clock from the time server that it is set up for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hotline_probe.actions.base import Performed, final
from hotline_probe.actions.commands import Argv, run, run_first
from hotline_probe.errors import ActionError
from hotline_probe.machine import LocalMachine

_PATIENCE = 20.0


class TimeSync:
    """Sets the clock."""

    name = "time.sync"

    def perform(self, machine: LocalMachine, parameters: Mapping[str, str]) -> Performed:  # noqa: ARG002
        """Have whoever looks after the clock set it now; whether it is right then is measured."""
        if machine.system == "windows":
            _start_service(machine)
        if machine.system == "macos":
            from hotline_probe.actions.macos.system import set_clock  # noqa: PLC0415 - not needed elsewhere

            return set_clock(machine)
        program = run_first(machine, syncing(machine.system), _PATIENCE)
        return Performed(f"{program} was told to set the clock", final, undoable=False)


def _start_service(machine: LocalMachine) -> None:
    """At home the service only runs now and then, and w32tm needs it; "runs already" is no failure."""
    try:
        run(machine, ("net", "start", "w32time"), _PATIENCE)
    except ActionError as error:
        if error.code == "permission":
            raise


def syncing(system: str) -> Sequence[Argv]:
    """Return what sets the clock: chronyc(1), systemd-timesyncd(8), timedatectl(1), w32tm."""
    match system:
        case "windows":
            return (("w32tm", "/resync", "/force"),)
        case _:
            return (
                ("chronyc", "-a", "makestep"),
                ("systemctl", "restart", "systemd-timesyncd.service"),
                ("timedatectl", "set-ntp", "true"),
            )
