"""process.end: asks a program to end, and ends it if it does not."""

from __future__ import annotations

import signal
from collections.abc import Mapping

from hotline_probe.actions.base import Performed, final, wait_until
from hotline_probe.actions.process_pause import holding
from hotline_probe.actions.processes import ended, find_process
from hotline_probe.errors import ActionError
from hotline_probe.machine import LocalMachine

# What init systems give a program to end by itself is 90 s (systemd-system.conf(5)); callers wait less.
_TO_END = 10.0


class ProcessEnd:
    """Ends a program."""

    name = "process.end"

    def perform(self, machine: LocalMachine, parameters: Mapping[str, str]) -> Performed:
        """Send SIGTERM, after ten seconds SIGKILL, and make sure that it is gone."""
        if machine.system == "windows":
            from hotline_probe.actions import windowsprocesses  # noqa: PLC0415 - not on Linux

            return windowsprocesses.end(machine, parameters["process"])
        key = parameters["process"]
        pid = find_process(machine, key).pid
        with holding(machine, pid) as send:
            # Looked up again now that the handle holds: it cannot become another process any more.
            found = find_process(machine, key)
            send(signal.SIGTERM)
            # A paused program takes the signal only when it goes on.
            send(signal.SIGCONT)
            if wait_until(lambda: ended(machine, found), _TO_END):
                return Performed(f"process {pid} has ended", final, undoable=False)
            send(signal.SIGKILL)
            if not wait_until(lambda: ended(machine, found)):
                raise ActionError("error", "the program waits for a device and cannot be ended")
        return Performed(f"process {pid} did not end by itself and was ended", final, undoable=False)
