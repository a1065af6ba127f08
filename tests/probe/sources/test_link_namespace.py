"""Adapters, addresses and routes of a real network namespace with a veth to a router."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable

import pytest

INSIDE = """
import json
from hotline_probe.machine import LocalMachine
from hotline_probe.path import PathTracker
from hotline_probe.source import Context
from hotline_probe.sources.addresses import Addresses
from hotline_probe.sources.interfaces import Interfaces
from hotline_probe.sources.routes import Routes
context = Context(LocalMachine())
facts = [fact for source in (Interfaces(), Routes(), Addresses()) for fact in source.read(context)]
told = {f"{f.name}[{f.key}]" if f.key else f.name: getattr(f.value, "word", f.value) for f in facts}
told["path"] = PathTracker().current(context.machine)
print(json.dumps(told))
"""
Ip = Callable[[str], None]
Look = Callable[[], dict[str, object]]


@pytest.fixture
def computer(router: tuple[str, str]) -> tuple[Ip, Look]:
    """A namespace with 192.0.2.2 on veth0 and a router at 192.0.2.1; an `ip` for it, and its facts."""
    here, _ = router

    def ip(line: str) -> None:
        subprocess.run(["ip", "-n", here, *line.split()], check=True, capture_output=True, timeout=10)

    def look() -> dict[str, object]:
        argv = ["ip", "netns", "exec", here, sys.executable, "-c", INSIDE]
        return json.loads(subprocess.run(argv, check=True, capture_output=True, timeout=30).stdout)

    return ip, look


def test_a_computer_that_works(computer: tuple[Ip, Look]) -> None:
    facts = computer[1]()
    assert facts["net.interface.type[veth0]"] == "ethernet" and facts["net.interface.physical[veth0]"] is True
    assert facts["net.interfaces.physical"] == 1 and facts["net.interfaces.connected"] == 1
    assert facts["net.interface.type[lo]"] == "loopback"
    assert facts["net.interface.admin_up[veth0]"] is True and facts["net.interface.carrier[veth0]"] is True
    assert facts["net.interface.in_use[veth0]"] is True and facts["net.interface.in_use[lo]"] is False
    assert facts["net.route.interface"] == "veth0" and facts["net.gateway.address"] == "192.0.2.1"
    assert facts["net.gateway.in_subnet"] is True and facts["net.route.tunnel"] is False
    assert facts["net.gateway.neighbour"] == "none"
    assert facts["net.ip.v4"] is True
    assert facts["net.address.value[veth0/v4-private/0]"] == "192.0.2.2"
    assert facts["path"] is not None


def test_a_link_that_is_switched_off(computer: tuple[Ip, Look]) -> None:
    ip, look = computer
    ip("link set veth0 down")
    facts = look()
    assert facts["net.interface.admin_up[veth0]"] is False and facts["net.interface.carrier[veth0]"] is False
    assert facts["net.interface.speed[veth0]"] == "unsupported"
    assert facts["net.interfaces.physical"] == 1 and facts["net.interfaces.connected"] == 0
    assert facts["net.interface.physical[veth0]"] is True
    assert facts["net.route.default"] is False and facts["net.route.interface"] == ""
    assert facts["net.gateway.address"] == "unsupported" and facts["path"] is None


def test_no_default_route(computer: tuple[Ip, Look]) -> None:
    ip, look = computer
    ip("route del default")
    facts = look()
    assert facts["net.route.default"] is False and facts["net.route.default_count"] == 0
    assert facts["net.interface.carrier[veth0]"] is True and facts["net.interface.in_use[veth0]"] is False
    assert facts["net.ip.v4"] is True and facts["path"] is None


def test_a_router_outside_the_network(computer: tuple[Ip, Look]) -> None:
    ip, look = computer
    ip("route replace default via 198.51.100.1 dev veth0 onlink")
    facts = look()
    assert facts["net.gateway.address"] == "198.51.100.1" and facts["net.gateway.in_subnet"] is False


def test_a_tunnel_over_the_default_route(computer: tuple[Ip, Look]) -> None:
    ip, look = computer
    try:
        ip("tuntap add dev tun0 mode tun")
    except subprocess.CalledProcessError as error:
        pytest.skip(f"no tunnels here: {error.stderr.decode().strip()}")
    ip("link set tun0 up")
    ip("route add 0.0.0.0/1 dev tun0")
    ip("route add 128.0.0.0/1 dev tun0")
    facts = look()
    assert facts["net.interface.type[tun0]"] == "vpn"
    assert facts["net.route.interface"] == "tun0" and facts["net.route.tunnel"] is True
    assert facts["net.route.default_count"] == 1 and facts["net.route.default"] is True
    assert facts["path"] == ["tun0", ""] and facts["net.interface.in_use[tun0]"] is True


def test_an_address_the_computer_gave_itself(computer: tuple[Ip, Look]) -> None:
    ip, look = computer
    ip("addr flush dev veth0")
    ip("addr add 169.254.7.7/16 dev veth0")
    assert look()["net.ip.self_assigned_only"] is True


def test_a_bridge_of_cables_is_no_network_card(computer: tuple[Ip, Look]) -> None:
    ip, look = computer
    ip("link add br0 type bridge")
    ip("link add port0 type veth peer name inner0")
    ip("link set port0 master br0")
    facts = look()
    assert facts["net.interface.physical[br0]"] is False and facts["net.interface.physical[port0]"] is False
    assert facts["net.interface.physical[veth0]"] is True
