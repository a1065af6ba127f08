"""What a battery of Windows can hold: the driver's classes in the namespace wmi."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hotline_proto.facts import Fact, UnknownReason

from hotline_probe.errors import SourceError
from hotline_probe.machine import Machine
from hotline_probe.sources.windows.asked import Shared
from hotline_probe.sources.windows.shell import Row

KEEP = 600.0
_CLASS = "@(Get-CimInstance -Namespace root/wmi -ClassName {0}|ForEach-Object{{$_.{1}}})"
SCRIPT = (
    "$r=@{full="
    + _CLASS.format("BatteryFullChargedCapacity", "FullChargedCapacity")
    + ";design="
    + _CLASS.format("BatteryStaticData", "DesignedCapacity")
    + ";cycles="
    + _CLASS.format("BatteryCycleCount", "CycleCount")
    + "}"
)
_LARGEST = 10**9


@dataclass(frozen=True, slots=True)
class Capacity:
    """Health as a share, and charge cycles; None where the driver does not tell."""

    health: float | None = None
    cycles: int | None = None


def parse_capacity(told: Row) -> Capacity:
    """Return the answer to `SCRIPT`; several batteries count as one.

    >>> parse_capacity({"full": [40000], "design": [50000], "cycles": [0]})
    Capacity(health=0.8, cycles=None)
    """
    full, design, cycles = (_sum(told.get(name)) for name in ("full", "design", "cycles"))
    # Drivers that do not count say 0.
    return Capacity(min(full / design, 1.0) if full and design else None, cycles or None)


_CAPACITY: Shared[Capacity] = Shared(SCRIPT, parse_capacity, KEEP)


def capacity_facts(machine: Machine, key: str) -> Iterator[Fact]:
    """Yield health and cycles of the battery."""
    try:
        found = _CAPACITY.get(machine)
    except SourceError:
        found = Capacity()
    untold = UnknownReason.UNSUPPORTED
    yield Fact("hw.battery.health", untold if found.health is None else found.health, key)
    yield Fact("hw.battery.cycles", untold if found.cycles is None else found.cycles, key)


def _sum(value: object) -> int:
    numbers = value if isinstance(value, list) else [value]
    return sum(one for one in numbers[:8] if type(one) is int and 0 < one < _LARGEST)
