"""print.clear_queue: throws away what waits to be printed."""

from __future__ import annotations

from collections.abc import Mapping

from hotline_probe.actions.base import Performed, final
from hotline_probe.actions.commands import Argv, run
from hotline_probe.errors import ActionError
from hotline_probe.machine import LocalMachine

_PATIENCE = 20.0
_WAITING: Argv = ("lpstat", "-o")


class PrintClearQueue:
    """Empties the queues of all printers."""

    name = "print.clear_queue"

    def perform(self, machine: LocalMachine, parameters: Mapping[str, str]) -> Performed:  # noqa: ARG002
        """Cancel every job and make sure that none is left."""
        cups = machine.system != "windows"
        jobs = run(machine, _WAITING, _PATIENCE).splitlines() if cups else []
        if cups and not jobs:
            raise ActionError("precondition", "nothing waits to be printed")
        run(machine, clearing(machine.system), _PATIENCE)
        if cups and run(machine, _WAITING, _PATIENCE).strip():
            raise ActionError("error", "the queue is still not empty")
        said = f"{len(jobs)} print jobs were thrown away" if cups else "the print jobs were thrown away"
        return Performed(said, final, undoable=False)


def clearing(system: str) -> Argv:
    """Return what cancels every job: cancel(1), PrintManagement's Remove-PrintJob."""
    if system == "windows":
        return (
            "powershell",
            "-NoProfile",
            "-NonInteractive",
            "-Command",
            "Get-Printer | Get-PrintJob | Remove-PrintJob",
        )
    return ("cancel", "-a", "-x")
