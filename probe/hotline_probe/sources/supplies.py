"""The batteries and chargers that Linux shows in /sys/class/power_supply."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from hotline_proto.facts import Fact, FactValue, UnknownReason

from hotline_probe.errors import SourceError, Unsupported
from hotline_probe.machine import Machine
from hotline_probe.sources.basics import share

MAX_SUPPLIES = 16
# Between what desktops call low and critical (UPower.conf: 20 and 5).
LOW_PERCENT = 10
FOLDER = "/sys/class/power_supply"
_LINE = re.compile(r"^POWER_SUPPLY_([A-Z_]{1,40})=(.{0,80})$", re.MULTILINE | re.ASCII)
_NUMBER = re.compile(r"-?\d{1,15}", re.ASCII)
_STATES = {
    "Charging": "charging",
    "Discharging": "discharging",
    "Not charging": "not_charging",
    "Full": "full",
}


@dataclass(frozen=True, slots=True)
class Supply:
    """One entry of the power supply class: its name and properties, and the settings of its charging."""

    name: str
    properties: Mapping[str, str]
    start: int | None = None
    end: int | None = None
    behaviour: str = ""

    def number(self, *names: str) -> int | None:
        """Return the first of some properties that is a number."""
        found = (_NUMBER.fullmatch(self.properties.get(name, "")) for name in names)
        return next((int(match[0]) for match in found if match), None)


def parse_uevent(text: str) -> dict[str, str]:
    """Return the properties of a supply's uevent (Documentation/ABI/testing/sysfs-class-power).

    >>> parse_uevent("POWER_SUPPLY_NAME=BAT0\\nPOWER_SUPPLY_STATUS=Not charging\\n")
    {'NAME': 'BAT0', 'STATUS': 'Not charging'}
    """
    return dict(_LINE.findall(text))


def read_supplies(machine: Machine) -> list[Supply]:
    """Return all supplies; none where the system knows no such class.

    Raises:
        Denied: they may not be listed.
        SourceFailed: they cannot be listed.
    """
    try:
        names = machine.names(FOLDER)[:MAX_SUPPLIES]
    except Unsupported:
        return []
    return [supply for name in names if (supply := _read_supply(machine, name)) is not None]


def supply_facts(supplies: Sequence[Supply]) -> Iterator[Fact]:
    """Yield what powers the computer, the state of each of its batteries, and those of accessories.

    A battery whose scope is a device belongs to a mouse or headset. Its name may hold the address of that,
    which stays here.
    """
    present = [
        supply
        for supply in supplies
        if supply.properties.get("TYPE") == "Battery" and supply.properties.get("PRESENT") != "0"
    ]
    batteries = [supply for supply in present if supply.properties.get("SCOPE") != "Device"]
    accessories = [supply for supply in present if supply.properties.get("SCOPE") == "Device"]
    for number, accessory in enumerate(accessories, 1):
        yield Fact("hw.accessory.name", accessory.properties.get("MODEL_NAME", "").strip(), str(number))
        yield Fact("hw.accessory.low", _low(accessory), str(number))
    mains = _mains(supplies)
    yield Fact("hw.power.battery", bool(batteries))
    yield Fact("hw.power.mains", UnknownReason.UNSUPPORTED if mains is None else mains)
    for battery in batteries:
        yield Fact("hw.battery.charge", _charge(battery), battery.name)
        yield Fact("hw.battery.state", _state(battery, mains), battery.name)
        yield Fact("hw.battery.health", _health(battery), battery.name)
        # Firmware that does not count says 0.
        cycles = battery.number("CYCLE_COUNT")
        yield Fact("hw.battery.cycles", cycles if cycles and cycles > 0 else _NONE, battery.name)
        yield Fact("hw.battery.charges_below", _charges_below(battery), battery.name)


_NONE = UnknownReason.UNSUPPORTED


def _read_supply(machine: Machine, name: str) -> Supply | None:
    folder = f"{FOLDER}/{name}"
    try:
        properties = parse_uevent(machine.read(f"{folder}/uevent"))
        if "TYPE" not in properties:  # before Linux 5.12 the kind was not among them
            properties["TYPE"] = machine.read(f"{folder}/type").strip()
    except SourceError:  # it was just unplugged
        return None
    if properties["TYPE"] != "Battery":
        return Supply(name, properties)
    start = _percent(machine, f"{folder}/charge_control_start_threshold")
    end = _percent(machine, f"{folder}/charge_control_end_threshold")
    return Supply(name, properties, start, end, _chosen(machine, f"{folder}/charge_behaviour"))


def _percent(machine: Machine, path: str) -> int | None:
    try:
        text = machine.read(path).strip()
    except SourceError:
        return None
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 3 and int(text) <= 100 else None


def _chosen(machine: Machine, path: str) -> str:
    """Return the word in brackets, as in "auto [inhibit-charge]"; empty if there is none."""
    try:
        return machine.read(path)[:200].partition("[")[2].partition("]")[0]
    except SourceError:
        return ""


def _mains(supplies: Sequence[Supply]) -> bool | None:
    """Tell whether a charger is there; USB sockets count where no entry stands for the charger itself."""
    chargers = [supply for supply in supplies if supply.properties.get("TYPE") == "Mains"]
    chargers = chargers or [
        supply for supply in supplies if supply.properties.get("TYPE", "").startswith(("USB", "Wireless"))
    ]
    known = [online for supply in chargers if (online := supply.number("ONLINE")) is not None]
    return any(online > 0 for online in known) if known else None


def _charge(battery: Supply) -> FactValue:
    percent = battery.number("CAPACITY")
    if percent is not None:
        return share(percent, 100)
    now, full = battery.number("ENERGY_NOW", "CHARGE_NOW"), battery.number("ENERGY_FULL", "CHARGE_FULL")
    return share(now, full) if now is not None and full else _NONE


def _state(battery: Supply, mains: bool | None) -> FactValue:
    state = _STATES.get(battery.properties.get("STATUS", ""))
    if state is None:
        return _NONE
    # At the mains some firmware says so of a battery that rests at its upper limit, with no current.
    if state == "discharging" and mains and battery.number("POWER_NOW", "CURRENT_NOW") == 0:
        return "not_charging"
    return state


def _low(accessory: Supply) -> FactValue:
    """Tell whether an accessory's battery is nearly empty; some only know levels (sysfs-class-power)."""
    if accessory.properties.get("STATUS") in {"Charging", "Full"}:
        return False
    percent, level = accessory.number("CAPACITY"), accessory.properties.get("CAPACITY_LEVEL", "Unknown")
    if percent is not None:
        return percent <= LOW_PERCENT
    return _NONE if level == "Unknown" else level in {"Critical", "Low"}


def _health(battery: Supply) -> FactValue:
    for unit in ("ENERGY", "CHARGE"):
        full, built = battery.number(f"{unit}_FULL"), battery.number(f"{unit}_FULL_DESIGN")
        if full and built and full > 0 and built > 0:
            return share(full, built)
    return _NONE


def _charges_below(battery: Supply) -> float:
    if battery.behaviour in {"inhibit-charge", "force-discharge"}:
        return 0.0
    # A start of 0 means that none is set (thinkpad_acpi).
    return share(battery.start or battery.end or 100, 100)
