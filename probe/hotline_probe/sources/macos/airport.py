"""What system_profiler(8) says about the radio of a Mac; its keys are the same in every language."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from hotline_proto.facts import Fact, FactValue, UnknownReason

from hotline_probe.errors import SourceFailed
from hotline_probe.machine import Machine, monotonic
from hotline_probe.sources.basics import unknown
from hotline_probe.sources.macos.commands import ask

# It lists the networks around as well, which takes it seconds.
TIMEOUT, ASK_EVERY = 6.0, 20.0
MAX_RADIOS = 4
LINK = tuple(f"net.wifi.{fact}" for fact in ("signal", "name", "frequency", "channel", "band", "tx_rate"))
_ARGV = ("system_profiler", "SPAirPortDataType", "-json")
_CHANNEL = re.compile(r"(\d{1,3})(?: \((2(?:\.4)?|5|6) ?GHz)?", re.ASCII)
_LEVEL = re.compile(r"(-\d{1,3}) dBm", re.ASCII)
# Where a band's channels begin, in MHz (IEEE 802.11, annex E).
_START = {"2.4": 2407, "5": 5000, "6": 5950}
# Since macOS 14.4 names are shown to programs with the right to know the place only.
_HIDDEN = "<redacted>"


@dataclass(frozen=True, slots=True)
class Radio:
    """A radio: whether it is off, and what it says of its connection, None without one."""

    name: str
    off: bool
    link: Mapping[str, Any] | None


def parse_airport(text: str) -> list[Radio]:
    """Return the radios of `system_profiler SPAirPortDataType -json`.

    >>> status = '"spairport_status_information":"spairport_status_off"'
    >>> text = f'{{"SPAirPortDataType":[{{"spairport_airport_interfaces":[{{"_name":"en0",{status}}}]}}]}}'
    >>> parse_airport(text)
    [Radio(name='en0', off=True, link=None)]

    Raises:
        SourceFailed: it is no such document.
    """
    try:
        told = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SourceFailed("system_profiler did not print JSON") from error
    sections = _list(told, "SPAirPortDataType")
    found = []
    for one in [one for section in sections for one in _list(section, "spairport_airport_interfaces")]:
        name = one.get("_name") if isinstance(one, dict) else None
        if not isinstance(name, str) or not re.fullmatch(r"en\d{1,4}", name, re.ASCII):
            continue  # awdl0 stands here as well
        status, link = (
            one.get("spairport_status_information"),
            one.get("spairport_current_network_information"),
        )
        connected = status == "spairport_status_connected" and isinstance(link, dict)
        found.append(Radio(name, status == "spairport_status_off", link if connected else None))
    return found[:MAX_RADIOS]


def link_values(link: Mapping[str, Any]) -> tuple[FactValue, ...]:
    """Return the values of LINK."""
    level = _LEVEL.match(_text(link, "spairport_signal_noise"))
    name = _text(link, "_name")
    place = _CHANNEL.match(_text(link, "spairport_network_channel"))
    channel = int(place[1]) if place else 0
    band = _band(place[2], channel) if place else ""
    hertz = (2484 if (band, channel) == ("2.4", 14) else _START.get(band, 0) + 5 * channel) * 1e6
    rate = link.get("spairport_network_rate")
    known = isinstance(rate, (int, float)) and not isinstance(rate, bool) and 0 < rate < 1e6
    nothing = UnknownReason.UNSUPPORTED
    return (
        float(level[1]) if level else nothing,
        UnknownReason.PERMISSION if name == _HIDDEN else name or nothing,
        hertz if band else nothing,
        channel or nothing,
        band or nothing,
        float(rate) * 1e6 if known and rate is not None else nothing,
    )


class MacWifi:
    """Asks system_profiler(8) now and then, and tells the same in between."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._asked = -ASK_EVERY
        self._radios: list[Radio] = []

    def facts(self, machine: Machine) -> Iterator[Fact]:
        """Yield the facts of each radio; raises like `ask` and `parse_airport`."""
        now = self._clock()
        if not 0 <= now - self._asked < ASK_EVERY:
            self._radios = parse_airport(ask(machine, _ARGV, TIMEOUT))
            self._asked = now
        for radio in self._radios:
            yield Fact("net.wifi.interface", radio.name, radio.name)
            yield Fact("net.wifi.blocked", "soft" if radio.off else "none", radio.name)
            yield Fact("net.wifi.connected", radio.link is not None, radio.name)
            if radio.link is None:
                yield from unknown(LINK, UnknownReason.UNSUPPORTED, radio.name)
                continue
            for fact, value in zip(LINK, link_values(radio.link), strict=True):
                yield Fact(fact, value, radio.name)


def _band(told: str | None, channel: int) -> str:
    """Older systems tell the channel alone; 6 GHz came later."""
    if told:
        return "2.4" if told.startswith("2") else told
    return "2.4" if 1 <= channel <= 14 else "5" if 32 <= channel <= 177 else ""


def _list(value: object, key: str) -> list[Any]:
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, list) else []


def _text(value: Mapping[str, Any], key: str) -> str:
    found = value.get(key)
    return found if isinstance(found, str) else ""
