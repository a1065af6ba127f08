"""Wi-Fi as the computer's radio sees it: how strong, where, how fast, and how crowded."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hotline_proto.facts import Fact, FactValue, UnknownReason

from hotline_probe.errors import SourceError, SourceFailed, Unsupported
from hotline_probe.machine import Machine
from hotline_probe.source import Context
from hotline_probe.sources.adapters import NET, AdapterKinds
from hotline_probe.sources.basics import reason, share, unknown

if TYPE_CHECKING:
    from hotline_probe.sources.macos.airport import MacWifi

MAX_RADIOS = 4
_TIMEOUT = 1.5
# Below so many packets a share of repeated ones says nothing; likewise for milliseconds on a channel.
MIN_PACKETS, MIN_ACTIVE = 100, 200
LINK = tuple(f"net.wifi.{fact}" for fact in ("name", "frequency", "channel", "band", "rx_rate", "tx_rate"))
_STATUS = re.compile(r"^ *(\S+): +[0-9a-f]{4} +(\d+)\.? +(-?\d+)\.? +(-?\d+)", re.MULTILINE)
_FIELD = re.compile(r"^[ \t]*([A-Za-z ]{2,24}):[ \t]*(.*?)[ \t]*$", re.MULTILINE)
_NUMBER = re.compile(r"-?\d{1,12}(?:\.\d{1,6})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Counters:
    """What the radio counted: packets sent, sent again, and milliseconds on its channel, thereof busy."""

    sent: float
    again: float
    active: float
    busy: float


def parse_wireless(text: str) -> dict[str, float]:
    """Return the signal in dBm by adapter from /proc/net/wireless; drivers that tell no dBm are left out.

    >>> parse_wireless(" wlan0: 0000   54.  -56.  -256        0      0      0      0     64        0")
    {'wlan0': -56.0}
    """
    levels = {name: float(level) for name, _, level, _ in _STATUS.findall(text)}
    # Old drivers tell a share of 100 or a byte; -256 stands for "unknown".
    return {name: level for name, level in levels.items() if -120 <= level < 0}


def parse_fields(text: str) -> dict[str, str]:
    r"""Return the fields of what iw(8) prints, the first of each name.

    >>> parse_fields("Connected to 02:00:00:00:00:01 (on wlan0)\n\tSSID: Home\n\tfreq: 5180.0\n")
    {'SSID': 'Home', 'freq': '5180.0'}
    """
    found: dict[str, str] = {}
    for name, value in _FIELD.findall(text):
        found.setdefault(name, value)
    return found


def parse_survey(text: str) -> dict[str, str]:
    """Return the fields of the channel in use out of `iw survey dump`, none without one."""
    blocks = text.split("Survey data from ")
    return next((parse_fields(block) for block in blocks if "[in use]" in block), {})


def channel_of(mhz: float) -> tuple[str, int] | None:
    """Return band and channel of a frequency (IEEE 802.11, annex E), None outside the bands.

    >>> channel_of(2437), channel_of(5180), channel_of(5955), channel_of(900)
    (('2.4', 6), ('5', 36), ('6', 1), None)
    """
    if mhz == 2484:
        return "2.4", 14
    for band, start, end in (("2.4", 2407, 2473), ("5", 5000, 5900), ("6", 5950, 7125)):
        if start + 5 <= mhz < end:
            return band, round((mhz - start) / 5)
    return None


class Wifi:
    """Reads /proc/net/wireless and asks iw(8), netsh on Windows, or system_profiler(8) on macOS."""

    name = "wifi"

    def __init__(self) -> None:
        self._kinds = AdapterKinds()
        self._before: dict[str, Counters] = {}
        self._macos: MacWifi | None = None

    def read(self, context: Context) -> Iterator[Fact]:
        """Yield the facts of each Wi-Fi adapter; a machine without one has none.

        Raises:
            Unsupported: neither on Linux nor on Windows nor on macOS.
        """
        if context.machine.system == "macos":
            yield from self._on_macos().facts(context.machine)
            return
        machine = context.machine
        if machine.system == "windows":
            from hotline_probe.sources.windows.wifi import wifi_facts  # noqa: PLC0415 - imports this module

            yield from wifi_facts(machine)
            return
        if machine.system != "linux":
            raise Unsupported("the radio is read on Linux, Windows and macOS only")
        names = [name for name, kind in self._kinds.all(machine).items() if kind.type == "wifi"]
        try:
            levels = parse_wireless(machine.read("/proc/net/wireless")) if names else {}
        except SourceError:
            levels = {}
        for name in names[:MAX_RADIOS]:
            yield Fact("net.wifi.interface", name, name)
            yield Fact("net.wifi.blocked", _blocked(machine, name), name)
            yield from self._radio(machine, name, levels.get(name))
        self._before = {name: counters for name, counters in self._before.items() if name in names}

    def _on_macos(self) -> MacWifi:
        from hotline_probe.sources.macos.airport import MacWifi  # noqa: PLC0415 - not needed elsewhere

        self._macos = self._macos or MacWifi()
        return self._macos

    def _radio(self, machine: Machine, name: str, level: float | None) -> Iterator[Fact]:
        try:
            link = _iw(machine, name, "link")
        except SourceError as error:
            why = reason(error)
            # Without a connection the kernel lists no level.
            yield Fact("net.wifi.connected", UnknownReason.MISSING_TOOL if level is None else True, name)
            yield Fact("net.wifi.signal", why if level is None else level, name)
            yield from unknown((*LINK, "net.wifi.retry_ratio", "net.wifi.channel_busy"), why, name)
            return
        connected = link.startswith("Connected to ")
        yield Fact("net.wifi.connected", connected, name)
        fields = parse_fields(link) if connected else {}
        yield Fact("net.wifi.signal", _or_unsupported(number(fields.get("signal", "")) or level), name)
        for fact, value in zip(LINK, _link_values(fields), strict=True):
            yield Fact(fact, value, name)
        yield from self._counted(machine, name, connected)

    def _counted(self, machine: Machine, name: str, connected: bool) -> Iterator[Fact]:
        facts = ("net.wifi.retry_ratio", "net.wifi.channel_busy")
        try:
            now = _counters(machine, name) if connected else None
        except SourceError as error:
            yield from unknown(facts, reason(error), name)
            return
        before = self._before.pop(name, None)
        if now is None:
            yield from unknown(facts, UnknownReason.UNSUPPORTED, name)
            return
        self._before[name] = now
        again, busy = ratios(now, before)
        yield Fact("net.wifi.retry_ratio", again, name)
        yield Fact("net.wifi.channel_busy", busy, name)


def ratios(now: Counters, before: Counters | None) -> tuple[FactValue, FactValue]:
    """Return the share of packets sent again, and of time in which the channel was busy, since before."""
    if before is None or now.sent < before.sent or now.active < before.active:
        return UnknownReason.PENDING, UnknownReason.PENDING
    sent, active = now.sent - before.sent, now.active - before.active
    again = share(now.again - before.again, sent + now.again - before.again)
    busy = share(now.busy - before.busy, active)
    return (
        again if sent >= MIN_PACKETS else UnknownReason.PENDING,
        # Drivers without the counter leave it out.
        busy if active >= MIN_ACTIVE else UnknownReason.UNSUPPORTED,
    )


def number(text: str) -> float | None:
    """Return the number with which a text begins.

    >>> number("-61 dBm"), number("526.5 MBit/s VHT-MCS 6"), number("n/a")
    (-61.0, 526.5, None)
    """
    match = _NUMBER.match(text)
    return float(match[0]) if match else None


def _link_values(fields: Mapping[str, str]) -> tuple[FactValue, ...]:
    mhz = number(fields.get("freq", ""))
    place = channel_of(mhz) if mhz is not None else None
    rates = [number(fields.get(f"{way} bitrate", "")) for way in ("rx", "tx")]
    return (
        fields.get("SSID", UnknownReason.UNSUPPORTED),
        UnknownReason.UNSUPPORTED if mhz is None else mhz * 1e6,
        UnknownReason.UNSUPPORTED if place is None else place[1],
        UnknownReason.UNSUPPORTED if place is None else place[0],
        *(UnknownReason.UNSUPPORTED if rate is None else rate * 1e6 for rate in rates),
    )


def _counters(machine: Machine, name: str) -> Counters:
    station = parse_fields(_iw(machine, name, "station", "dump"))
    survey = parse_survey(_iw(machine, name, "survey", "dump"))
    told = (
        number(fields.get(key, "")) or 0.0
        for fields, key in (
            (station, "tx packets"),
            (station, "tx retries"),
            (survey, "channel active time"),
            (survey, "channel busy time"),
        )
    )
    return Counters(*told)


def _iw(machine: Machine, name: str, *what: str) -> str:
    result = machine.run(("iw", "dev", name, *what), _TIMEOUT)
    if result.code:
        raise SourceFailed(f"iw dev {name} {what[0]} ended with {result.code}")
    return result.out


def _blocked(machine: Machine, name: str) -> FactValue:
    """Return how a switch or the system keeps the radio off (rfkill(8)): none, soft or hard."""
    folder = f"{NET}/{name}/phy80211"
    try:
        switches = [entry for entry in machine.names(folder) if entry.startswith("rfkill")]
        states = {
            kind: any(machine.read(f"{folder}/{one}/{kind}").strip() == "1" for one in switches)
            for kind in ("hard", "soft")
        }
    except SourceError as error:
        return reason(error)
    return next((kind for kind, blocked in states.items() if blocked), "none")


def _or_unsupported(value: float | None) -> FactValue:
    return UnknownReason.UNSUPPORTED if value is None else value
