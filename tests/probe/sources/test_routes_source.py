"""Addresses, routes and neighbours on captured machines."""

from __future__ import annotations

import ipaddress
import json

import pytest
from hotline_probe.errors import SourceError, SourceFailed
from hotline_probe.source import Context, Settings
from hotline_probe.sources.addresses import Addresses, parse_ip_addr
from hotline_probe.sources.neighbours import ASK_EVERY, Neighbours
from hotline_probe.sources.routes import Routes
from hotline_probe.sources.routetables import parse_arp, parse_neighbour
from hotline_proto.facts import UnknownReason
from hypothesis import given
from hypothesis import strategies as st

HEAD = "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n"
ETH = "eth0\t00000000\t0101A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n"
LAN = "eth0\t0001A8C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0\n"
WRONG_LAN = "eth0\t0002A8C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0\n"
HALVES = (
    "tun0\t00000000\t0100080A\t0003\t0\t0\t0\t00000080\t0\t0\t0\n"
    "tun0\t00000080\t0100080A\t0003\t0\t0\t0\t00000080\t0\t0\t0\n"
)
ZERO = "0" * 32
V6 = f"{ZERO} 00 {ZERO} 00 fe80000000000000000000000000000a 00000400 00000001 00000000 00000003    eth0\n"
GATEWAY = ipaddress.ip_address("192.168.1.1")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from("ifname flags addr_info local prefixlen state dst".split()), inner)
    ),
    max_leaves=12,
)


def adapter(captured, name: str, *files: str, hardware: int = 1) -> None:
    """Make an adapter as /sys/class/net shows it: a link into the tree of devices."""
    place = f"/sys/devices/{'pci' if 'device' in files else 'virtual'}/net/{name}"
    captured.put({f"{place}/type": f"{hardware}\n", **{f"{place}/{file}": "1\n" for file in files}})
    captured.put_link(f"/sys/class/net/{name}", f"../..{place.removeprefix('/sys')}")


def link(
    name: str, *addresses: tuple[str, int], flags: str = "UP LOWER_UP", **marks: bool
) -> dict[str, object]:
    entries = [{"local": address, "prefixlen": length, **marks} for address, length in addresses]
    return {"ifname": name, "flags": flags.split(), "addr_info": entries}


def test_addresses(captured, read) -> None:
    links = [
        link("lo", ("127.0.0.1", 8), ("::1", 128)),
        link("eth0", ("192.168.1.7", 24), ("fe80::1", 64), ("2003:e1::7", 64), ("2003:e1::8", 64)),
    ]
    captured.prints("ip -j addr", json.dumps(links))
    facts = read(Addresses())
    assert facts["net.ip.v4"] is True and facts["net.ip.v6"] is True
    assert facts["net.ip.self_assigned_only"] is False
    assert facts["net.address.value[eth0/v4-private/0]"] == "192.168.1.7"
    assert facts["net.address.value[eth0/v6-global/1]"] == "2003:e1::8"
    assert facts["net.address.prefix_length[eth0/v4-private/0]"] == 24
    assert facts["net.address.scope[lo/v6-loopback/0]"] == "loopback"
    assert facts["net.address.family[eth0/v6-link_local/0]"] == "v6"
    assert facts["net.address.tentative[eth0/v6-global/0]"] is False
    assert not [name for name in facts if "192.168" in name]


@pytest.mark.parametrize(("file", "alone"), [("device", True), ("bridge", False)])
def test_a_self_assigned_address_counts_on_hardware_only(captured, read, file: str, alone: bool) -> None:
    captured.prints("ip -j addr", json.dumps([link("eth0", ("169.254.3.4", 16))]))
    adapter(captured, "eth0", file)
    facts = read(Addresses())
    assert facts["net.ip.self_assigned_only"] is alone
    assert facts["net.ip.v4"] is False and facts["net.ip.v6"] is False


def test_a_pulled_cable_is_no_self_assigned_address(captured, read) -> None:
    captured.prints("ip -j addr", json.dumps([link("eth0", ("169.254.3.4", 16), flags="UP")]))
    adapter(captured, "eth0", "device")
    assert read(Addresses())["net.ip.self_assigned_only"] is False


@pytest.mark.parametrize("mark", ["tentative", "dadfailed"])
def test_an_unconfirmed_address_is_not_usable(captured, read, mark: str) -> None:
    captured.prints("ip -j addr", json.dumps([link("eth0", ("2003::1", 64), **{mark: True})]))
    facts = read(Addresses())
    assert facts["net.ip.v6"] is False
    assert facts["net.address.tentative[eth0/v6-global/0]"] is True


def test_without_ip_psutil_tells(read) -> None:
    facts = read(Addresses())  # on a captured machine without programs: this machine's own loopback
    assert facts["net.address.value[lo/v4-loopback/0]"] == "127.0.0.1"
    assert facts["net.address.prefix_length[lo/v4-loopback/0]"] == 8


def test_elsewhere_psutil_tells(captured, read) -> None:
    captured.system = "freebsd"
    facts = read(Addresses())
    assert facts["net.ip.self_assigned_only"] is UnknownReason.UNSUPPORTED
    assert "net.address.tentative[lo/v4-loopback/0]" not in facts


@pytest.fixture
def home(captured):
    captured.put({"/proc/net/route": HEAD + ETH + LAN, "/proc/net/ipv6_route": V6})
    adapter(captured, "eth0", "device")
    adapter(captured, "tun0", "tun_flags", hardware=65534)
    captured.prints(
        "ip -j neigh show to 192.168.1.1 dev eth0", '[{"dst":"192.168.1.1","state":["REACHABLE"]}]'
    )
    return captured


def test_a_home_network(home, read) -> None:
    assert read(Routes()) == {
        "net.route.default": True,
        "net.route.default_v4": True,
        "net.route.default_v6": True,
        "net.route.default_count": 1,
        "net.route.interface": "eth0",
        "net.route.tunnel": False,
        "net.gateway.address": "192.168.1.1",
        "net.gateway.in_subnet": True,
        "net.gateway.neighbour": "reachable",
    }


@pytest.mark.parametrize(("gateway", "ways"), [("0101A8C0", 1), ("0102A8C0", 2)])
def test_cable_and_wifi(home, read, gateway: str, ways: int) -> None:
    adapter(home, "wlan0", "device")
    wifi = ETH.replace("eth0", "wlan0").replace("0101A8C0", gateway)
    home.put({"/proc/net/route": HEAD + ETH + LAN + wifi})
    assert read(Routes())["net.route.default_count"] == ways


def test_a_wrong_netmask(home, read) -> None:
    home.put({"/proc/net/route": HEAD + ETH + WRONG_LAN})
    assert read(Routes())["net.gateway.in_subnet"] is False


def test_half_routes_into_a_tunnel(home, read) -> None:
    home.put({"/proc/net/route": HEAD + ETH + LAN + HALVES})
    facts = read(Routes())
    assert facts["net.route.tunnel"] is True and facts["net.route.interface"] == "tun0"


def test_only_ipv6(home, read) -> None:
    home.put({"/proc/net/route": HEAD})
    home.prints("ip -j neigh show to fe80::a dev eth0", "[ ]")
    facts = read(Routes())
    assert facts["net.route.default_v4"] is False and facts["net.route.default"] is True
    assert facts["net.gateway.address"] == "fe80::a"
    assert facts["net.gateway.in_subnet"] is UnknownReason.UNSUPPORTED
    assert facts["net.gateway.neighbour"] == "none"


def test_no_way_out(home, read) -> None:
    home.put({"/proc/net/route": HEAD + LAN, "/proc/net/ipv6_route": ""})
    facts = read(Routes())
    assert facts["net.route.default"] is False and facts["net.route.interface"] == ""
    assert facts["net.route.tunnel"] is False and facts["net.route.default_count"] == 0
    assert facts["net.gateway.address"] is UnknownReason.UNSUPPORTED


def test_without_ip_the_arp_table_tells(home, read) -> None:
    home.programs.clear()
    home.put({"/proc/net/arp": "head\n192.168.1.1  0x1  0x0  00:00:00:00:00:00  *  eth0\n"})
    assert read(Routes())["net.gateway.neighbour"] == "incomplete"
    home.put({"/proc/net/route": HEAD})
    assert read(Routes())["net.gateway.neighbour"] is UnknownReason.MISSING_TOOL


@given(JSON)
def test_any_json_is_survived(value: object) -> None:
    for parse in (parse_ip_addr, lambda text: parse_neighbour(text, GATEWAY)):
        try:
            parse(json.dumps(value))
        except SourceError as error:
            assert isinstance(error, SourceFailed)


@given(st.text(max_size=80))
def test_any_text_is_survived(text: str) -> None:
    parse_arp("head\n" + text)
    for parse in (parse_ip_addr, lambda text: parse_neighbour(text, GATEWAY)):
        try:
            parse(text)
        except SourceError as error:
            assert isinstance(error, SourceFailed)


@given(st.ip_addresses(), st.integers(0, 128), st.booleans())
def test_every_address_is_read_back(address, length: int, connected: bool) -> None:
    length = min(length, address.max_prefixlen)
    flags = "UP LOWER_UP" if connected else "UP"
    (held,) = parse_ip_addr(json.dumps([link("eth0", (str(address), length), flags=flags)]))
    assert (held.value, held.prefix_length, held.connected) == (address, length, connected)


def test_ip_is_asked_again_when_the_arp_table_changes_or_time_has_passed(home) -> None:
    clock = [0.0]
    neighbours = Neighbours(lambda: clock[0])
    entry = "head\n192.168.1.1  0x1  {}  00:00:5e:00:53:01  *  eth0\n"
    home.put({"/proc/net/arp": entry.format("0x2")})
    for clock[0] in (0.0, ASK_EVERY - 0.1):
        assert neighbours.state(home, "eth0", GATEWAY) == "reachable"
    assert len(home.started) == 1
    home.prints("ip -j neigh show to 192.168.1.1 dev eth0", '[{"dst":"192.168.1.1","state":["FAILED"]}]')
    home.put({"/proc/net/arp": entry.format("0x0")})
    assert neighbours.state(home, "eth0", GATEWAY) == "failed"
    clock[0] += ASK_EVERY
    neighbours.state(home, "eth0", GATEWAY)
    neighbours.state(home, "eth1", GATEWAY)
    assert len(home.started) == 4


def test_a_router_that_does_not_answer_yet_is_asked_for_every_time(home) -> None:
    neighbours, command = Neighbours(lambda: 0.0), "ip -j neigh show to 192.168.1.1 dev eth0"
    home.put({"/proc/net/arp": "head\n192.168.1.1  0x1  0x0  00:00:00:00:00:00  *  eth0\n"})
    home.prints(command, '[{"dst":"192.168.1.1","state":["INCOMPLETE"]}]')
    assert neighbours.state(home, "eth0", GATEWAY) == "incomplete"
    home.prints(command, '[{"dst":"192.168.1.1","state":["FAILED"]}]')
    assert neighbours.state(home, "eth0", GATEWAY) == "failed"


def test_addresses_are_asked_again_when_the_kernels_tables_or_a_link_change(captured) -> None:
    clock = [0.0]
    source = Addresses(lambda: clock[0])
    adapter(captured, "eth0", "device")
    captured.put({"/proc/net/fib_trie": "a", "/sys/class/net/eth0/carrier": "1\n"})
    captured.prints("ip -j addr", "[]")
    changes = [{}, {}, {"/proc/net/fib_trie": "b"}, {"/proc/net/if_inet6": "c"}, {}]
    changes += [{"/sys/class/net/eth0/carrier": "0\n"}, {}]
    asked = []
    for change in changes:
        captured.put(change)
        list(source.read(Context(captured, Settings())))
        asked.append(len(captured.started))
    assert asked == [1, 1, 2, 3, 3, 4, 4]
    clock[0] = 10.0
    list(source.read(Context(captured, Settings())))
    assert len(captured.started) == 5
