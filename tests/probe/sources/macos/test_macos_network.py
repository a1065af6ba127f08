"""Adapters, addresses, routes and neighbours of a Mac, through the sources themselves."""

from __future__ import annotations

import ipaddress
from typing import Any

import pytest
from hotline_probe.errors import MissingTool, SourceError, SourceFailed
from hotline_probe.machine import CommandResult
from hotline_probe.path import PathTracker
from hotline_probe.sources.addresses import Addresses
from hotline_probe.sources.interfaces import Interfaces
from hotline_probe.sources.macos.commands import Commands
from hotline_probe.sources.macos.ifconfig import kind_of, parse_counters, parse_ifconfig, parse_ports
from hotline_probe.sources.macos.netstat import parse_arp, parse_ndp, parse_routes
from hotline_probe.sources.routes import Routes
from hotline_probe.sources.routetables import interface_for, neighbour, read_routes, way_out
from hotline_proto.facts import UnknownReason


# ---- routes ---------------------------------------------------------------------------------------
def test_the_way_to_the_router(macbook: Any, read: Any) -> None:
    told = read(Routes())
    assert told == {
        "net.route.default": True,
        "net.route.default_v4": True,
        "net.route.default_v6": True,
        "net.route.default_count": 1,
        "net.route.interface": "en0",
        "net.route.tunnel": False,
        "net.gateway.address": "192.168.178.1",
        "net.gateway.in_subnet": True,
        "net.gateway.neighbour": "stale",
    }


def test_a_vpn_that_takes_everything(imac: Any, read: Any) -> None:
    told = read(Routes())
    assert (told["net.route.interface"], told["net.route.tunnel"]) == ("utun3", True)
    assert told["net.route.default_v6"] is False, "tunnels of iCloud have a default route for themselves only"
    # The other end of the tunnel is reached directly, although netstat shows this end beside it.
    assert (told["net.gateway.address"], told["net.gateway.in_subnet"]) == ("10.8.0.5", True)
    # The scoped default route of the second adapter is for sockets bound to it.
    assert told["net.route.default_count"] == 1


def test_without_a_route_there_is_no_gateway(macbook: Any, read: Any) -> None:
    head = "Destination        Gateway            Flags               Netif Expire\n"
    macbook.prints("netstat -rn -f inet", head)
    macbook.prints("netstat -rn -f inet6", head)
    told = read(Routes())
    assert (told["net.route.default"], told["net.route.interface"]) == (False, "")
    assert told["net.gateway.address"] is UnknownReason.UNSUPPORTED


def test_what_cannot_be_told_is_an_error(macbook: Any, read: Any) -> None:
    macbook.prints("netstat -rn -f inet", "netstat: usage")
    macbook.prints("netstat -rn -f inet6", "", "netstat: sysctl failed", 1)
    with pytest.raises(SourceFailed):
        read(Routes())


def test_masks_that_netstat_leaves_out() -> None:
    head = "Destination        Gateway            Flags               Netif Expire\n"
    rows = (
        "10 link#1",
        "172.16 link#1",
        "192.0.2 link#1",
        "198.51.100.4 link#1",
        "203.0.112/23 link#1",
        "0/1 link#1",
    )
    table = head + "".join(f"{row} UCS en0\n" for row in rows)
    assert [str(route.network) for route in parse_routes(table, 4)] == [
        "10.0.0.0/8",
        "172.16.0.0/16",
        "192.0.2.0/24",
        "198.51.100.4/32",
        "203.0.112.0/23",
        "0.0.0.0/1",
    ]
    assert parse_routes(head + "default 192.0.2.1 UGScR en0\ndefault 192.0.2.1 UGScB en0\n", 4) == []


def test_neighbours(macbook: Any) -> None:
    entries = {str(entry.address): entry.mac for entry in parse_arp(macbook.programs["arp -an"].out)}
    assert entries["192.168.178.1"] == "e0:28:6d:00:01:02"
    assert entries["192.168.178.40"] == "", "nobody answers for it"
    table = macbook.programs["ndp -an"].out
    router = ipaddress.ip_address("fe80::e228:6dff:fe00:102")
    assert parse_ndp(table, "en0", router) == "stale"
    assert parse_ndp(table, "en0", ipaddress.ip_address("2001:db8:17:4::40")) == "incomplete"
    assert parse_ndp(table, "en5", router) == "none"
    assert neighbour(macbook, "en0", router) == "stale"
    assert neighbour(macbook, "en0", ipaddress.ip_address("192.168.178.40")) == "incomplete"
    assert neighbour(macbook, "en0", ipaddress.ip_address("192.168.178.41")) == "none"


def test_this_computer_is_reached_by_its_own_adapter(macbook: Any) -> None:
    routes = [route for table in read_routes(macbook) for route in table]
    assert interface_for(ipaddress.ip_address("127.0.0.1"), routes) == "lo0"
    assert interface_for(ipaddress.ip_address("192.168.178.7"), routes) == "en0"


def test_the_path_has_a_name(macbook: Any) -> None:
    path = PathTracker(b"k" * 32).current(macbook)
    assert path is not None and path.interface == "en0" and path.gateway.startswith("gateway-")
    route = way_out(*read_routes(macbook))
    assert route is not None and str(route.gateway) == "192.168.178.1"


# ---- adapters -------------------------------------------------------------------------------------
def test_the_adapters_of_a_macbook(macbook: Any, read: Any) -> None:
    told = read(Interfaces())
    kinds = {key[19:-1]: value for key, value in told.items() if key.startswith("net.interface.type[")}
    assert kinds == {
        "lo0": "loopback",
        "gif0": "other",
        "en5": "ethernet",
        "anpi0": "virtual",
        "en1": "ethernet",
        "en0": "wifi",
        "bridge0": "bridge",
        "awdl0": "virtual",
        "utun0": "vpn",
    }
    assert (told["net.interfaces.physical"], told["net.interfaces.connected"]) == (3, 1)
    assert told["net.interface.in_use[en0]"] is True and told["net.interface.in_use[utun0]"] is False
    assert told["net.interface.carrier[en0]"] is True and told["net.interface.carrier[en5]"] is False
    assert told["net.interface.carrier[utun0]"] is True, "a tunnel has no status line"
    assert told["net.interface.speed[en0]"] is UnknownReason.UNSUPPORTED
    assert told["net.interface.mtu[lo0]"] == 16384.0
    assert told["net.interface.rx_rate[en0]"] is UnknownReason.PENDING


def test_a_german_mac_with_a_slow_cable(imac: Any, read: Any) -> None:
    told = read(Interfaces())
    assert told["net.interface.type[en1]"] == "wifi", "WLAN is Wi-Fi"
    assert told["net.interface.admin_up[en1]"] is False and told["net.interface.carrier[en1]"] is False
    assert (told["net.interface.speed[en0]"], told["net.interface.full_duplex[en0]"]) == (100e6, False)
    assert (told["net.interface.speed[en8]"], told["net.interface.full_duplex[en8]"]) == (1e9, True)
    assert told["net.interface.in_use[utun3]"] is True
    assert told["net.interface.rx_rate[en0]"] is UnknownReason.NOT_COLLECTED, "netstat -i says nothing here"


def test_kinds_by_name_and_port() -> None:
    assert [
        kind_of(*one).type for one in (("en9", "iPhone USB"), ("en3", "Bluetooth-PAN"), ("en7", None))
    ] == [
        "wwan",
        "other",
        "other",
    ]
    assert kind_of("en9", "iPhone USB").physical and not kind_of("bridge0", "Thunderbolt-Brücke").physical


def test_ports_whatever_the_language(imac: Any) -> None:
    ports = parse_ports(imac.programs["networksetup -listallhardwareports"].out)
    assert ports == {"en0": "Ethernet", "en1": "WLAN", "en8": "USB 10/100/1000 LAN", "en3": "Bluetooth-PAN"}
    assert parse_ports("\nHardwareanschluss: WLAN\nGerät: en1\nEthernet-Adresse: N/A\n") == {"en1": "WLAN"}


def test_counters(macbook: Any) -> None:
    told = parse_counters(macbook.programs["netstat -ibdn"].out)
    assert told["en0"] == (4017225, 0, 4211093417, 1820334, 2, 322411780, 17)
    assert (
        told["lo0"][0] == 126023
        and told["gif0"][0] == 0
        and set(told) == {"lo0", "gif0", "en5", "en0", "utun0"}
    )


def test_speeds() -> None:
    def speed(media: str) -> float | None:
        return parse_ifconfig(f"en0: flags=1<UP> mtu 1500\n\tmedia: {media}\n\tstatus: active\n")["en0"].speed

    assert speed("autoselect (10Gbase-T <full-duplex>)") == 10e9
    assert speed("autoselect (2500Base-T <full-duplex>)") == 2.5e9
    assert speed("autoselect (none)") is None


# ---- addresses ------------------------------------------------------------------------------------
def test_addresses(macbook: Any, read: Any) -> None:
    told = read(Addresses())
    assert (told["net.ip.v4"], told["net.ip.v6"], told["net.ip.self_assigned_only"]) == (True, True, False)
    assert told["net.address.value[en0/v4-private/0]"] == "192.168.178.23"
    assert told["net.address.prefix_length[en0/v4-private/0]"] == 24
    assert told["net.address.tentative[en0/v4-private/0]"] is False


def test_an_adapter_that_gave_itself_an_address(imac: Any, read: Any) -> None:
    told = read(Addresses())
    assert told["net.ip.self_assigned_only"] is True
    duplicated = [
        key for key, value in told.items() if key.startswith("net.address.tentative[") and value is True
    ]
    assert len(duplicated) == 1 and told["net.ip.v6"] is False
    assert told["net.address.prefix_length[utun3/v4-private/0]"] == 32


# ---- commands -------------------------------------------------------------------------------------
def test_the_same_question_is_not_asked_twice_within_a_second(macbook: Any) -> None:
    now = [10.0]
    ask = Commands(lambda: now[0]).ask
    for at, times in ((10.0, 1), (10.9, 1), (11.0, 2), (5.0, 3)):
        now[0] = at
        ask(macbook, ("arp", "-an"), 1.0)
        assert macbook.started.count("arp -an") == times


def test_what_goes_wrong_is_not_remembered(macbook: Any) -> None:
    ask = Commands().ask
    macbook.programs["arp"] = CommandResult(1, "", "arp: no")
    del macbook.programs["arp -an"]
    with pytest.raises(SourceFailed, match="arp: no"):
        ask(macbook, ("arp", "-an"), 1.0)
    with pytest.raises(MissingTool):
        ask(macbook, ("nothing",), 1.0)
    macbook.prints("arp", "x")
    assert ask(macbook, ("arp", "-an"), 1.0) == "x"


def test_ifconfig_that_says_nothing(macbook: Any, read: Any) -> None:
    macbook.prints("ifconfig -a", "nonsense\n")
    for source in (Interfaces(), Addresses()):
        with pytest.raises(SourceError):
            read(source)
