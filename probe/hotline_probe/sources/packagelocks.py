"""Who holds the database of installed programs, and since when."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hotline_probe.errors import SourceError, SourceFailed
from hotline_probe.machine import Machine
from hotline_probe.sources.basics import uptime
from hotline_probe.sources.cpu import TICKS_PER_SECOND
from hotline_probe.sources.procfs import parse_process_stat

LOCKS = (
    "/var/lib/dpkg/lock-frontend",
    "/var/lib/dpkg/lock",
    "/var/lib/rpm/.rpm.lock",
    "/usr/lib/sysimage/rpm/.rpm.lock",
)
# Programs that lock it for one job and then end, as the kernel cuts their names.
BRIEF = frozenset("apt apt-get dnf dnf5 dpkg rpm unattended-upgr yum zypper".split())
# Programs that stay and lock it now and then, or for as long as somebody looks at their window.
LASTING = frozenset(
    "aptd aptitude gnome-software packagekitd plasma-discover synaptic update-manager".split()
)
_TIMEOUT = 2.0
# proc_locks(5): number, kind, mode, access, pid, device and inode, range.
_LOCK = re.compile(r"^\d+: +(?:POSIX|FLOCK) +\S+ +WRITE +(\d{1,10}) +\w+:\w+:(\d{1,20}) ", re.MULTILINE)
_INODE = re.compile(r"^(\d{1,20})$", re.MULTILINE | re.ASCII)


@dataclass(frozen=True, slots=True)
class Holder:
    """A process that holds a lock: its pid, its name and the seconds since it was started."""

    pid: str
    name: str
    age: float


def parse_locks(text: str) -> dict[str, str]:
    """Return by inode the process that has locked a file for writing, from /proc/locks.

    >>> parse_locks("1: POSIX  ADVISORY  WRITE 1498 fe:00:1261 0 EOF\\n")
    {'1261': '1498'}
    """
    return {inode: pid for pid, inode in _LOCK.findall(text)}


def find_holder(machine: Machine, paths: Sequence[str] = LOCKS) -> Holder | None:
    """Return the program for packages that holds one of the locks, None if none does.

    Filesystems disagree about the number of their device, so the inode and the name of the program must do.

    Raises:
        SourceError: the locks cannot be read, or stat(1) is missing.
    """
    locks = parse_locks(machine.read("/proc/locks"))
    if not locks:
        return None
    inodes = _INODE.findall(machine.run(("stat", "-c", "%i", "--", *paths), _TIMEOUT).out)
    for pid in (locks[inode] for inode in inodes if inode in locks):
        holder = _holder(machine, pid)
        if holder is not None:
            return holder
    return None


def _holder(machine: Machine, pid: str) -> Holder | None:
    try:
        stat = parse_process_stat(machine.read(f"/proc/{pid}/stat"))
        age = uptime(machine) - stat.started / TICKS_PER_SECOND
    except SourceError:  # it ended meanwhile
        return None
    return Holder(pid, stat.name, max(age, 0.0)) if stat.name in BRIEF | LASTING else None


class LockWatch:
    """Tells for how long one program has been holding the lock."""

    def __init__(self) -> None:
        self._since: Mapping[str, float] = {}

    def held_for(self, now: float, holder: Holder | None) -> float:
        """Return the seconds: the age of a program that runs for one job, else the time since first seen."""
        if holder is None:
            self._since = {}
            return 0.0
        self._since = {holder.pid: self._since.get(holder.pid, now)}
        return holder.age if holder.name in BRIEF else now - self._since[holder.pid]


def parse_half_done(text: str) -> int:
    r"""Return how many packages in dpkg's status file were left half way (dpkg(1), package states).

    >>> parse_half_done("Package: a\nStatus: install ok half-configured\n\nPackage: b\n")
    1

    Raises:
        SourceFailed: it is not such a file.
    """
    states = re.findall(r"^Status: \S+ \S+ (\S+)$", text, re.MULTILINE)
    if not states:
        raise SourceFailed("dpkg's status file names no package")
    return sum(state in ("half-installed", "half-configured", "unpacked") for state in states)
