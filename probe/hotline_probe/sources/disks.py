"""How busy the disks are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hotline_proto.facts import Fact, UnknownReason

from hotline_probe.errors import SourceError, SourceFailed
from hotline_probe.machine import Machine
from hotline_probe.source import Context
from hotline_probe.sources import portable
from hotline_probe.sources.basics import Sampler, reason, share, unknown, uptime
from hotline_probe.sources.mounts import loop_disks, parse_mountinfo

if TYPE_CHECKING:
    from hotline_probe.sources.macos.volumes import Spinning

MAX_DISKS = 64
RATES = tuple(
    f"system.disk.{name}" for name in ("utilization", "latency", "queue", "read_rate", "write_rate")
)
# The kernel counts in sectors of 512 bytes, whatever the disk's own are (Documentation/block/stat.rst).
SECTOR = 512
# Made of other disks or of memory; loop devices count only while a filesystem lies on them.
_DERIVED = re.compile(r"(?:dm-|md|ram|zram|loop|sr|fd)\d|mmcblk\d+(?:boot|rpmb)", re.ASCII)
_LINE = re.compile(r"^ *\d+ +\d+ (\S+)((?: \d{1,20}){11,20})$", re.MULTILINE | re.ASCII)


@dataclass(frozen=True, slots=True)
class DiskCounters:
    """Counters of one device since boot; times in ms, `waited_ms` summed over requests under way."""

    requests: int
    requests_ms: int
    read_sectors: int
    written_sectors: int
    under_way: int
    busy_ms: int
    waited_ms: int


def parse_diskstats(text: str) -> dict[str, DiskCounters]:
    """Return the counters of all devices in /proc/diskstats (Documentation/admin-guide/iostats.rst).

    >>> parse_diskstats(" 8 0 sda 40 10 320 26 50 20 640 34 1 33 60 4 0 0 2\\n")["sda"]
    DiskCounters(requests=94, requests_ms=62, read_sectors=320, written_sectors=640, \
under_way=1, busy_ms=33, waited_ms=60)
    """
    found = {}
    for name, rest in _LINE.findall(text):
        field = [int(part) for part in rest.split()]
        # Discards follow from 4.18 on; flushes (5.5) are left out: they have no size and wait for all others.
        discards, discard_ms = (field[11], field[14]) if len(field) >= 15 else (0, 0)
        found[name] = DiskCounters(
            field[0] + field[4] + discards,
            field[3] + field[7] + discard_ms,
            field[2],
            field[6],
            field[8],
            field[9],
            field[10],
        )
    return found


def rates(elapsed: float, now: DiskCounters, before: DiskCounters) -> tuple[float | UnknownReason, ...]:
    """Return the values of RATES for two samples `elapsed` seconds apart.

    Where requests wait and none ended, as on a disk that hangs, they have waited at least that long.
    Pending when a counter went back: the device is another one, or a counter wrapped around.
    """
    requests = now.requests - before.requests
    busy, waited = now.busy_ms - before.busy_ms, now.waited_ms - before.waited_ms
    read, written = now.read_sectors - before.read_sectors, now.written_sectors - before.written_sectors
    if min(requests, busy, waited, read, written) < 0:
        return (UnknownReason.PENDING,) * len(RATES)
    latency: float | UnknownReason = UnknownReason.UNSUPPORTED
    if requests:
        latency = max(now.requests_ms - before.requests_ms, 0) / requests / 1000
    elif now.under_way and waited:
        latency = waited / now.under_way / 1000
    utilization = share(busy / 1000, elapsed)
    return utilization, latency, waited / 1000 / elapsed, read * SECTOR / elapsed, written * SECTOR / elapsed


class Disks:
    """Reads /proc/diskstats; psutil elsewhere, and diskutil(8) on macOS."""

    name = "disks"

    def __init__(self) -> None:
        self._samples = Sampler[Mapping[str, DiskCounters]]()
        self._portable = portable.DiskClock()
        self._spinning: Spinning | None = None
        self._devices: frozenset[str] = frozenset()
        self._whole: frozenset[str] = frozenset()
        self._rotational: dict[str, bool | UnknownReason] = {}

    def read(self, context: Context) -> Iterator[Fact]:
        """Yield what kind each disk is, and rates from the second run on."""
        if context.machine.system != "linux":
            yield from self._elsewhere(context.machine)
            return
        machine = context.machine
        counters = parse_diskstats(machine.read("/proc/diskstats"))
        since = self._samples.since(uptime(machine), counters)
        for disk in self._choose(machine, counters):
            yield Fact("system.disk.rotational", self._rotational_of(machine, disk), disk)
            before = since[1].get(disk) if since else None
            if since is None or before is None:
                yield from unknown(RATES, UnknownReason.PENDING, disk)
                continue
            for name, value in zip(RATES, rates(since[0], counters[disk], before), strict=True):
                yield Fact(name, value, disk)

    def _elsewhere(self, machine: Machine) -> Iterator[Fact]:
        yield from self._portable.facts()
        if machine.system == "windows":
            from hotline_probe.sources.windows.storage import rotational_facts  # noqa: PLC0415 - not on Linux

            yield from rotational_facts(machine, self._portable.disks)
        if machine.system == "macos":
            from hotline_probe.sources.macos.volumes import Spinning  # noqa: PLC0415 - not needed elsewhere

            self._spinning = self._spinning or Spinning()
            for disk in self._portable.disks:
                yield Fact("system.disk.rotational", self._spinning.of(machine, disk), disk)

    def _choose(self, machine: Machine, counters: Mapping[str, DiskCounters]) -> list[str]:
        """Return the whole disks, and loop devices that hold a filesystem."""
        if self._devices != counters.keys():
            self._devices = frozenset(counters)
            self._whole = self._devices & frozenset(machine.names("/sys/block"))
            self._rotational = {}
        disks = [name for name in counters if name in self._whole and not _DERIVED.match(name)]
        if any(name.startswith("loop") and counters[name].requests for name in self._whole):
            loops = loop_disks(parse_mountinfo(machine.read("/proc/self/mountinfo")))
            disks += [name for name in counters if name in loops]
        return disks[:MAX_DISKS]

    def _rotational_of(self, machine: Machine, disk: str) -> bool | UnknownReason:
        if disk not in self._rotational:
            self._rotational[disk] = _read_rotational(machine, disk)
        return self._rotational[disk]


def _read_rotational(machine: Machine, disk: str) -> bool | UnknownReason:
    try:
        told = machine.read(f"/sys/block/{disk}/queue/rotational").strip()
        if told not in {"0", "1"}:
            raise SourceFailed(f"/sys/block/{disk}/queue/rotational is neither 0 nor 1")
    except SourceError as error:
        return reason(error)
    return told == "1"
