"""Programs of Windows: paused, told to give way, ended; psutil knows a number that was given out anew."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator

import psutil

from hotline_probe.actions.base import Performed, final, wait_until
from hotline_probe.actions.commands import Argv
from hotline_probe.errors import ActionError
from hotline_probe.machine import LocalMachine

_KEY = re.compile(r"([1-9][0-9]{0,9})@([0-9]{1,20})", re.ASCII)
# Without these Windows itself ends, or the caller's desktop does.
_OF_THE_SYSTEM = frozenset(
    "csrss dwm explorer fontdrvhost lsaiso lsass memcompression memorycompression registry securesystem "
    "services sihost smss svchost system wininit winlogon".split()
)
_SYSTEM_PIDS = {0, 4}
# The idle class of Windows, which psutil knows there only; elsewhere the highest niceness.
_LOWEST = int(getattr(psutil, "IDLE_PRIORITY_CLASS", 19))
_TO_END, _PATIENCE = 10.0, 10.0


def pause(key: str) -> Performed:
    """Suspend a program; it can be resumed.

    Raises:
        ActionError: it may not be touched, is paused already, or did not stop.
    """
    process = find(key)
    with _translated():
        if process.status() == psutil.STATUS_STOPPED:
            raise ActionError("precondition", "this program is paused already")
        process.suspend()
        if not wait_until(lambda: process.status() == psutil.STATUS_STOPPED):
            process.resume()
            raise ActionError("error", "the program did not stop; it was told to go on")
    return Performed(f"process {process.pid} is paused", lambda: _resume(process))


def lower_priority(key: str) -> Performed:
    """Put a program into the class that only gets what others leave; the old class can be restored.

    Raises:
        ActionError: it may not be touched, or is in that class already.
    """
    process = find(key)
    with _translated():
        before = int(process.nice() or 0)
        if before == _LOWEST:
            raise ActionError("precondition", "this program gives way to all others already")
        process.nice(_LOWEST)
        if int(process.nice() or 0) != _LOWEST:
            raise ActionError("error", "the priority did not change")

    def undo() -> None:
        with _translated():
            process.nice(before)

    return Performed(f"process {process.pid} now gives way to all others", undo)


def end(machine: LocalMachine, key: str) -> Performed:
    """Ask a program to close its windows, and end it after ten seconds.

    Raises:
        ActionError: it may not be touched, or cannot be ended.
    """
    process = find(key)
    with _translated():
        # A program without windows does not hear this; taskkill says so and nothing has happened.
        machine.run(closing(process.pid), _PATIENCE)
        if wait_until(lambda: not _lives(process), _TO_END):
            return Performed(f"process {process.pid} has ended", final, undoable=False)
        process.kill()
        if not wait_until(lambda: not _lives(process)):
            raise ActionError("error", "the program cannot be ended")
    return Performed(f"process {process.pid} did not end by itself and was ended", final, undoable=False)


def closing(pid: int) -> Argv:
    """Return what asks a program to close its windows: taskkill, which forces nothing without /F."""
    return ("taskkill", "/PID", str(pid))


def find(key: str) -> psutil.Process:
    """Return the process that a key "pid@start" names, if it may be touched.

    Raises:
        ActionError: it is gone, of the system, of somebody else, or runs the diagnosis itself.
    """
    match = _KEY.fullmatch(key)
    if match is None:
        raise ActionError("bad_parameter", "a process is named by pid@start")
    with _translated():
        process = psutil.Process(int(match[1]))
        if int(process.create_time()) != int(match[2]):
            raise ActionError("precondition", "this process has ended")
        name = process.name().lower().removesuffix(".exe").replace(" ", "")
        if process.pid in _SYSTEM_PIDS or name in _OF_THE_SYSTEM:
            raise ActionError("precondition", "this process belongs to the system and is left alone")
        own = psutil.Process()
        if process.pid in {own.pid, *(one.pid for one in own.parents())}:
            raise ActionError("precondition", "this process runs the diagnosis itself and is left alone")
        if process.username() != own.username():
            raise ActionError("permission", "this process belongs to somebody else")
    return process


def _resume(process: psutil.Process) -> None:
    with _translated():
        process.resume()
        if not wait_until(lambda: process.status() != psutil.STATUS_STOPPED):
            raise ActionError("error", "the program did not go on")


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except psutil.NoSuchProcess as error:
        raise ActionError("precondition", "this process has ended") from error
    except psutil.AccessDenied as error:
        raise ActionError("permission", "only an administrator may do that to this process") from error
