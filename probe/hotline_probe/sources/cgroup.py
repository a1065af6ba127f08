"""What the control group of the probe may use: the limits of a container, a service or a user."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from hotline_proto.facts import Fact, FactValue, UnknownReason

from hotline_probe.errors import SourceError, Unsupported
from hotline_probe.machine import Machine
from hotline_probe.source import Context
from hotline_probe.sources.basics import Sampler, parse_counters, reason, share, unknown, uptime

ROOT = "/sys/fs/cgroup"
# A limit counts wherever it stands above the process; nobody nests deeper for good reasons.
MAX_DEPTH = 12
MEMORY = tuple(f"system.cgroup.memory.{name}" for name in ("limit", "utilization", "oom_kills"))
CPU = ("system.cgroup.cpu.limit", "system.cgroup.cpu.throttled_ratio")
# Version 1 writes the largest number of pages where there is no limit.
_NO_LIMIT = 1 << 60
_LINE = re.compile(r"^\d{1,6}:([\w,.=-]{0,200}):(/.{0,1000})?$", re.MULTILINE | re.ASCII)


@dataclass(frozen=True, slots=True)
class Group:
    """A folder of one controller, in version 1 or 2 of the interface."""

    folder: str
    version: int


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes that a group may use and uses, and processes killed for it."""

    limit: int
    used: int
    kills: int | None


def parse_groups(text: str) -> dict[str, str]:
    """Return the path of each controller in /proc/self/cgroup (cgroups(7)); that of version 2 has no name.

    >>> parse_groups("4:memory:/docker/1f\\n3:cpu,cpuacct:/\\n0::/init.scope\\n")
    {'memory': '/docker/1f', 'cpu': '/', 'cpuacct': '/', '': '/init.scope'}
    """
    return {name: path or "/" for names, path in _LINE.findall(text) for name in names.split(",")}


class Cgroup:
    """Reads /sys/fs/cgroup, from the probe's own group upwards."""

    name = "cgroup"

    def __init__(self) -> None:
        self._samples = Sampler[Mapping[str, tuple[int, int]]]()

    def read(self, context: Context) -> Iterator[Fact]:
        """Yield the tightest limits, and how far they are reached.

        Raises:
            Unsupported: the kernel has no control groups.
        """
        if context.machine.system != "linux":
            raise Unsupported("only Linux has control groups")
        machine = context.machine
        groups = parse_groups(machine.read("/proc/self/cgroup"))
        yield from self._cpu(machine, _levels("cpu", groups))
        yield from _memory(machine, _levels("memory", groups))
        yield Fact("system.cgroup.pids.utilization", _pids(machine, _levels("pids", groups)))

    def _cpu(self, machine: Machine, levels: list[Group]) -> Iterator[Fact]:
        limits, counts = [], {}
        for group in levels:
            try:
                limit = _cpu_limit(machine, group)
                told = parse_counters(machine.read(f"{group.folder}/cpu.stat")) if limit else {}
            except SourceError:
                continue
            if limit and "nr_periods" in told:
                limits.append(limit)
                counts[group.folder] = told["nr_periods"], told.get("nr_throttled", 0)
        if not limits:
            yield from unknown(CPU, UnknownReason.UNSUPPORTED)
            return
        yield Fact("system.cgroup.cpu.limit", min(limits))
        try:
            since = self._samples.since(uptime(machine), counts)
        except SourceError as error:
            yield Fact("system.cgroup.cpu.throttled_ratio", reason(error))
            return
        before = since[1] if since else {}
        ratios = [
            share(throttled - before[folder][1], periods - before[folder][0])
            for folder, (periods, throttled) in counts.items()
            if folder in before
        ]
        yield Fact("system.cgroup.cpu.throttled_ratio", max(ratios) if ratios else UnknownReason.PENDING)


def _levels(controller: str, groups: Mapping[str, str]) -> list[Group]:
    """Return a group and those above it.

    In a container the path may be the host's and not exist; what the container sees as the top is its own.
    """
    version = 1 if controller in groups else 2
    path = groups.get(controller, groups.get(""))
    if path is None:
        return []
    base = f"{ROOT}/{controller}" if version == 1 else ROOT
    parts = [part for part in path.split("/") if part]
    if ".." in parts:  # the group lies outside of what this namespace shows
        parts = []
    depths = range(len(parts), -1, -1)
    folders = ["/".join([base, *parts[:depth]]) for depth in depths]
    return [Group(folder, version) for folder in folders[: MAX_DEPTH - 1] + folders[MAX_DEPTH - 1 :][-1:]]


def _cpu_limit(machine: Machine, group: Group) -> float | None:
    if group.version == 2:
        quota, _, period = machine.read(f"{group.folder}/cpu.max").strip().partition(" ")
    else:
        quota = machine.read(f"{group.folder}/cpu.cfs_quota_us").strip()
        period = machine.read(f"{group.folder}/cpu.cfs_period_us").strip()
    allowed, length = _whole(quota), _whole(period)
    return allowed / length if allowed and length else None


def _memory(machine: Machine, levels: list[Group]) -> Iterator[Fact]:
    found = []
    for group in levels:
        try:
            memory = _memory_of(machine, group)
        except SourceError:
            continue
        if memory is not None:
            found.append(memory)
    if not found:
        yield from unknown(MEMORY, UnknownReason.UNSUPPORTED)
        return
    tightest = max(found, key=lambda memory: memory.used / memory.limit)
    yield Fact("system.cgroup.memory.limit", float(tightest.limit))
    yield Fact("system.cgroup.memory.utilization", share(tightest.used, tightest.limit))
    kills = UnknownReason.UNSUPPORTED if tightest.kills is None else tightest.kills
    yield Fact("system.cgroup.memory.oom_kills", kills)


def _memory_of(machine: Machine, group: Group) -> Memory | None:
    names = (
        ("memory.max", "memory.current", "", "memory.events")
        if group.version == 2
        else ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_", "memory.oom_control")
    )
    limit = _whole(machine.read(f"{group.folder}/{names[0]}").strip())
    used = _whole(machine.read(f"{group.folder}/{names[1]}").strip())
    if not limit or limit >= _NO_LIMIT or used is None:
        return None
    # What was read from files is given up before anything is killed, however lately that was.
    told = parse_counters(machine.read(f"{group.folder}/memory.stat"))
    files = sum(told.get(f"{names[2]}{age}_file", 0) for age in ("inactive", "active"))
    kills = parse_counters(machine.read(f"{group.folder}/{names[3]}")).get("oom_kill")
    return Memory(limit, max(used - files, 0), kills)


def _pids(machine: Machine, levels: list[Group]) -> FactValue:
    shares = []
    for group in levels:
        try:
            limit = _whole(machine.read(f"{group.folder}/pids.max").strip())
            number = _whole(machine.read(f"{group.folder}/pids.current").strip())
        except SourceError:
            continue
        if limit and number is not None:
            shares.append(share(number, limit))
    return max(shares) if shares else UnknownReason.UNSUPPORTED


def _whole(text: str) -> int | None:
    """Return a whole number; None for "max", for -1 and for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 20 else None
