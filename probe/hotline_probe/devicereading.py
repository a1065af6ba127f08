"""What reading a device takes once it is logged in there: is it of a kind that is read, and until when."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Protocol

from hotline_probe.ssh.errors import SshError, SshTrouble
from hotline_probe.threads import in_thread

if TYPE_CHECKING:
    from hotline_probe.ssh.machine import SshMachine

# paramiko tells nobody when a connection ends.
_LOOK_EVERY = 1.0


# What a machine without a server for SSH looks like.
NO_SERVER = frozenset({SshTrouble.UNREACHABLE, SshTrouble.NO_SSH, SshTrouble.TOO_SLOW})


class Lasting(Protocol):
    """A machine that can be lost."""

    @property
    def alive(self) -> bool:
        """Whether it still can be read."""
        ...


class DeviceSession(Protocol):
    """A session of one device."""

    async def run(self) -> object:
        """Read and send until one side ends it."""
        ...

    def end(self, reason: str = "caller_ended") -> None:
        """End it: nothing is sent any more but the goodbye."""
        ...


async def must_be_readable(machine: SshMachine, host: str) -> None:
    """Return if a machine is of a kind that is read over SSH.

    Raises:
        SshError: it runs another system.
    """
    if await in_thread(lambda: machine.system, "ssh") != "linux":
        raise SshError(SshTrouble.UNSUPPORTED, f"{host} runs a system that is not read over SSH yet")


async def until_over(session: DeviceSession, machine: Lasting) -> bool:
    """Run a session to its end and tell whether that came because the device was lost."""
    running, lost = asyncio.create_task(session.run()), False
    try:
        while not running.done():
            await asyncio.wait([running], timeout=_LOOK_EVERY)
            if not running.done() and not machine.alive and not lost:
                lost = True
                session.end("device_lost")
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
    return lost
