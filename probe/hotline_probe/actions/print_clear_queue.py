"""print.clear_queue: throws away what waits to be printed."""

from __future__ import annotations

from collections.abc import Mapping

from hotline_probe.actions.base import Performed, final
from hotline_probe.actions.commands import Argv, run
from hotline_probe.errors import ActionError
from hotline_probe.machine import LocalMachine

_PATIENCE = 20.0
_WAITING: Argv = ("lpstat", "-o")
JOBS_SCRIPT = "$r=@{jobs=@(Get-Printer|Get-PrintJob).Count}"


class PrintClearQueue:
    """Empties the queues of all printers."""

    name = "print.clear_queue"

    def perform(self, machine: LocalMachine, parameters: Mapping[str, str]) -> Performed:  # noqa: ARG002
        """Cancel every job and make sure that none is left."""
        count = _waiting(machine)
        if not count:
            raise ActionError("precondition", "nothing waits to be printed")
        run(machine, clearing(machine.system), _PATIENCE)
        if _waiting(machine):
            raise ActionError("error", "the queue is still not empty")
        return Performed(f"{count} print jobs were thrown away", final, undoable=False)


def _waiting(machine: LocalMachine) -> int:
    """Return how many jobs wait."""
    if machine.system != "windows":
        return len(run(machine, _WAITING, _PATIENCE).splitlines())
    from hotline_probe.sources.windows import shell  # noqa: PLC0415 - only Windows needs it

    return shell.integer(shell.ask(machine, JOBS_SCRIPT, _PATIENCE), "jobs") or 0


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
