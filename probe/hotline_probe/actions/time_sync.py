"""time.sync: has the system set its clock from the time server that it is set up for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hotline_probe.actions.base import Performed, final
from hotline_probe.actions.commands import Argv, run_first
from hotline_probe.machine import LocalMachine

_PATIENCE = 20.0


class TimeSync:
    """Sets the clock."""

    name = "time.sync"

    def perform(self, machine: LocalMachine, parameters: Mapping[str, str]) -> Performed:  # noqa: ARG002
        """Have whoever looks after the clock set it now; whether it is right then is measured."""
        program = run_first(machine, syncing(machine.system), _PATIENCE)
        return Performed(f"{program} was told to set the clock", final, undoable=False)


def syncing(system: str) -> Sequence[Argv]:
    """Return what sets the clock: chronyc(1), systemd-timesyncd(8), timedatectl(1), w32tm, systemsetup(8)."""
    match system:
        case "windows":
            return (("w32tm", "/resync", "/force"),)
        case "macos":
            return (("systemsetup", "-setusingnetworktime", "on"),)
        case _:
            return (
                ("chronyc", "-a", "makestep"),
                ("systemctl", "restart", "systemd-timesyncd.service"),
                ("timedatectl", "set-ntp", "true"),
            )
