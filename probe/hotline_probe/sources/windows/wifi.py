"""Wi-Fi of Windows as facts."""

from __future__ import annotations

from collections.abc import Iterator

from hotline_proto.facts import Fact, FactValue, UnknownReason

from hotline_probe.machine import Machine
from hotline_probe.sources.basics import unknown
from hotline_probe.sources.wifi import LINK, MAX_RADIOS
from hotline_probe.sources.windows.network import Network, network
from hotline_probe.sources.windows.wlan import REFUSED, Radio, parse_wlan

# Base and step of the channels in MHz (IEEE 802.11, annex E).
_BASES = {"2.4": 2407, "5": 5000, "6": 5950}
_UNTOLD = ("net.wifi.retry_ratio", "net.wifi.channel_busy")


def wifi_facts(machine: Machine) -> Iterator[Fact]:
    """Yield the facts of each Wi-Fi adapter.

    Raises:
        SourceError: PowerShell cannot tell.
    """
    found = network(machine)
    radios = {radio.name: radio for radio in parse_wlan(found.wlan)}
    names = [name for name, adapter in found.adapters.items() if adapter.kind.type == "wifi"]
    for name in list(dict.fromkeys([*radios, *names]))[:MAX_RADIOS]:
        yield Fact("net.wifi.interface", name, name)
        if name in radios:
            yield from _radio_facts(name, radios[name])
        else:
            yield from _untold(name, found)
        yield from unknown(_UNTOLD, UnknownReason.UNSUPPORTED, name)


def _radio_facts(name: str, radio: Radio) -> Iterator[Fact]:
    yield Fact("net.wifi.blocked", _or_unsupported(radio.blocked), name)
    yield Fact("net.wifi.connected", radio.connected, name)
    yield Fact("net.wifi.signal", _or_unsupported(radio.signal), name)
    values = (
        radio.ssid or None,
        _frequency(radio),
        radio.channel,
        radio.band,
        radio.receive_rate,
        radio.send_rate,
    )
    for fact, value in zip(LINK, values, strict=True):
        yield Fact(fact, _or_unsupported(value), name)


def _untold(name: str, found: Network) -> Iterator[Fact]:
    refused = any(REFUSED in line for line in found.wlan)
    why = UnknownReason.PERMISSION if refused else UnknownReason.NOT_COLLECTED
    adapter = found.adapters[name]
    yield Fact("net.wifi.connected", adapter.carrier, name)
    yield from unknown(("net.wifi.blocked", "net.wifi.signal", *LINK), why, name)


def _frequency(radio: Radio) -> float | None:
    if radio.channel is None or radio.band not in _BASES:
        return None
    if radio.band == "2.4" and radio.channel == 14:
        return 2484e6
    return (_BASES[radio.band] + 5 * radio.channel) * 1e6


def _or_unsupported(value: str | float | None) -> FactValue:
    return UnknownReason.UNSUPPORTED if value is None else value
