"""Processes of a Mac, which has no files about them, told by psutil."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hotline_probe.errors import Unsupported

if TYPE_CHECKING:
    from hotline_probe.actions.processes import Stat


def read_stat(pid: int) -> Stat:
    """Return the state of a process; its start is in seconds since 1970, as in the key of its facts.

    Raises:
        Unsupported: there is none.
    """
    import psutil  # noqa: PLC0415 - not needed on Linux

    from hotline_probe.actions.processes import Stat  # noqa: PLC0415 - it imports this module

    letters = {psutil.STATUS_STOPPED: "T", psutil.STATUS_TRACING_STOP: "t", psutil.STATUS_ZOMBIE: "Z"}
    try:
        process = psutil.Process(pid)
        with process.oneshot():
            status = process.status()
            return Stat(pid, letters.get(status, "S"), process.ppid(), 0, int(process.create_time()))
    except psutil.ZombieProcess:
        return Stat(pid, "Z", 0, 0, 0)
    except psutil.Error as error:
        raise Unsupported("there is no such process") from error
