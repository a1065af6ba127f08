"""Tunnels: captured ones in the formats of wg(8), ip(8) and resolvectl(1), and real ones in namespaces."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from typing import Any

import pytest
from hotline_probe.errors import SourceFailed
from hotline_probe.sources.interfaces import Traffic
from hotline_probe.sources.routes import Routes
from hotline_probe.sources.tunnels import (
    Egress,
    Silence,
    parse_egress,
    parse_handshakes,
    parse_link_dns,
    parse_routes,
)
from hotline_probe.sources.vpn import Vpn
from hotline_proto.facts import UnknownReason
from hypothesis import given
from hypothesis import strategies as st

IDLE = """
import fcntl, os, struct, sys
tun = os.open("/dev/net/tun", os.O_RDWR)
# TUNSETIFF with IFF_TUN and IFF_NO_PI
fcntl.ioctl(tun, 0x400454CA, struct.pack("16sH22x", sys.argv[1].encode(), 0x1001))
print("ready", flush=True)
while True:
    os.read(tun, 2048)
"""
NET = "/sys/class/net"
HOME = '{"dst":"192.168.1.0/24","dev":"eth0","protocol":"kernel"}'
KEY = "A" * 43 + "="


def traffic(received: int, sent: int) -> Traffic:
    return Traffic(received, sent, 0, 0, 0)


@given(st.text(max_size=200), st.sampled_from((4, 6)))
def test_parsers_survive_anything(text: str, version: int) -> None:
    assert isinstance(parse_egress(text), str)
    assert isinstance(parse_handshakes(text), dict) and isinstance(parse_link_dns(text), dict)
    try:
        parse_routes(text, version)
    except SourceFailed as error:
        assert str(error)


@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(["dst", "dev", "type", "protocol"]),
            st.none()
            | st.integers()
            | st.sampled_from(["default", "10.0.0.0/8", "10.0.0.1/8", "::/0", "unicast"]),
        ),
        max_size=4,
    ),
)
def test_odd_routes_are_left_out(entries: list[dict[str, object]]) -> None:
    assert all(route.interface for route in parse_routes(json.dumps(entries), 4))


def test_who_sends_and_hears_nothing_is_told_by_its_bytes() -> None:
    silence = Silence()
    assert silence.look(0.0, {"wg0": traffic(10, 0)}, ["wg0"]) == {}
    assert silence.look(5.0, {"wg0": traffic(10, 148)}, ["wg0"]) == {"wg0": 5.0}
    assert silence.look(10.0, {"wg0": traffic(10, 148)}, ["wg0"]) == {"wg0": 10.0}
    assert silence.look(30.0, {"wg0": traffic(10, 444)}, ["wg0"]) == {"wg0": 30.0}
    assert silence.look(35.0, {"wg0": traffic(102, 592)}, ["wg0"]) == {"wg0": 0.0}
    # Keepalives have 32 bytes and are not answered (WireGuard whitepaper, 6.5).
    assert silence.look(60.0, {"wg0": traffic(102, 656)}, ["wg0"]) == {"wg0": 0.0}
    assert silence.look(65.0, {"wg0": traffic(102, 900)}, ["wg0"]) == {"wg0": 5.0}
    # It has given up, and nobody wants anything from it any more.
    assert silence.look(200.0, {"wg0": traffic(102, 900)}, ["wg0"]) == {"wg0": 0.0}
    assert silence.look(205.0, {}, ["wg0"]) == {}


@pytest.fixture
def laptop(captured: Any) -> Any:
    """A captured laptop with a cable and a WireGuard tunnel that is on."""
    captured.put(
        {
            "/sys/devices/pci/net/eth0/type": "1\n",
            "/sys/devices/pci/net/eth0/device": "1\n",
            "/sys/devices/virtual/net/wg0/type": "65534\n",
            "/sys/devices/virtual/net/wg0/uevent": "DEVTYPE=wireguard\nINTERFACE=wg0\n",
            "/sys/devices/virtual/net/wg0/flags": "0x10091\n",
            "/sys/devices/virtual/net/wg0/carrier": "1\n",
            "/sys/devices/virtual/net/wg0/mtu": "1420\n",
            "/proc/net/dev": "  wg0: 900 12 0 0 0 0 0 0 400 8 0 0 0 0 0 0\n",
            "/proc/net/route": "",
            "/proc/net/ipv6_route": "",
            "/etc/resolv.conf": "nameserver 10.8.0.1\n",
        }
    )
    captured.put_link(f"{NET}/eth0", "../../devices/pci/net/eth0")
    captured.put_link(f"{NET}/wg0", "../../devices/virtual/net/wg0")
    captured.prints("ip -j -4 route show table all", f"[{HOME}]")
    captured.prints("ip -j -6 route show table all", "[]")
    captured.prints("ip -j -4 route get", '[{"dst":"198.41.0.4","dev":"eth0"}]')
    captured.prints("ip -j -6 route get", "", "RTNETLINK answers: Network is unreachable", 2)
    return captured


def routes(laptop: Any, *entries: str) -> None:
    laptop.prints("ip -j -4 route show table all", f"[{','.join([HOME, *entries])}]")


def test_a_tunnel_that_is_saved_and_on(laptop: Any, read: Any) -> None:
    laptop.prints("wg show all latest-handshakes", f"wg0\t{KEY}\t0\n")
    facts = read(Vpn())
    assert facts["net.vpn.kind[wg0]"] == "wireguard" and facts["net.vpn.up[wg0]"] is True
    assert facts["net.vpn.carries[wg0]"] == "nothing" and facts["net.vpn.overlap[wg0]"] is False
    assert (facts["net.vpn.received[wg0]"], facts["net.vpn.sent[wg0]"]) == (900.0, 400.0)
    assert facts["net.vpn.mtu[wg0]"] == 1420.0 and facts["net.vpn.unanswered[wg0]"] == 0.0
    assert facts["net.vpn.handshake_age[wg0]"] is UnknownReason.UNREACHABLE
    assert facts["net.vpns.resolver_left"] is False and facts["net.vpns.client"] is True


def test_what_leads_into_it(laptop: Any, read: Any) -> None:
    routes(laptop, '{"dst":"10.8.0.0/24","dev":"wg0","protocol":"kernel"}', '{"dst":"10.8.0.9","dev":"wg0"}')
    facts = read(Vpn())
    assert facts["net.vpn.carries[wg0]"] == "nothing" and facts["net.vpn.resolvers[wg0]"] == 1
    routes(laptop, '{"dst":"10.9.0.0/16","dev":"wg0"}', '{"dst":"default","dev":"wg0","table":"7"}')
    assert read(Vpn())["net.vpn.carries[wg0]"] == "networks"
    laptop.prints("ip -j -4 route get", '[{"dst":"198.41.0.4","dev":"wg0","table":"51820"}]')
    assert read(Vpn())["net.vpn.carries[wg0]"] == "all"


@pytest.mark.parametrize(
    ("network", "overlap"),
    [
        ("192.168.1.0/24", True),
        ("192.168.1.128/25", True),
        ("192.168.0.0/16", False),
        ("192.168.2.0/24", False),
        ("192.168.1.7", False),
        ("default", False),
    ],
)
def test_the_same_network_on_both_sides(laptop: Any, read: Any, network: str, overlap: bool) -> None:
    routes(laptop, f'{{"dst":"{network}","dev":"wg0"}}')
    assert read(Vpn())["net.vpn.overlap[wg0]"] is overlap


def test_a_part_of_what_a_router_leads_to_is_nobodys_home(laptop: Any, read: Any) -> None:
    # A company's router leads to all of 10.0.0.0/8; the tunnel takes one network out of it, as is meant.
    far = '{"dst":"10.0.0.0/8","gateway":"192.168.1.1","dev":"eth0","protocol":"dhcp"}'
    routes(laptop, far, '{"dst":"10.8.0.0/24","dev":"wg0"}')
    assert read(Vpn())["net.vpn.overlap[wg0]"] is False


def test_name_servers_that_are_bound_to_it(laptop: Any, read: Any) -> None:
    laptop.prints("resolvectl --no-pager dns", "Global:\nLink 5 (wg0): 10.8.0.1 10.8.0.2\n")
    assert read(Vpn())["net.vpn.resolvers[wg0]"] == 2


@pytest.mark.parametrize(
    "left",
    [
        {"/etc/resolv.conf": "#@VPNC_GENERATED@ -- this file is generated by vpnc\nnameserver 10.8.0.1\n"},
        {"/etc/resolv.conf.mullvadbackup": "nameserver 192.168.1.1\n"},
        {"/run/resolvconf/interface/tun0.openvpn": "nameserver 10.8.0.1\n"},
        {"/run/resolvconf/interfaces/tun.wg1": "nameserver 10.8.0.1\n"},
    ],
)
def test_name_servers_that_were_left(laptop: Any, read: Any, left: dict[str, str]) -> None:
    laptop.put(left)
    assert read(Vpn())["net.vpns.resolver_left"] is False  # a tunnel is on
    laptop.put({f"{NET}/wg0/flags": "0x10090\n"})
    assert read(Vpn())["net.vpns.resolver_left"] is True


@pytest.mark.parametrize("record", ["eth0.dhclient", "NetworkManager", "wg0", "lo.dnsmasq"])
def test_records_of_adapters_that_are_there(laptop: Any, read: Any, record: str) -> None:
    laptop.put({f"{NET}/wg0/flags": "0x10090\n", f"/run/resolvconf/interface/{record}": ""})
    assert read(Vpn())["net.vpns.resolver_left"] is False


def test_without_tools_the_main_table_tells(laptop: Any, read: Any) -> None:
    laptop.programs.clear()
    head = "wg0\t00000000\t00000000\t0001\t0\t0\t0\t00000000\t0\t0\t0\n"
    laptop.put({"/proc/net/route": head})
    facts = read(Vpn())
    assert facts["net.vpn.carries[wg0]"] == "all"
    assert facts["net.vpn.handshake_age[wg0]"] is UnknownReason.MISSING_TOOL
    laptop.prints("wg show all", "", "Unable to access interface wg0: Operation not permitted", 1)
    assert read(Vpn())["net.vpn.handshake_age[wg0]"] is UnknownReason.PERMISSION


def test_a_machine_without_tunnels_asks_nobody(captured: Any, read: Any) -> None:
    captured.put({f"{NET}/eth0/type": "1\n", "/usr/bin/ls": ""})
    facts = read(Vpn())
    assert set(facts) == {"net.vpns.client", "net.vpns.resolver_left", "net.output.blocked"}
    assert facts["net.vpns.client"] is False and captured.started == []
    captured.put({"/usr/bin/openvpn": ""})
    assert read(Vpn())["net.vpns.client"] is True


def test_the_way_out_is_asked_for_now_and_then(laptop: Any) -> None:
    now = [0.0]
    way = Egress(lambda: now[0])
    assert way.of(laptop) == "eth0" and way.of(laptop) == "eth0" and len(laptop.started) == 1
    now[0] = 10.0
    laptop.prints("ip -j -4 route get", '[{"dev":"wg0"}]')
    assert way.of(laptop) == "wg0"


@pytest.fixture
def tunnelled(wire: Any) -> Any:
    """A wire whose computer has a tunnel that nobody serves."""
    try:
        wire.run(wire.computer, "ip tuntap add tun0 mode tun")
    except subprocess.CalledProcessError:
        pytest.skip("needs /dev/net/tun")
    return wire


def test_a_real_tunnel_that_is_off(tunnelled: Any) -> None:
    told = tunnelled.look(Vpn)
    assert told["net.vpn.kind[tun0]"] == "tun" and told["net.vpn.up[tun0]"] is False
    assert told["net.vpn.carries[tun0]"] == "nothing" and told["net.output.blocked"] is False


def test_a_real_tunnel_that_lost_its_program(tunnelled: Any) -> None:
    for line in (
        "ip link set tun0 up",
        "ip addr add 10.8.0.2/24 dev tun0",
        "ip route add 10.9.0.0/16 dev tun0",
    ):
        tunnelled.run(tunnelled.computer, line)
    told = tunnelled.look(Vpn)
    assert told["net.vpn.up[tun0]"] is False and told["net.vpn.carries[tun0]"] == "networks"
    # As OpenVPN's redirect-gateway does it, and as wg-quick(8) does.
    for line in ("0.0.0.0/1", "128.0.0.0/1"):
        tunnelled.run(tunnelled.computer, f"ip route add {line} dev tun0")
    assert tunnelled.look(Vpn)["net.vpn.carries[tun0]"] == "all"
    assert tunnelled.look(Routes)["net.route.tunnel"] is True


def test_a_real_tunnel_with_a_table_of_its_own(tunnelled: Any) -> None:
    computer = tunnelled.computer
    for line in (
        "ip link set tun0 up",
        "ip route add default dev tun0 table 51820",
        "ip rule add not fwmark 51820 table 51820",
        "ip rule add table main suppress_prefixlength 0",
    ):
        tunnelled.run(computer, line)
    assert tunnelled.look(Vpn)["net.vpn.carries[tun0]"] == "all"
    told = tunnelled.look(Routes)
    assert told["net.route.tunnel"] is True and told["net.route.interface"] == "veth0"


def test_a_real_tunnel_that_is_served(tunnelled: Any) -> None:
    argv = ["ip", "netns", "exec", tunnelled.computer, sys.executable, "-c", IDLE, "tun0"]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None and server.stdout.readline() == "ready\n"
        tunnelled.run(tunnelled.computer, "ip link set tun0 up")
        tunnelled.run(tunnelled.computer, "ip route add 192.0.2.128/25 dev tun0")
        told = tunnelled.look(Vpn)
        server.kill()
    assert told["net.vpn.up[tun0]"] is True and told["net.vpn.overlap[tun0]"] is True


def test_a_firewall_that_lets_nothing_out(wire: Any) -> None:
    if shutil.which("nft") is None:
        pytest.skip("needs nft(8)")
    assert wire.look(Vpn)["net.output.blocked"] is False
    wire.run(wire.computer, "nft add table inet t")
    wire.run(wire.computer, "nft add chain inet t c { type filter hook output priority 0 ; policy drop ; }")
    wire.run(wire.computer, 'nft add rule inet t c oifname "lo" accept')
    wire.run(wire.computer, "nft add rule inet t c ip daddr 192.0.2.0/24 accept")
    assert wire.look(Vpn)["net.output.blocked"] is True
    assert wire.look(Vpn, active=False)["net.output.blocked"] == "unsupported"


@pytest.mark.parametrize("kind", ["blackhole", "prohibit"])
def test_a_route_that_swallows_everything(wire: Any, kind: str) -> None:
    wire.run(wire.computer, "ip route del default")
    wire.run(wire.computer, f"ip route add {kind} default")
    assert wire.look(Vpn)["net.output.blocked"] is True


def test_a_cable_without_a_way_out_blocks_nothing(wire: Any) -> None:
    wire.run(wire.computer, "ip route del default")
    assert wire.look(Vpn)["net.output.blocked"] is False
