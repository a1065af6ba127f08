"""How busy the processors are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hotline_proto.facts import Fact, FactValue, UnknownReason

from hotline_probe.errors import SourceError, SourceFailed
from hotline_probe.machine import Machine
from hotline_probe.source import Context
from hotline_probe.sources import portable
from hotline_probe.sources.basics import Sampler, reason, share, unknown

if TYPE_CHECKING:
    from hotline_probe.sources.macos.figures import SpeedLimit

SHARES = tuple(f"system.cpu.{fact}" for fact in ("utilization", "nice_ratio", "iowait_ratio", "steal_ratio"))
LOADS = ("system.cpu.load_per_core", "system.cpu.load_per_core_15m")
# USER_HZ is 100 on every architecture that Linux still supports.
TICKS_PER_SECOND = 100
MAX_POLICIES = 16
MAX_CORES = 64
_CPUS = "/sys/devices/system/cpu"
_TOTAL = re.compile(r"^cpu +(\d{1,20}(?: \d{1,20}){3,15})$", re.MULTILINE | re.ASCII)
_EACH = re.compile(r"^cpu\d{1,5} ", re.MULTILINE | re.ASCII)


@dataclass(frozen=True, slots=True)
class CpuTimes:
    """Ticks that all processors together spent since boot, and how many processors there are."""

    total: int
    nice: int
    idle: int
    iowait: int
    steal: int
    count: int


def parse_stat(text: str) -> CpuTimes:
    """Return the processor times of /proc/stat (proc_stat(5)).

    The times of guests, fields 9 and 10, are part of user and nice already.

    >>> parse_stat("cpu  9155 0 3218 601320 192 0 88 10 0 0\\ncpu0 2415 0 1240 303315 16 0 34 4 0 0\\n")
    CpuTimes(total=613983, nice=0, idle=601320, iowait=192, steal=10, count=1)

    Raises:
        SourceFailed: it is not such a file.
    """
    match = _TOTAL.search(text)
    if not match:
        raise SourceFailed("/proc/stat has no line for all processors")
    ticks = [int(field) for field in match[1].split()[:8]]
    ticks += [0] * (8 - len(ticks))
    return CpuTimes(sum(ticks), ticks[1], ticks[3], ticks[4], ticks[7], max(len(_EACH.findall(text)), 1))


def parse_loadavg(text: str) -> tuple[float, float]:
    """Return the 1 and 15 minute load of /proc/loadavg (proc_loadavg(5)).

    >>> parse_loadavg("0.35 0.23 0.10 3/100 13259\\n")
    (0.35, 0.1)

    Raises:
        SourceFailed: it is not such a file.
    """
    match = re.match(r"(\d{1,7}\.\d\d) \d{1,7}\.\d\d (\d{1,7}\.\d\d) ", text, re.ASCII)
    if not match:
        raise SourceFailed("/proc/loadavg does not begin with three numbers")
    return float(match[1]), float(match[2])


class Cpu:
    """Reads /proc/stat, /proc/loadavg and the clocks in /sys; psutil elsewhere, and pmset(1) on macOS."""

    name = "cpu"

    def __init__(self) -> None:
        self._samples = Sampler[CpuTimes]()
        self._portable = portable.CpuClock()
        self._policies: list[tuple[str, int]] | None = None
        self._counters: list[str] | None = None
        self._limit: SpeedLimit | None = None

    def read(self, context: Context) -> Iterator[Fact]:
        """Yield count, load and clock, and shares of time from the second run on.

        Raises:
            SourceFailed: /proc/stat makes no sense.
        """
        if context.machine.system != "linux":
            yield from self._elsewhere(context.machine)
            return
        times = parse_stat(context.machine.read("/proc/stat"))
        yield Fact("system.cpu.logical.count", times.count)
        yield from self._shares(times)
        try:
            loads = parse_loadavg(context.machine.read("/proc/loadavg"))
        except SourceError as error:
            yield from unknown(LOADS, reason(error))
        else:
            for name, load in zip(LOADS, loads, strict=True):
                yield Fact(name, load / times.count)
        yield Fact("system.cpu.frequency_ratio", self._frequency(context.machine))
        yield Fact("system.cpu.throttle_count", self._throttles(context.machine))

    def _elsewhere(self, machine: Machine) -> Iterator[Fact]:
        for fact in self._portable.facts(machine.system):
            if machine.system == "macos" and fact.name == "system.cpu.frequency_ratio":
                from hotline_probe.sources.macos.figures import SpeedLimit  # noqa: PLC0415 - not needed elsewhere

                self._limit = self._limit or SpeedLimit()
                yield Fact(fact.name, self._limit.of(machine))
            else:
                yield fact

    def _shares(self, times: CpuTimes) -> Iterator[Fact]:
        since = self._samples.since(times.total / TICKS_PER_SECOND / times.count, times)
        if since is None:
            yield from unknown(SHARES, UnknownReason.PENDING)
            return
        before = since[1]
        total = times.total - before.total
        iowait = times.iowait - before.iowait
        yield Fact("system.cpu.utilization", 1 - share(times.idle - before.idle + max(iowait, 0), total))
        yield Fact("system.cpu.nice_ratio", share(times.nice - before.nice, total))
        yield Fact("system.cpu.iowait_ratio", share(iowait, total))
        yield Fact("system.cpu.steal_ratio", share(times.steal - before.steal, total))

    def _frequency(self, machine: Machine) -> FactValue:
        try:
            if self._policies is None:
                self._policies = _find_policies(machine)
            ratios = [share(_number(machine, path), highest) for path, highest in self._policies]
        except SourceError as error:
            self._policies = None
            return reason(error)
        return sum(ratios) / len(ratios) if ratios else UnknownReason.UNSUPPORTED

    def _throttles(self, machine: Machine) -> FactValue:
        try:
            if self._counters is None:
                self._counters = _find_throttle_counters(machine)
            counts = [_number(machine, path) for path in self._counters]
        except SourceError as error:
            self._counters = None
            return reason(error)
        return sum(counts) if counts else UnknownReason.UNSUPPORTED


def _number(machine: Machine, path: str) -> int:
    text = machine.read(path).strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise SourceFailed(f"{path} is not a number")
    return int(text)


def _find_policies(machine: Machine) -> list[tuple[str, int]]:
    """Return the file of the current clock and the highest clock of each group of processors."""
    if "cpufreq" not in machine.names(_CPUS):
        return []
    found = []
    for policy in [name for name in machine.names(f"{_CPUS}/cpufreq") if name.startswith("policy")]:
        folder = f"{_CPUS}/cpufreq/{policy}"
        found.append((f"{folder}/scaling_cur_freq", _number(machine, f"{folder}/cpuinfo_max_freq")))
    return found[:MAX_POLICIES]


def _find_throttle_counters(machine: Machine) -> list[str]:
    """Return one counter a core and one a package: siblings show the same one (x86 thermal_throttle)."""
    found: dict[tuple[int, int | None], str] = {}
    for cpu in [name for name in machine.names(_CPUS) if re.fullmatch(r"cpu\d{1,5}", name, re.ASCII)]:
        folder = f"{_CPUS}/{cpu}"
        if "thermal_throttle" not in machine.names(folder):
            continue
        package = _number(machine, f"{folder}/topology/physical_package_id")
        core = _number(machine, f"{folder}/topology/core_id")
        found.setdefault((package, None), f"{folder}/thermal_throttle/package_throttle_count")
        found.setdefault((package, core), f"{folder}/thermal_throttle/core_throttle_count")
        if len(found) >= MAX_CORES:
            break
    return list(found.values())
