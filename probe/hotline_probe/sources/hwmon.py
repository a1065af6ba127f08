"""Temperatures and fans that Linux shows in /sys/class/hwmon and /sys/class/thermal.

Only drivers whose sensors sit in the part itself are believed: chips on a mainboard also report inputs that
nothing is connected to. Of those, only sensors with a critical limit are told: without one nobody knows what
is hot for them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from hotline_proto.facts import Fact, UnknownReason

from hotline_probe.errors import SourceError, Unsupported
from hotline_probe.machine import Machine
from hotline_probe.sources.basics import reason
from hotline_probe.sources.sysfs import integer, label_of, word

MAX_SENSORS = 32
MAX_FANS = 16
MAX_CHIPS = 64
MAX_KEY = 60
HWMON, THERMAL = "/sys/class/hwmon", "/sys/class/thermal"
_PARTS = (
    (
        re.compile(r"coretemp|k10temp|zenpower|via_cputemp|soc_thermal|x86_pkg_temp|cpu\w*_thermal"),
        "processor",
    ),
    (re.compile(r"amdgpu|radeon|nouveau|gpu\w*_thermal"), "graphics"),
    (re.compile(r"nvme"), "disk"),
    (re.compile(r"acpitz"), "computer"),
)
# These report the fans that there are; other chips report a socket without a fan as one that stands still.
_OWN_FANS = frozenset(
    "acpi_fan amdgpu applesmc asus cros_ec dell_ddv dell_smm hp hp_wmi_sensors pwmfan thinkpad".split()
)
# What drivers of laptops call it: "gpu_fan" (asus), "Video Fan" (dell_smm).
_GRAPHICS_FAN = re.compile(r"gpu|video|graphics", re.IGNORECASE)
# Where several sensors show the same part, the maker's own summary.
_SUMMARIES = ("Package", "Tdie", "Tctl", "Composite")
# What lies outside is a sensor that is not there or a limit that nobody set.
_BELIEVABLE, _BELIEVABLE_LIMIT = (-30.0, 150.0), (60.0, 130.0)


@dataclass(frozen=True, slots=True)
class Sensor:
    """Where a temperature is read, and its critical limit in °C."""

    key: str
    part: str
    path: str
    limit: float
    # Says whether the part sleeps; asking a sleeping graphics card would wake it.
    sleep: str = ""


@dataclass(frozen=True, slots=True)
class Fan:
    """Where a fan's speed is read; `certain` says that it exists even if it never turned."""

    key: str
    part: str
    path: str
    certain: bool


Part = TypeVar("Part", Sensor, Fan)


@dataclass(frozen=True, slots=True)
class Chips:
    """All that is worth reading, and the flag of the board's own watch over its supply voltage."""

    sensors: Sequence[Sensor] = ()
    fans: Sequence[Fan] = ()
    low_voltage: str = ""


def find_chips(machine: Machine) -> Chips:
    """Look for sensors and fans.

    Raises:
        Denied: the folders may not be read.
        SourceFailed: they cannot be read.
    """
    sensors: list[Sensor] = []
    fans: list[Fan] = []
    drivers: set[str] = set()
    low_voltage = ""
    for chip in _names(machine, HWMON)[:MAX_CHIPS]:
        folder = f"{HWMON}/{chip}"
        try:
            driver, names = word(machine, f"{folder}/name"), machine.names(folder)
        except SourceError:  # its driver was just unloaded
            continue
        drivers.add(driver)
        sensors += _sensors(machine, folder, driver, names)
        fans += _fans(machine, folder, driver, names)
        if driver == "rpi_volt" and "in0_lcrit_alarm" in names:
            low_voltage = f"{folder}/in0_lcrit_alarm"
    sensors.extend(_zones(machine, drivers))
    return Chips(_named(sensors)[:MAX_SENSORS], _named(fans)[:MAX_FANS], low_voltage)


def sensor_facts(machine: Machine, sensors: Sequence[Sensor]) -> Iterator[Fact]:
    """Yield the temperature of each part that is awake, and how far it is from its limit."""
    for sensor in sensors:
        if sensor.sleep and _asleep(machine, sensor.sleep):
            continue
        current = _temperature(machine, sensor.path)
        margin = current if isinstance(current, UnknownReason) else sensor.limit - current
        yield Fact("hw.temperature.part", sensor.part, sensor.key)
        yield Fact("hw.temperature.current", current, sensor.key)
        yield Fact("hw.temperature.margin", margin, sensor.key)


def fan_speed(machine: Machine, fan: Fan) -> int | UnknownReason:
    """Return the revolutions per minute of a fan."""
    try:
        return integer(machine, fan.path)
    except SourceError as error:
        return reason(error)


def flag(machine: Machine, path: str) -> bool | UnknownReason:
    """Return an alarm flag."""
    try:
        return integer(machine, path) > 0
    except SourceError as error:
        return reason(error)


def _sensors(machine: Machine, folder: str, driver: str, names: Sequence[str]) -> list[Sensor]:
    part = part_of(driver)
    if part is None:
        return []
    inputs = [name.removesuffix("_input") for name in names if re.fullmatch(r"temp\d{1,3}_input", name)]
    labels = {name: label_of(machine, f"{folder}/{name}_label", name) for name in inputs}
    for summary in _SUMMARIES:
        if any(label.startswith(summary) for label in labels.values()):
            labels = {name: label for name, label in labels.items() if label.startswith(summary)}
            break
    sleep = f"{folder}/device/power/runtime_status" if part == "graphics" else ""
    return [
        Sensor(f"{driver}/{label}", part, f"{folder}/{name}_input", limit, sleep)
        for name, label in labels.items()
        if (limit := _limit(machine, f"{folder}/{name}_crit")) is not None
    ]


def _fans(machine: Machine, folder: str, driver: str, names: Sequence[str]) -> list[Fan]:
    own = part_of(driver) == "graphics"
    found = []
    for fan in [name.removesuffix("_input") for name in names if re.fullmatch(r"fan\d{1,3}_input", name)]:
        label = label_of(machine, f"{folder}/{fan}_label", fan)
        part = "graphics" if own or _GRAPHICS_FAN.search(label) else "computer"
        found.append(Fan(f"{driver}/{label}", part, f"{folder}/{fan}_input", driver in _OWN_FANS))
    return found


def _zones(machine: Machine, drivers: set[str]) -> Iterator[Sensor]:
    """Yield the thermal zones that are not among the chips (Documentation/driver-api/thermal/sysfs-api)."""
    for zone in _names(machine, THERMAL)[:MAX_CHIPS]:
        if not zone.startswith("thermal_zone"):
            continue
        folder = f"{THERMAL}/{zone}"
        try:
            kind = word(machine, f"{folder}/type").replace("-", "_")
            names = machine.names(folder)
        except SourceError:
            continue
        part = part_of(kind)
        # The package's own zone shows what coretemp shows.
        if part is None or kind in drivers or (kind == "x86_pkg_temp" and "coretemp" in drivers):
            continue
        limit = _critical_trip(machine, folder, names)
        if limit is not None:
            yield Sensor(f"{kind}/{zone}", part, f"{folder}/temp", limit)


def _critical_trip(machine: Machine, folder: str, names: Sequence[str]) -> float | None:
    for name in [name for name in names if re.fullmatch(r"trip_point_\d{1,3}_type", name)]:
        if label_of(machine, f"{folder}/{name}", "") == "critical":
            return _limit(machine, f"{folder}/{name.removesuffix('_type')}_temp")
    return None


def part_of(driver: str) -> str | None:
    """Return what a driver's temperatures are of, None if they are not to be believed.

    >>> part_of("k10temp"), part_of("cpu_thermal"), part_of("nct6775")
    ('processor', 'processor', None)
    """
    return next((part for pattern, part in _PARTS if pattern.fullmatch(driver)), None)


def _named(found: Iterable[Part]) -> list[Part]:
    """Number the parts whose driver gives them one name, as two cards of a kind."""
    out: dict[str, Part] = {}
    for part in found:
        key, count = part.key[:MAX_KEY], 1
        while key in out:
            count += 1
            key = f"{part.key[:MAX_KEY]} #{count}"
        out[key] = replace(part, key=key)
    return list(out.values())


def _names(machine: Machine, folder: str) -> list[str]:
    try:
        return machine.names(folder)
    except Unsupported:
        return []


def _temperature(machine: Machine, path: str) -> float | UnknownReason:
    try:
        celsius = integer(machine, path) / 1000
    except SourceError as error:
        return reason(error)
    return celsius if _BELIEVABLE[0] < celsius < _BELIEVABLE[1] else UnknownReason.UNSUPPORTED


def _limit(machine: Machine, path: str) -> float | None:
    try:
        celsius = integer(machine, path) / 1000
    except SourceError:
        return None
    return celsius if _BELIEVABLE_LIMIT[0] <= celsius <= _BELIEVABLE_LIMIT[1] else None


def _asleep(machine: Machine, path: str) -> bool:
    try:
        return word(machine, path) == "suspended"
    except SourceError:
        return False
