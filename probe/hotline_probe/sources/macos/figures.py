"""Memory, swapping, heat and kind of a Mac: memory_pressure(1), vm_stat(1), sysctl(8) and pmset(1)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from hotline_proto.facts import Fact, FactValue, UnknownReason

from hotline_probe.errors import SourceError, SourceFailed
from hotline_probe.machine import Machine, monotonic
from hotline_probe.sources.basics import Sampler, reason, unknown
from hotline_probe.sources.macos.commands import ask

TIMEOUT = 1.0
RATES = ("system.paging.in_rate", "system.paging.out_rate")
# Heat changes slowly.
ASK_EVERY = 10.0
_TOTAL = re.compile(r"^The system has (\d{1,18}) ", re.MULTILINE | re.ASCII)
_FREE = re.compile(r"^System-wide memory free percentage: (\d{1,3})%", re.MULTILINE | re.ASCII)
_PAGE = re.compile(r"page size of (\d{1,7}) bytes", re.ASCII)
_SWAPS = re.compile(r"^(Swapins|Swapouts): +(\d{1,18})\.", re.MULTILINE | re.ASCII)
_SWAP_TOTAL = re.compile(r"total = (\d{1,12}(?:[.,]\d{1,4})?)M", re.ASCII)
_LIMIT = re.compile(r"^[ \t]*CPU_Speed_Limit\s*= (\d{1,3})\s*$", re.MULTILINE | re.ASCII)


def parse_pressure(text: str) -> tuple[float, float]:
    r"""Return the bytes of memory, and the share that can still be had, from `memory_pressure -Q`.

    >>> parse_pressure("The system has 8589934592 (524288 pages with a page size of 16384).\n"
    ...                "System-wide memory free percentage: 62%\n")
    (8589934592.0, 0.62)

    Raises:
        SourceFailed: it does not say so.
    """
    total, free = _TOTAL.search(text), _FREE.search(text)
    if total is None or free is None or int(free[1]) > 100:
        raise SourceFailed("memory_pressure does not tell how much is free")
    return float(total[1]), int(free[1]) / 100


def parse_swaps(text: str) -> tuple[int, int]:
    r"""Return the bytes read from and written to swap files since the start, from `vm_stat`.

    >>> parse_swaps("(page size of 4096 bytes)\nSwapins:   2.\nSwapouts:   3.\n")
    (8192, 12288)

    Raises:
        SourceFailed: it does not say so.
    """
    page, told = _PAGE.search(text), dict(_SWAPS.findall(text))
    if page is None or len(told) != len(RATES):
        raise SourceFailed("vm_stat does not tell what was swapped")
    return int(told["Swapins"]) * int(page[1]), int(told["Swapouts"]) * int(page[1])


def parse_swap_total(text: str) -> float | None:
    """Return the bytes of the swap files from `sysctl -n vm.swapusage`, None if it does not say.

    >>> parse_swap_total("total = 2048.00M  used = 1052.25M  free = 995.75M  (encrypted)")
    2147483648.0
    """
    match = _SWAP_TOTAL.search(text)
    return float(match[1].replace(",", ".")) * 1024 * 1024 if match else None


def parse_speed_limit(text: str) -> float | None:
    r"""Return the share of its speed that heat leaves the processor, from `pmset -g therm`, None if not told.

    >>> parse_speed_limit("\tCPU_Scheduler_Limit \t= 100\n\tCPU_Speed_Limit \t= 60\n")
    0.6
    """
    match = _LIMIT.search(text)
    return min(int(match[1]), 100) / 100 if match else None


class MacMemory:
    """Memory facts; keeps the counters of the last run."""

    def __init__(self) -> None:
        self._samples = Sampler[tuple[int, int]]()

    def facts(self, machine: Machine) -> Iterator[Fact]:
        """Yield sizes, and rates from the second run on; raises like `ask` and `parse_pressure`.

        Swap files grow and shrink with the need, so how full they are says nothing.
        """
        total, ratio = parse_pressure(ask(machine, ("memory_pressure", "-Q"), TIMEOUT))
        yield Fact("system.memory.total", total)
        yield Fact("system.memory.available", total * ratio)
        yield Fact("system.memory.available_ratio", ratio)
        yield Fact("system.paging.total", _swap_total(machine))
        try:
            now = parse_swaps(ask(machine, ("vm_stat",), TIMEOUT))
        except SourceError as error:
            yield from unknown(RATES, reason(error))
            return
        since = self._samples.since(monotonic(), now)
        if since is None:
            yield from unknown(RATES, UnknownReason.PENDING)
            return
        for name, new, old in zip(RATES, now, since[1], strict=True):
            yield Fact(name, max(new - old, 0) / since[0])


class SpeedLimit:
    """Asks now and then how much of its speed heat leaves the processor."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._asked = -ASK_EVERY
        self._told: FactValue = UnknownReason.UNSUPPORTED

    def of(self, machine: Machine) -> FactValue:
        """Return that share; Macs with Apple's own processors do not tell."""
        now = self._clock()
        if not 0 <= now - self._asked < ASK_EVERY:
            self._asked = now
            try:
                limit = parse_speed_limit(ask(machine, ("pmset", "-g", "therm"), TIMEOUT))
            except SourceError as error:
                self._told = reason(error)
            else:
                self._told = UnknownReason.UNSUPPORTED if limit is None else limit
        return self._told


def is_virtual(machine: Machine) -> FactValue:
    """Return whether this Mac is a virtual one (since macOS 11)."""
    try:
        told = ask(machine, ("sysctl", "-n", "kern.hv_vmm_present"), TIMEOUT).strip()
    except SourceError as error:
        return UnknownReason.UNSUPPORTED if isinstance(error, SourceFailed) else reason(error)
    return told == "1" if told in {"0", "1"} else UnknownReason.UNSUPPORTED


def _swap_total(machine: Machine) -> FactValue:
    try:
        total = parse_swap_total(ask(machine, ("sysctl", "-n", "vm.swapusage"), TIMEOUT))
    except SourceError as error:
        return reason(error)
    return UnknownReason.UNSUPPORTED if total is None else total
