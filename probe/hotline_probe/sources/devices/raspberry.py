"""Whether a Raspberry Pi has enough voltage, and whether heat slows it down."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields

from hotline_proto.facts import Fact

from hotline_probe.errors import Denied, MissingTool, SourceError, SourceFailed, Unsupported
from hotline_probe.machine import Machine
from hotline_probe.source import Context
from hotline_probe.sources.basics import reason, unknown

MODEL = "/proc/device-tree/model"
# Older systems keep it outside the path.
TOOLS = ("vcgencmd", "/opt/vc/bin/vcgencmd")
TOOL_TIMEOUT = 4.0
_BITS = re.compile(r"throttled=0x([0-9a-f]{1,8})\s*", re.IGNORECASE)
_DEGREES = re.compile(r"temp=(\d{1,3}(?:\.\d{1,3})?)'C\s*", re.ASCII)
_REFUSED = re.compile(r"/dev/v(?:cio|chiq)|ermission denied|VCHI initialization failed")


@dataclass(frozen=True, slots=True)
class Throttling:
    """What holds the processor back now, and what has done so since the start."""

    undervoltage: bool
    frequency_capped: bool
    throttled: bool
    heat_limited: bool
    undervoltage_seen: bool
    frequency_capped_seen: bool
    throttled_seen: bool
    heat_limited_seen: bool


TOLD = tuple(f"device.pi.{field.name}" for field in fields(Throttling))


class Raspberry:
    """Asks the firmware by vcgencmd."""

    name = "raspberry"

    def read(self, context: Context) -> Iterator[Fact]:
        """Yield the state of supply and heat.

        Raises:
            Unsupported: it is no Raspberry Pi.
        """
        machine = context.machine
        if machine.system != "linux" or "Raspberry Pi" not in machine.read(MODEL):
            raise Unsupported("it is no Raspberry Pi")
        try:
            bits = parse_throttled(_ask(machine, "get_throttled"))
        except SourceError as error:
            yield from unknown(TOLD, reason(error))
        else:
            for name, field in zip(TOLD, fields(Throttling), strict=True):
                yield Fact(name, bool(getattr(bits, field.name)))
        try:
            yield Fact("device.pi.temperature", parse_temperature(_ask(machine, "measure_temp")))
        except SourceError as error:
            yield Fact("device.pi.temperature", reason(error))


def parse_throttled(text: str) -> Throttling:
    """Return what `vcgencmd get_throttled` says (raspberrypi.com, documentation of the OS, vcgencmd).

    Bits 0 to 3 are of now, 16 to 19 since the start: under-voltage, frequency capped, throttled, soft limit
    of the temperature.

    >>> told = parse_throttled("throttled=0x50005\\n")
    >>> told.undervoltage, told.frequency_capped, told.throttled, told.throttled_seen, told.heat_limited_seen
    (True, False, True, True, False)

    Raises:
        SourceFailed: it says something else.
    """
    match = _BITS.fullmatch(text)
    if match is None:
        raise SourceFailed("vcgencmd get_throttled did not print bits")
    bits = int(match[1], 16)
    return Throttling(*(bool(bits >> place & 1) for place in (0, 1, 2, 3, 16, 17, 18, 19)))


def parse_temperature(text: str) -> float:
    """Return the degrees Celsius that `vcgencmd measure_temp` prints.

    >>> parse_temperature("temp=42.8'C\\n")
    42.8

    Raises:
        SourceFailed: it prints something else.
    """
    match = _DEGREES.fullmatch(text)
    if match is None:
        raise SourceFailed("vcgencmd measure_temp did not print a temperature")
    return float(match[1])


def _ask(machine: Machine, what: str) -> str:
    for tool in TOOLS:
        try:
            result = machine.run((tool, what), TOOL_TIMEOUT)
        except MissingTool:
            continue
        # Only the group `video` may talk to the firmware.
        if result.code and _REFUSED.search(result.out + result.err):
            raise Denied("the firmware may not be asked")
        return result.out
    raise MissingTool("vcgencmd is not installed")
