"""Devices with the same address: a real second device on a real network, and what arping(8) prints."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from hotline_probe.errors import SourceFailed
from hotline_probe.source import Settings
from hotline_probe.sources.addresses import Addresses, parse_if_inet6
from hotline_probe.sources.twins import Twins, parse_replies, parse_source
from hotline_proto.facts import UnknownReason
from hypothesis import given
from hypothesis import strategies as st

HEAD = "ARPING 192.0.2.1 from 192.0.2.2 eth0\n"
ROUTE = "eth0\t00000000\t010200C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n"


@given(st.text(max_size=200))
def test_parsers_survive_anything(text: str) -> None:
    assert isinstance(parse_if_inet6(text), dict) and isinstance(parse_source(text), str)
    assert parse_replies(HEAD + text, "192.0.2.1") == set()
    with pytest.raises(SourceFailed):
        parse_replies(text, "192.0.2.1")


@pytest.mark.parametrize("text", ["[]", "[{}]", '[{"prefsrc":7}]', '[{"prefsrc":"::1"}]', "{}", "[[]]"])
def test_routes_without_an_own_address(text: str) -> None:
    assert parse_source(text) == ""


@pytest.fixture
def home(captured: Any) -> Any:
    """A captured computer at home, with the programs it has."""
    captured.put(
        {"/proc/net/route": ROUTE, "/proc/net/ipv6_route": "", "/sys/devices/pci/net/eth0/type": "1\n"}
    )
    captured.put({"/sys/devices/pci/net/eth0/device": ""})
    captured.put_link("/sys/class/net/eth0", "../../devices/pci/net/eth0")
    captured.prints("ip -j -4 route get 192.0.2.1", '[{"dev":"eth0","prefsrc":"192.0.2.2"}]')
    return captured


def test_without_the_tool_or_the_right(home: Any, read: Any) -> None:
    assert set(read(Twins()).values()) == {UnknownReason.MISSING_TOOL}
    home.prints("arping", "", "arping: socket: Operation not permitted\n", 2)
    assert set(read(Twins()).values()) == {UnknownReason.PERMISSION}
    home.prints("arping", "ARPING 192.0.2.1\n60 bytes from 02:00:00:00:00:07 (192.0.2.1): index=0\n")
    assert set(read(Twins()).values()) == {UnknownReason.NOT_COLLECTED}


def test_nobody_is_asked_unasked_or_through_a_tunnel(home: Any, read: Any) -> None:
    assert set(read(Twins(), Settings(active=False)).values()) == {UnknownReason.UNSUPPORTED}
    home.put({"/proc/net/route": ""})
    assert set(read(Twins()).values()) == {UnknownReason.UNSUPPORTED}
    assert home.started == []


def test_replies_are_of_the_address_that_was_asked_for(home: Any, read: Any) -> None:
    two = (
        "Unicast reply from 192.0.2.1 [02:00:00:00:00:0A]\nUnicast reply from 192.0.2.1 [02:00:00:00:00:0B]\n"
    )
    home.prints("arping -b", HEAD + two)
    home.prints("arping -D", HEAD.replace("192.0.2.2", "0.0.0.0") + two)
    assert read(Twins()) == {"net.twin.address": False, "net.twin.router": True}
    home.prints("arping -b", HEAD)
    assert read(Twins())["net.twin.router"] is UnknownReason.UNREACHABLE


def test_a_router_that_answers_for_everybody_is_no_twin(home: Any, read: Any) -> None:
    # Where guests must not see each other, the router answers for all of them (local proxy ARP).
    home.prints("arping -b", HEAD + "Unicast reply from 192.0.2.1 [02:00:00:00:00:0A]\n")
    home.prints(
        "arping -D",
        HEAD.replace("192.0.2.2", "0.0.0.0") + "Unicast reply from 192.0.2.2 [02:00:00:00:00:0A]\n",
    )
    assert read(Twins()) == {"net.twin.address": False, "net.twin.router": False}


@pytest.mark.parametrize(
    ("macs", "twins"),
    [
        (("00:07:B4:00:01:01", "00:07:B4:00:01:02"), False),
        (("00:00:5E:00:01:07", "00:00:5E:00:01:07"), False),
        (("00:00:5E:00:01:07", "02:00:00:00:00:0B"), True),
    ],
)
def test_routers_that_stand_in_for_each_other_are_one(
    home: Any, read: Any, macs: tuple[str, str], twins: bool
) -> None:
    home.prints("arping -b", HEAD + "".join(f"Unicast reply from 192.0.2.1 [{mac}]\n" for mac in macs))
    home.prints("arping -D", HEAD.replace("192.0.2.2", "0.0.0.0"))
    assert read(Twins())["net.twin.router"] is twins


@pytest.fixture
def third(wire: Any) -> Iterator[str]:
    """A third device on the same network: its namespace, with an adapter called lan0."""
    if shutil.which("arping") is None:
        pytest.skip("needs arping(8)")
    name = f"hotline-t{os.getpid()}"

    def ip(line: str) -> None:
        subprocess.run(["ip", *line.split()], check=True, capture_output=True, timeout=10)

    with contextlib.ExitStack() as stack:
        ip(f"netns add {name}")
        stack.callback(ip, f"netns del {name}")
        ip(f"-n {wire.there} addr flush dev veth1")
        ip(f"-n {wire.there} link add br0 type bridge")
        ip(f"-n {wire.there} link add port0 type veth peer name lan0 netns {name}")
        for port in ("veth1", "port0"):
            ip(f"-n {wire.there} link set {port} master br0 up")
        ip(f"-n {wire.there} addr add 192.0.2.1/24 dev br0")
        ip(f"-n {wire.there} link set br0 up")
        ip(f"-n {name} link set lan0 up")
        yield name


def test_a_network_in_order(wire: Any, third: str) -> None:
    wire.run(third, "ip addr add 192.0.2.9/24 dev lan0")
    assert wire.look(Twins) == {"net.twin.address": False, "net.twin.router": False}


def test_cable_and_wifi_of_one_computer_in_one_network(wire: Any, third: str) -> None:
    # Linux answers for any of its addresses on any of its adapters (ip-sysctl.rst, arp_ignore).
    wire.run(wire.there, f"ip link add port1 type veth peer name wlan0 netns {wire.computer}")
    wire.run(wire.there, "ip link set port1 master br0 up")
    wire.run(wire.computer, "ip link set wlan0 up")
    wire.run(wire.computer, "ip addr add 192.0.2.3/24 dev wlan0")
    assert wire.look(Twins)["net.twin.address"] is False


@pytest.mark.parametrize(("address", "fact"), [("192.0.2.2", "address"), ("192.0.2.1", "router")])
def test_a_second_device_with_the_address(wire: Any, third: str, address: str, fact: str) -> None:
    wire.run(third, f"ip addr add {address}/24 dev lan0")
    told = wire.look(Twins)
    assert told == {"net.twin.address": fact == "address", "net.twin.router": fact == "router"}


def test_a_real_address_that_was_refused(wire: Any, third: str) -> None:
    wire.run(third, "ip addr add 2001:db8::7/64 dev lan0 nodad")
    wire.run(wire.computer, "ip addr add 2001:db8::7/64 dev veth0")
    # Duplicate address detection takes a second (RFC 4862, section 5.4), and the kernel says when it ends.
    told = wire.look(Addresses)
    for _ in range(300):
        told = wire.look(Addresses)
        if told["net.address.duplicate[veth0/v6-private/0]"]:
            break
    assert told["net.address.tentative[veth0/v6-private/0]"] is True
    assert told["net.address.duplicate[veth0/v6-private/0]"] is True


def test_without_ip_the_kernels_file_tells(captured: Any, read: Any) -> None:
    # On a captured machine without programs psutil tells of this machine's own loopback.
    facts = read(Addresses())
    assert facts["net.address.duplicate[lo/v4-loopback/0]"] is UnknownReason.MISSING_TOOL
    captured.put({"/proc/net/if_inet6": f"{'0' * 31}1 01 80 10 08     lo\n"})
    facts = read(Addresses())
    if "net.address.value[lo/v6-loopback/0]" not in facts:
        pytest.skip("no IPv6 here")
    assert facts["net.address.duplicate[lo/v6-loopback/0]"] is True
    assert facts["net.address.tentative[lo/v6-loopback/0]"] is True
