"""Memory and swap space."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from hotline_proto.facts import Fact, UnknownReason

from hotline_probe.errors import SourceError, SourceFailed
from hotline_probe.machine import Machine
from hotline_probe.source import Context
from hotline_probe.sources import portable
from hotline_probe.sources.basics import (
    Sampler,
    page_size,
    parse_counters,
    reason,
    share,
    unknown,
    uptime,
)

if TYPE_CHECKING:
    from hotline_probe.sources.macos.figures import MacMemory

RATES = ("system.memory.major_fault_rate", "system.paging.in_rate", "system.paging.out_rate")


def available_kb(meminfo: Mapping[str, int]) -> int:
    """Return the memory that programs can still get, in kB.

    Kernels before 3.14 do not tell MemAvailable; free memory and caches come close (proc_meminfo(5)).

    >>> available_kb({"MemTotal": 8, "MemFree": 1, "Buffers": 1, "Cached": 2})
    4
    """
    if "MemAvailable" in meminfo:
        return meminfo["MemAvailable"]
    return sum(meminfo.get(key, 0) for key in ("MemFree", "Buffers", "Cached"))


class Memory:
    """Reads /proc/meminfo and /proc/vmstat; memory_pressure(1) and vm_stat(1) on macOS; psutil elsewhere."""

    name = "memory"

    def __init__(self) -> None:
        self._samples = Sampler[tuple[int, int, int]]()
        self._page_size = 0
        self._macos: MacMemory | None = None

    def read(self, context: Context) -> Iterator[Fact]:
        """Yield sizes, and rates from the second run on.

        Raises:
            SourceError: /proc/meminfo or what macOS prints makes no sense.
        """
        if context.machine.system == "macos":
            yield from self._on_macos().facts(context.machine)
            return
        if context.machine.system != "linux":
            yield from portable.memory_facts()
            return
        yield from _sizes(parse_counters(context.machine.read("/proc/meminfo")))
        try:
            vmstat = parse_counters(context.machine.read("/proc/vmstat"))
        except SourceError as error:
            yield from unknown([*RATES, "system.memory.oom_kills"], reason(error))
            return
        # The kernel counts them since 4.13.
        yield Fact("system.memory.oom_kills", vmstat.get("oom_kill", UnknownReason.UNSUPPORTED))
        yield from self._rates(context.machine, vmstat)

    def _on_macos(self) -> MacMemory:
        from hotline_probe.sources.macos.figures import MacMemory  # noqa: PLC0415 - not needed elsewhere

        self._macos = self._macos or MacMemory()
        return self._macos

    def _rates(self, machine: Machine, vmstat: Mapping[str, int]) -> Iterator[Fact]:
        try:
            sample = (vmstat["pgmajfault"], vmstat["pswpin"], vmstat["pswpout"])
        except KeyError:
            yield from unknown(RATES, UnknownReason.UNSUPPORTED)
            return
        self._page_size = self._page_size or page_size(machine)
        since = self._samples.since(uptime(machine), sample)
        if since is None:
            yield from unknown(RATES, UnknownReason.PENDING)
            return
        elapsed, before = since
        units = (1, self._page_size, self._page_size)
        for name, now, then, unit in zip(RATES, sample, before, units, strict=True):
            yield Fact(name, max(now - then, 0) * unit / elapsed)


def _sizes(meminfo: Mapping[str, int]) -> Iterator[Fact]:
    total = meminfo.get("MemTotal", 0)
    if not total:
        raise SourceFailed("/proc/meminfo does not tell MemTotal")
    available = available_kb(meminfo)
    yield Fact("system.memory.total", total * 1024.0)
    yield Fact("system.memory.available", available * 1024.0)
    yield Fact("system.memory.available_ratio", share(available, total))
    swap = meminfo.get("SwapTotal", 0)
    yield Fact("system.paging.total", swap * 1024.0)
    used = share(swap - meminfo.get("SwapFree", 0), swap) if swap else UnknownReason.UNSUPPORTED
    yield Fact("system.paging.utilization", used)
