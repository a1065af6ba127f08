"""process.pause: stops a program with SIGSTOP, continues it with SIGCONT."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable, Iterator, Mapping
from functools import partial

from hotline_probe.actions.base import Performed, wait_until
from hotline_probe.actions.processes import Stat, find_process, still
from hotline_probe.errors import ActionError
from hotline_probe.machine import LocalMachine

_STOPPED = "T"


class ProcessPause:
    """Pauses a program."""

    name = "process.pause"

    def perform(self, machine: LocalMachine, parameters: Mapping[str, str]) -> Performed:
        """Stop it and make sure that it has stopped."""
        if machine.system == "windows":
            from hotline_probe.actions import windowsprocesses  # noqa: PLC0415 - not on Linux

            return windowsprocesses.pause(parameters["process"])
        key = parameters["process"]
        pid = find_process(machine, key).pid
        with holding(machine, pid) as send:
            # Looked up again now that the handle holds: it cannot become another process any more.
            found = find_process(machine, key)
            if found.state in "Tt":
                raise ActionError("precondition", "this program is paused already")
            send(signal.SIGSTOP)
            if not wait_until(lambda: still(machine, found).state == _STOPPED):
                send(signal.SIGCONT)
                raise ActionError("error", "the program did not stop; it was told to go on")
        return Performed(f"process {pid} is paused", lambda: _resume(machine, found))


def _resume(machine: LocalMachine, found: Stat) -> None:
    with holding(machine, found.pid) as send:
        still(machine, found)
        send(signal.SIGCONT)
        if not wait_until(lambda: still(machine, found).state != _STOPPED):
            raise ActionError("error", "the program did not go on")


@contextlib.contextmanager
def holding(machine: LocalMachine, pid: int) -> Iterator[Callable[[signal.Signals], None]]:
    """Hold a process by pidfd_open(2), and give what sends it a signal; macOS only knows its number."""
    if machine.system == "macos":
        yield partial(os.kill, pid)
        return
    # pidfd_open(2): unlike a number, a handle never comes to mean another process.
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError as error:
        raise ActionError("precondition", "this process has ended") from error
    try:
        yield partial(signal.pidfd_send_signal, handle)
    finally:
        os.close(handle)
