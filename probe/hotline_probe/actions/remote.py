"""A device over SSH as actions see it: what changes it is run with the rights of root there, or not at all.

Whoever logged in is root, as on most routers, or may use sudo without a password. The password that the
caller typed to log in is never given to sudo.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence

from hotline_probe.errors import Denied, MissingTool
from hotline_probe.machine import CommandResult, FilesystemUse, Machine

_TIMEOUT = 10.0
_SUDO = ("sudo", "-n", "--")
# sudo(8) says what it refuses in its own name, or begins like this (sudoers, "Sorry, user … is not allowed").
_REFUSALS = ("sudo: ", "Sorry, user ")


class RemoteMachine:
    """A machine that is read as whoever logged in, and changed by `act` only."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._before: tuple[str, ...] | None = None
        self._lock = threading.Lock()

    def reached_by(self, machine: Machine) -> None:
        """Take up another connection to the same machine; what was done before can be taken back over it."""
        with self._lock:
            self._machine, self._before = machine, None

    @property
    def system(self) -> str:
        """Which system runs there."""
        return self._machine.system

    def read(self, path: str) -> str:
        """Return a text file."""
        return self._machine.read(path)

    def names(self, path: str) -> list[str]:
        """Return the names in a folder."""
        return self._machine.names(path)

    def link(self, path: str) -> str:
        """Return where a symbolic link points."""
        return self._machine.link(path)

    def filesystem(self, path: str) -> FilesystemUse:
        """Return the use of a filesystem."""
        return self._machine.filesystem(path)

    def run(self, argv: Sequence[str], timeout: float) -> CommandResult:
        """Run a program that only asks, as whoever logged in."""
        return self._machine.run(argv, timeout)

    def act(self, argv: Sequence[str], timeout: float) -> CommandResult:
        """Run a program that changes something, as root.

        Raises:
            Denied: whoever logged in has not the rights, or would have to type a password.
            MissingTool: the program is not installed there.
            SourceFailed: it took too long, printed too much, or the connection ended.
        """
        before = self._rights()
        try:
            result = self._machine.run((*before, *argv), timeout)
        except MissingTool as error:
            if before:
                raise Denied("only root may do this on the device, and there is no sudo") from error
            raise
        if before and result.code and result.err.startswith(_REFUSALS):
            message = result.err.strip()[:200]
            if message.endswith("command not found"):
                raise MissingTool(f"{argv[0]} is not installed there")
            raise Denied(f"only root may do this on the device ({message})")
        return result

    def _rights(self) -> tuple[str, ...]:
        with self._lock:
            if self._before is None:
                told = self._machine.run(("id", "-u"), _TIMEOUT)
                self._before = () if told.code == 0 and told.out.strip() == "0" else _SUDO
            return self._before
