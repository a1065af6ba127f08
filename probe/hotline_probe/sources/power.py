"""What powers the computer, and how hot it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from hotline_proto.facts import Fact, UnknownReason

from hotline_probe.machine import Machine
from hotline_probe.source import Context
from hotline_probe.sources import portable
from hotline_probe.sources.hwmon import Chips, fan_speed, find_chips, flag, sensor_facts
from hotline_probe.sources.supplies import read_supplies, supply_facts

if TYPE_CHECKING:
    from hotline_probe.sources.macos.power import MacPower

# Cards and disks come and go; looking for all of them takes many small files.
RUNS_BETWEEN_SEARCHES = 30


class Power:
    """Reads batteries, chargers, temperatures and fans in /sys/class; macOS's or psutil's battery."""

    name = "power"

    def __init__(self) -> None:
        self._chips = Chips()
        self._runs = 0
        self._turned: set[str] = set()
        self._macos: MacPower | None = None

    def read(self, context: Context) -> Iterator[Fact]:
        """Yield the supplies, the temperatures of parts and the fans.

        Raises:
            Denied: the folders may not be read.
            SourceFailed: they cannot be read.
        """
        machine = context.machine
        if machine.system == "macos":
            from hotline_probe.sources.macos.power import MacPower  # noqa: PLC0415 - not needed elsewhere

            self._macos = self._macos or MacPower()
            yield from self._macos.facts(machine)
            return
        if machine.system != "linux":
            yield from _elsewhere(machine)
            return
        if self._runs % RUNS_BETWEEN_SEARCHES == 0:
            self._chips = find_chips(machine)
        self._runs += 1
        yield from supply_facts(read_supplies(machine))
        watched = self._chips.low_voltage
        yield Fact("hw.power.low_voltage", flag(machine, watched) if watched else UnknownReason.UNSUPPORTED)
        yield from sensor_facts(machine, self._chips.sensors)
        yield from self._fans(machine)

    def _fans(self, machine: Machine) -> Iterator[Fact]:
        for fan in self._chips.fans:
            speed = fan_speed(machine, fan)
            if not isinstance(speed, UnknownReason) and speed > 0:
                self._turned.add(fan.key)
            if fan.certain or fan.key in self._turned:
                yield Fact("hw.fan.part", fan.part, fan.key)
                yield Fact("hw.fan.speed", speed, fan.key)


def _elsewhere(machine: Machine) -> Iterator[Fact]:
    told = list(portable.battery_facts())
    yield from told
    batteries = dict.fromkeys(fact.key for fact in told if fact.key)
    if machine.system == "windows":
        from hotline_probe.sources.windows.battery import capacity_facts  # noqa: PLC0415 - not on Linux

        for key in batteries:
            yield from capacity_facts(machine, key)
