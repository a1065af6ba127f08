"""Finds exactly the process that was announced, and refuses those that must not be touched."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

from hotline_probe.errors import ActionError, Unsupported
from hotline_probe.machine import LocalMachine

_KEY = re.compile(r"([1-9][0-9]{0,9})@([0-9]{1,20})", re.ASCII)
# linux/sched.h
_PF_KTHREAD = 0x00200000


@dataclass(frozen=True, slots=True)
class Stat:
    """What proc_pid_stat(5) tells: state, parent, kernel flags, start in clock ticks since boot.

    On macOS the start is in seconds since 1970.
    """

    pid: int
    state: str
    parent: int
    flags: int
    start: int


def read_stat(machine: LocalMachine, pid: int) -> Stat:
    """Return the state of a process.

    Raises:
        Unsupported: there is none.
    """
    if machine.system == "macos":
        from hotline_probe.actions.macos import processes  # noqa: PLC0415 - it imports this module

        return processes.read_stat(pid)
    # The name in parentheses may contain anything, parentheses too.
    fields = machine.read(f"/proc/{pid}/stat").rpartition(")")[2].split()
    return Stat(pid, fields[0], int(fields[1]), int(fields[6]), int(fields[19]))


def find_process(machine: LocalMachine, key: str) -> Stat:
    """Return the process that a key "pid@start" names, if it may be touched.

    Raises:
        ActionError: it is gone, or it is the init process, the probe, an ancestor of it, or the kernel's.
    """
    match = _KEY.fullmatch(key)
    if match is None:
        raise ActionError("bad_parameter", "a process is named by pid@start")
    pid, start = int(match[1]), int(match[2])
    stat = _same(machine, pid, start)
    if pid == 1 or stat.flags & _PF_KTHREAD:
        raise ActionError("precondition", "this process belongs to the system and is left alone")
    if pid in ancestors(machine):
        raise ActionError("precondition", "this process runs the diagnosis itself and is left alone")
    if stat.state in "ZX":
        raise ActionError("precondition", "this process has ended already")
    return stat


def still(machine: LocalMachine, stat: Stat) -> Stat:
    """Return the present state of a process found before.

    Raises:
        ActionError: it has ended.
    """
    return _same(machine, stat.pid, stat.start)


def ancestors(machine: LocalMachine) -> set[int]:
    """Return the probe's own pid and those of its parents."""
    found: set[int] = set()
    pid = os.getpid()
    while pid > 0 and pid not in found:
        found.add(pid)
        try:
            pid = read_stat(machine, pid).parent
        except Unsupported:
            break
    return found


def ended(machine: LocalMachine, stat: Stat) -> bool:
    """Tell whether a process found before has ended; one that its parent has not asked after yet has."""
    try:
        return still(machine, stat).state in "ZX"
    except ActionError:
        return True


def _same(machine: LocalMachine, pid: int, start: int) -> Stat:
    try:
        stat = read_stat(machine, pid)
    except Unsupported as error:
        raise ActionError("precondition", "this process has ended") from error
    if stat.start != start:
        raise ActionError("precondition", "this process has ended; another one has its number now")
    return stat
