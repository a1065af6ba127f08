"""storage.remount_writable: makes a filesystem writable that was mounted read-only."""

from __future__ import annotations

from collections.abc import Mapping

from hotline_probe.actions.base import Performed
from hotline_probe.actions.commands import run
from hotline_probe.errors import ActionError
from hotline_probe.machine import LocalMachine, Machine
from hotline_probe.sources.mounts import Mount, parse_mountinfo

_PATIENCE = 20.0


class StorageRemountWritable:
    """Makes a filesystem writable."""

    name = "storage.remount_writable"

    def perform(self, machine: LocalMachine, parameters: Mapping[str, str]) -> Performed:
        """Mount it anew where it is, and make sure that it is writable."""
        return remount_writable(machine, parameters["filesystem"])


def remount_writable(machine: Machine, point: str) -> Performed:
    """Mount a filesystem of Linux writable where it is (mount(8)), and make sure that it is."""
    if not _mount(machine, point).read_only:
        raise ActionError("precondition", "this filesystem is writable already")
    run(machine, ("mount", "-o", "remount,rw", point), _PATIENCE)
    if _mount(machine, point).read_only:
        raise ActionError("error", "the filesystem is still read-only")
    return Performed(f"{point} is writable", lambda: _read_only_again(machine, point))


def _read_only_again(machine: Machine, point: str) -> None:
    run(machine, ("mount", "-o", "remount,ro", point), _PATIENCE)


def _mount(machine: Machine, point: str) -> Mount:
    # The last one that was mounted there covers the others.
    mounts = [m for m in parse_mountinfo(machine.read("/proc/self/mountinfo")) if m.point == point]
    if not mounts:
        raise ActionError("precondition", "nothing is mounted there")
    return mounts[-1]
