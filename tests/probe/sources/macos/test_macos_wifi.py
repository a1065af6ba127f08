"""The radio and the leases of a Mac, through the sources themselves."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hotline_probe.errors import SourceFailed
from hotline_probe.sources.leases import Leases
from hotline_probe.sources.macos.airport import ASK_EVERY, LINK, MacWifi, link_values, parse_airport
from hotline_probe.sources.macos.ipconfig import parse_expiry, parse_lease
from hotline_probe.sources.wifi import Wifi, channel_of
from hotline_proto.facts import UnknownReason


def test_a_radio_that_is_connected(macbook: Any, read: Any) -> None:
    assert read(Wifi()) == {
        "net.wifi.interface[en0]": "en0",
        "net.wifi.blocked[en0]": "none",
        "net.wifi.connected[en0]": True,
        "net.wifi.signal[en0]": -48.0,
        "net.wifi.name[en0]": UnknownReason.PERMISSION,
        "net.wifi.frequency[en0]": 5220e6,
        "net.wifi.channel[en0]": 44,
        "net.wifi.band[en0]": "5",
        "net.wifi.tx_rate[en0]": 866e6,
    }


def test_a_radio_that_is_off(imac: Any, read: Any) -> None:
    told = read(Wifi())
    assert (told["net.wifi.blocked[en1]"], told["net.wifi.connected[en1]"]) == ("soft", False)
    assert told["net.wifi.signal[en1]"] is UnknownReason.UNSUPPORTED


def test_the_slow_program_is_asked_now_and_then(macbook: Any) -> None:
    now = [100.0]
    radio = MacWifi(lambda: now[0])
    assert list(radio.facts(macbook)) == list(radio.facts(macbook))
    assert macbook.started.count("system_profiler SPAirPortDataType -json") == 1
    later = type(macbook)(macbook.root)
    later.prints("system_profiler", json.dumps({"SPAirPortDataType": []}))
    now[0] += ASK_EVERY - 1
    assert list(radio.facts(later))
    now[0] += 1
    assert not list(radio.facts(later))


@pytest.mark.parametrize(
    ("channel", "place"),
    [
        ("6 (2GHz, 20MHz)", (2437e6, 6, "2.4")),
        ("37 (6GHz, 160MHz)", (6135e6, 37, "6")),
        ("11", (2462e6, 11, "2.4")),
        ("100", (5500e6, 100, "5")),
        ("14 (2.4GHz, 20MHz)", (2484e6, 14, "2.4")),
        ("", (UnknownReason.UNSUPPORTED,) * 3),
    ],
)
def test_channels(channel: str, place: tuple[object, ...]) -> None:
    told = dict(zip(LINK, link_values({"spairport_network_channel": channel}), strict=True))
    assert tuple(told[f"net.wifi.{fact}"] for fact in ("frequency", "channel", "band")) == place
    if isinstance(place[0], float):
        assert channel_of(place[0] / 1e6) == (place[2], place[1]), "as on Linux"


def test_a_name_that_may_be_seen() -> None:
    assert link_values({"_name": "Café", "spairport_network_rate": 0})[1] == "Café"
    with pytest.raises(SourceFailed):
        parse_airport("[" * 100_000)


# ---- leases ---------------------------------------------------------------------------------------
def test_a_lease_with_its_end(macbook: Any, read: Any) -> None:
    told = read(Leases())
    assert {key for key in told if key.startswith("net.lease.client")} == {"net.lease.client[en0]"}
    assert (told["net.lease.client[en0]"], told["net.lease.server[en0]"]) == ("ipconfigd", "192.168.178.1")
    assert told["net.lease.lifetime[en0]"] == 864000.0 and told["net.lease.remaining_ratio[en0]"] == 1.0
    assert told["net.lease.router_fits[en0]"] is True and told["net.lease.portal[en0]"] is True


def test_an_older_system_does_not_tell_the_end(imac: Any, read: Any) -> None:
    told = read(Leases())
    assert told["net.lease.remaining[en0]"] is UnknownReason.UNSUPPORTED
    assert told["net.lease.router_fits[en0]"] is False and told["net.lease.portal[en0]"] is False
    assert "net.lease.client[en8]" not in told, "left over from another network"


def test_times_that_are_none() -> None:
    assert parse_expiry("LeaseExpirationTime : 13/40/2026 00:00:00") is None
    assert parse_lease("yiaddr = 999.0.2.7\n") is None
    bare = parse_lease("yiaddr = 192.0.2.7\nlease_time (uint32): nonsense\n")
    assert bare is not None and bare.lifetime is None and bare.router is None
