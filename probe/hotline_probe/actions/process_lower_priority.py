"""process.lower_priority: gives a program the lowest priority, and the old one back."""

from __future__ import annotations

import os
from collections.abc import Mapping

from hotline_probe.actions.base import Performed
from hotline_probe.actions.processes import Stat, find_process, still
from hotline_probe.errors import ActionError, SourceError
from hotline_probe.machine import LocalMachine

# sched(7): the highest niceness.
LOWEST = 19


class ProcessLowerPriority:
    """Lets other programs go first."""

    name = "process.lower_priority"

    def perform(self, machine: LocalMachine, parameters: Mapping[str, str]) -> Performed:
        """Raise the niceness of all its threads, and make sure that it was raised."""
        if machine.system == "windows":
            from hotline_probe.actions import windowsprocesses  # noqa: PLC0415 - not on Linux

            return windowsprocesses.lower_priority(parameters["process"])
        found = find_process(machine, parameters["process"])
        before = _niceness(machine, found.pid)
        if all(nice >= LOWEST for nice in before.values()):
            raise ActionError("precondition", "this program gives way to all others already")
        try:
            _set_all(machine, found, dict.fromkeys(before, LOWEST), LOWEST)
        except (OSError, ActionError):
            # What could be lowered can only be raised again with the right to do so.
            if _may_raise_to(min(before.values())):
                _set_all(machine, found, before, before.get(found.pid, 0))
            raise
        undoable = _may_raise_to(min(before.values()))
        return Performed(
            f"process {found.pid} now gives way to all others",
            lambda: _set_all(machine, found, before, before.get(found.pid, 0)),
            undoable,
        )


def _niceness(machine: LocalMachine, pid: int) -> dict[int, int]:
    if machine.system == "macos":
        try:
            return {pid: os.getpriority(os.PRIO_PROCESS, pid)}
        except ProcessLookupError as error:
            raise ActionError("precondition", "this process has ended") from error
    # setpriority(2), "C library/kernel differences": on Linux niceness belongs to each thread.
    try:
        threads = [int(name) for name in machine.names(f"/proc/{pid}/task")]
    except SourceError as error:
        raise ActionError("precondition", "this process has ended") from error
    found: dict[int, int] = {}
    for thread in threads:
        try:
            found[thread] = os.getpriority(os.PRIO_PROCESS, thread)
        except ProcessLookupError:
            continue  # a thread that has just ended
    if not found:
        raise ActionError("precondition", "this process has ended")
    return found


def _set_all(machine: LocalMachine, found: Stat, wanted: Mapping[int, int], default: int) -> None:
    still(machine, found)
    for thread, nice in _niceness(machine, found.pid).items():
        target = wanted.get(thread, default)
        if nice == target:
            continue
        try:
            os.setpriority(os.PRIO_PROCESS, thread, target)
        except ProcessLookupError:
            continue
        except PermissionError as error:
            raise ActionError("permission", "only an administrator may change this priority") from error
    now = _niceness(machine, found.pid)
    if any(nice != wanted.get(thread, default) for thread, nice in now.items()):
        raise ActionError("error", "the priority did not change")


def _may_raise_to(nice: int) -> bool:
    import resource  # noqa: PLC0415 - Windows has none, and this module is loaded there too

    if os.geteuid() == 0:
        return True
    # getrlimit(2), RLIMIT_NICE: the ceiling is 20 minus the niceness; other systems have no such right.
    limit = getattr(resource, "RLIMIT_NICE", None)
    return limit is not None and resource.getrlimit(limit)[0] >= 20 - nice
