"""The battery of a Mac: pmset(1) tells its charge, system_profiler(8) how worn it is."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from hotline_proto.facts import Fact, FactValue, UnknownReason

from hotline_probe.errors import SourceError, SourceFailed
from hotline_probe.machine import Machine, monotonic
from hotline_probe.sources.basics import reason
from hotline_probe.sources.macos.commands import ask

TIMEOUT, PROFILER_TIMEOUT = 1.0, 2.5
# A battery wears over months.
ASK_EVERY = 600.0
KEY = "battery"
_SOURCE = re.compile(r"^Now drawing from '([^']{1,40})'", re.MULTILINE)
_BATTERY = re.compile(r"^ -InternalBattery-\d\b.*?\t(\d{1,3})%; ([^;\n]{1,40})", re.MULTILINE | re.ASCII)
_STATES = {
    "charging": "charging",
    "finishing charge": "charging",
    "discharging": "discharging",
    "charged": "full",
    "AC attached": "not_charging",
}


def parse_battery(text: str) -> tuple[bool | None, float | None, str | None]:
    r"""Return whether a Mac is plugged in, its charge and its state, from `pmset -g batt`; None if not told.

    >>> parse_battery("Now drawing from 'AC Power'\n -InternalBattery-0 (id=1)\t84%; charging; 1:03 left\n")
    (True, 0.84, 'charging')
    """
    source, battery = _SOURCE.search(text), _BATTERY.search(text)
    mains = source[1] == "AC Power" if source else None
    if battery is None:
        return mains, None, None
    return mains, min(int(battery[1]), 100) / 100, _STATES.get(battery[2].strip())


def parse_wear(text: str) -> tuple[float | None, int | None]:
    """Return what the battery still holds of what it was built for, and its cycles; None if not told.

    From `system_profiler SPPowerDataType -json`, whose keys are the same in every language.

    Raises:
        SourceFailed: it is no such document.
    """
    try:
        told = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SourceFailed("system_profiler did not print JSON") from error
    sections = told.get("SPPowerDataType") if isinstance(told, dict) else None
    for section in sections if isinstance(sections, list) else []:
        health = section.get("sppower_battery_health_info") if isinstance(section, dict) else None
        if isinstance(health, dict):
            return _share(health.get("sppower_battery_health_maximum_capacity")), _count(
                health.get("sppower_battery_cycle_count")
            )
    return None, None


class MacPower:
    """Asks for the charge each time, and for the wear now and then."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._asked = -ASK_EVERY
        self._wear: tuple[FactValue, FactValue] = (UnknownReason.PENDING, UnknownReason.PENDING)

    def facts(self, machine: Machine) -> Iterator[Fact]:
        """Yield the facts of the battery, if there is one; raises like `ask`."""
        mains, charge, state = parse_battery(ask(machine, ("pmset", "-g", "batt"), TIMEOUT))
        yield Fact("hw.power.battery", charge is not None)
        yield Fact("hw.power.mains", _or_unsupported(mains))
        if charge is None:
            return
        yield Fact("hw.battery.charge", charge, KEY)
        yield Fact("hw.battery.state", _or_unsupported(state), KEY)
        health, cycles = self._worn(machine)
        yield Fact("hw.battery.health", health, KEY)
        yield Fact("hw.battery.cycles", cycles, KEY)

    def _worn(self, machine: Machine) -> tuple[FactValue, FactValue]:
        now = self._clock()
        if 0 <= now - self._asked < ASK_EVERY:
            return self._wear
        self._asked = now
        try:
            health, cycles = parse_wear(
                ask(machine, ("system_profiler", "SPPowerDataType", "-json"), PROFILER_TIMEOUT)
            )
        except SourceError as error:
            self._wear = (reason(error), reason(error))
        else:
            self._wear = (_or_unsupported(health), _or_unsupported(cycles))
        return self._wear


def _or_unsupported(value: float | bool | str | None) -> FactValue:
    return UnknownReason.UNSUPPORTED if value is None else value


def _share(value: Any) -> float | None:
    match = re.fullmatch(r"(\d{1,3})\s?%", value, re.ASCII) if isinstance(value, str) else None
    return min(int(match[1]), 100) / 100 if match else None


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**6 else None
