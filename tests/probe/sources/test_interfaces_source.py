"""Network adapters and routing tables on captured machines."""

from __future__ import annotations

import ipaddress

import pytest
from hotline_probe.sources.interfaces import Interfaces, Traffic, parse_dev, traffic_facts
from hotline_probe.sources.routetables import interface_for, parse_routes_v4, parse_routes_v6
from hotline_proto.facts import UnknownReason
from hypothesis import given
from hypothesis import strategies as st

HEAD = "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n"
ETH = "eth0\t00000000\t0101A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n"
LAN = "eth0\t0001A8C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0\n"


UP = {"flags": "0x1003\n", "carrier": "1\n", "mtu": "1500\n", "carrier_changes": "2\n"}
DOWN = {"flags": "0x1002\n", "mtu": "1500\n"}


def adapter(captured, name: str, files: dict[str, str], hardware: int = 1) -> None:
    """Make an adapter as /sys/class/net shows it: a link into the tree of devices."""
    place = f"/sys/devices/{'pci' if 'device' in files else 'virtual'}/net/{name}"
    captured.put(
        {f"{place}/type": f"{hardware}\n", **{f"{place}/{file}": text for file, text in files.items()}}
    )
    captured.put_link(f"/sys/class/net/{name}", f"../..{place.removeprefix('/sys')}")


def counters(captured, packets: int, errors: int = 0, idle: tuple[str, ...] = ("wlan0",)) -> None:
    lines = [f"  eth0: {packets * 100} {packets} {errors} 0 0 0 0 0 {packets * 10} 0 0 0 0 0 0 0"]
    lines += [f"{name}: {'0 ' * 16}" for name in idle]
    captured.put({"/proc/net/dev": "Inter-|   Receive\n face |bytes    packets\n" + "\n".join(lines) + "\n"})


@pytest.fixture
def laptop(captured):
    captured.put({"/proc/net/route": HEAD + ETH + LAN, "/proc/uptime": "100.0 1.0\n"})
    adapter(captured, "eth0", {"device": "", "speed": "1000\n", "duplex": "full\n", **UP})
    adapter(captured, "wlan0", {"device": "", "phy80211": "", "speed": "-1\n", "duplex": "unknown\n", **DOWN})
    adapter(captured, "tun0", {"tun_flags": "0x1\n", **UP}, 65534)
    adapter(captured, "lo", {**UP, "flags": "0x9\n"}, 772)
    captured.put({"/sys/class/net/bonding_masters": "\n"})
    counters(captured, 1000)
    return captured


def test_a_laptop(laptop, read) -> None:
    facts = read(Interfaces())
    assert {name: facts[f"net.interface.type[{name}]"] for name in ("eth0", "wlan0", "tun0", "lo")} == {
        "eth0": "ethernet",
        "wlan0": "wifi",
        "tun0": "vpn",
        "lo": "loopback",
    }
    assert facts["net.interfaces.physical"] == 2
    assert facts["net.interfaces.connected"] == 1
    assert facts["net.interface.in_use[eth0]"] is True and facts["net.interface.in_use[wlan0]"] is False
    assert facts["net.interface.admin_up[wlan0]"] is False and facts["net.interface.carrier[wlan0]"] is False
    assert facts["net.interface.admin_up[eth0]"] is True
    assert facts["net.interface.speed[eth0]"] == 1e9
    assert facts["net.interface.full_duplex[eth0]"] is True
    assert facts["net.interface.mtu[eth0]"] == 1500.0
    assert facts["net.interface.carrier_changes[eth0]"] == 2
    assert facts["net.interface.speed[wlan0]"] is UnknownReason.UNSUPPORTED
    assert facts["net.interface.full_duplex[wlan0]"] is UnknownReason.UNSUPPORTED
    assert facts["net.interface.carrier_changes[wlan0]"] is UnknownReason.UNSUPPORTED
    assert facts["net.interface.rx_rate[eth0]"] is UnknownReason.PENDING
    assert not [name for name in facts if "bonding" in name]


def test_rates_from_the_second_run_on(laptop, read) -> None:
    source = Interfaces()
    read(source)
    laptop.put({"/proc/uptime": "102.0 1.0\n"})
    counters(laptop, 1900, 100)
    facts = read(source)
    assert facts["net.interface.rx_rate[eth0]"] == 45_000
    assert facts["net.interface.tx_rate[eth0]"] == 4_500
    assert facts["net.interface.packet_rate[eth0]"] == 450
    assert facts["net.interface.error_ratio[eth0]"] == pytest.approx(0.1)
    assert facts["net.interface.drop_ratio[eth0]"] == 0.0
    assert facts["net.interface.packet_rate[wlan0]"] == 0.0
    assert facts["net.interface.error_ratio[wlan0]"] is UnknownReason.PENDING


def ratios(now: Traffic, before: Traffic | None) -> list[object]:
    facts = {fact.name: fact.value for fact in traffic_facts("eth0", now, before, 1.0)}
    return [facts["net.interface.error_ratio"], facts["net.interface.drop_ratio"]]


def test_ratios_need_a_hundred_packets() -> None:
    zero = Traffic(0, 0, 0, 0, 0)
    assert ratios(Traffic(1, 1, 99, 0, 0), zero) == [UnknownReason.PENDING] * 2
    assert ratios(Traffic(1, 1, 99, 1, 1), zero) == [0.01, 0.01]


def test_counters_that_begin_anew_give_no_rate() -> None:
    facts = traffic_facts("eth0", Traffic(0, 0, 0, 0, 0), Traffic(9, 9, 9, 0, 0), 1.0)
    assert {fact.value for fact in facts} == {UnknownReason.PENDING}


def test_the_adapter_in_use_survives_the_cap(captured, read) -> None:
    captured.put({"/proc/net/route": HEAD + ETH.replace("eth0", "zzz0"), "/proc/uptime": "1.0 1.0\n"})
    for number in range(70):
        adapter(captured, f"veth{number}", UP)
    adapter(captured, "zzz0", UP)
    facts = read(Interfaces())
    assert facts["net.interface.in_use[zzz0]"] is True
    assert sum(name.startswith("net.interface.type") for name in facts) == 64
    assert facts["net.interface.rx_rate[zzz0]"] is UnknownReason.NOT_COLLECTED


def test_longest_prefix_then_metric() -> None:
    routes = parse_routes_v4(HEAD + LAN.replace("eth0", "eth1") + ETH.replace("eth0", "wlan0") + ETH)
    routes += parse_routes_v4(HEAD + ETH.replace("eth0", "ppp0").replace("\t100\t", "\t50\t"))
    assert interface_for(ipaddress.ip_address("192.168.1.77"), routes) == "eth1"
    assert interface_for(ipaddress.ip_address("203.0.113.1"), routes) == "ppp0"
    assert interface_for(ipaddress.ip_address("fe80::1"), routes) == ""
    assert interface_for(ipaddress.ip_address("127.0.0.53"), []) == "lo"


ADDRESSES_V4, ADDRESSES_V6 = st.ip_addresses(v=4), st.ip_addresses(v=6)


@given(ADDRESSES_V4, ADDRESSES_V4, st.integers(0, 32), st.integers(0, 9999))
def test_every_ipv4_route_is_read_back(destination, gateway, length, metric) -> None:
    network = ipaddress.IPv4Network((int(destination), length), strict=False)
    numbers = [network.network_address, gateway, network.netmask]
    net, via, mask = (number.packed[::-1].hex().upper() for number in numbers)
    (route,) = parse_routes_v4(f"{HEAD}eth0\t{net}\t{via}\t0003\t0\t0\t{metric}\t{mask}\t0\t0\t0\n")
    assert (route.network, route.metric) == (network, metric)
    assert route.gateway == (gateway if int(gateway) else None)


@given(ADDRESSES_V6, ADDRESSES_V6, st.integers(0, 128), st.integers(0, 2**32 - 1))
def test_every_ipv6_route_is_read_back(destination, gateway, length, metric) -> None:
    network = ipaddress.IPv6Network((int(destination), length), strict=False)
    net, via = network.network_address.packed.hex(), gateway.packed.hex()
    text = f"{net} {length:02x} {'0' * 32} 00 {via} {metric:08x} 00000001 00000000 00000003     eth0\n"
    (route,) = parse_routes_v6(text)
    assert (route.network, route.metric) == (network, metric)


@given(st.text(alphabet="0123456789abcdefFF \teth\n", max_size=200))
def test_broken_tables_are_survived(text: str) -> None:
    parse_routes_v4(HEAD + text)
    parse_routes_v6(text)
    parse_dev(text)
