"""The network of a captured Windows, through the sources themselves."""

from __future__ import annotations

import contextlib
import ipaddress
import json
import threading

import pytest
from hotline_probe.errors import MissingTool, SourceFailed
from hotline_probe.machine import CommandResult
from hotline_probe.path import PathTracker
from hotline_probe.source import Settings
from hotline_probe.sources.addresses import Addresses
from hotline_probe.sources.interfaces import Interfaces
from hotline_probe.sources.leases import Leases
from hotline_probe.sources.ping import Ping
from hotline_probe.sources.resolvers import Resolvers
from hotline_probe.sources.routes import Routes
from hotline_probe.sources.windows.asked import Asked
from hotline_probe.sources.windows.network import SCRIPT, Signs, parse_network
from hotline_probe.sources.windows.shell import command, parse_object
from hotline_proto.facts import UnknownReason
from hypothesis import given
from hypothesis import strategies as st

UNSUPPORTED = UnknownReason.UNSUPPORTED
NOT_CONNECTED = 18446744073709551615
LAN = {
    "InterfaceIndex": 12,
    "Name": "Ethernet",
    "InterfaceType": 6,
    "NdisPhysicalMedium": 14,
    "HardwareInterface": True,
    "Virtual": False,
    "Hidden": False,
    "InterfaceAdminStatus": 1,
    "InterfaceOperationalStatus": 2,
    "MediaConnectState": 2,
    "ReceiveLinkSpeed": NOT_CONNECTED,
    "TransmitLinkSpeed": NOT_CONNECTED,
    "FullDuplex": None,
    "MediaDuplexState": 0,
    "MtuSize": 1500,
    "InterfaceDescription": "Intel(R) Ethernet Connection (4) I219-LM",
}
UP = {
    "InterfaceOperationalStatus": 1,
    "MediaConnectState": 1,
    "ReceiveLinkSpeed": 1000000000,
    "TransmitLinkSpeed": 1000000000,
    "FullDuplex": True,
    "MediaDuplexState": 2,
}
RADIO = {
    **LAN,
    **UP,
    "InterfaceIndex": 8,
    "Name": "WLAN",
    "InterfaceType": 71,
    "NdisPhysicalMedium": 9,
    "ReceiveLinkSpeed": 866700000,
    "TransmitLinkSpeed": 780000000,
    "InterfaceDescription": "Intel(R) Wi-Fi 6 AX201 160MHz",
}
TUNNEL = {
    **LAN,
    "InterfaceIndex": 21,
    "Name": "LAN-Verbindung für VPN",
    "InterfaceType": 53,
    "HardwareInterface": False,
    "Virtual": True,
    "InterfaceDescription": "TAP-Windows Adapter V9",
}
HIDDEN = {**LAN, "InterfaceIndex": 4, "Name": "LAN-Verbindung* 1", "Hidden": True}
SWITCH = {
    **LAN,
    **UP,
    "InterfaceIndex": 30,
    "Name": "vEthernet (Default Switch)",
    "HardwareInterface": False,
    "Virtual": True,
    "InterfaceDescription": "Hyper-V Virtual Ethernet Adapter",
}
GERMAN = {
    "adapters": [LAN, RADIO, TUNNEL, HIDDEN, SWITCH],
    "interfaces": [
        {"InterfaceIndex": 8, "InterfaceAlias": "WLAN", "AddressFamily": 2, "InterfaceMetric": 35},
        {"InterfaceIndex": 8, "InterfaceAlias": "WLAN", "AddressFamily": 23, "InterfaceMetric": 35},
        {"InterfaceIndex": 12, "InterfaceAlias": "Ethernet", "AddressFamily": 2, "InterfaceMetric": 5},
        {
            "InterfaceIndex": 1,
            "InterfaceAlias": "Loopback Pseudo-Interface 1",
            "AddressFamily": 2,
            "InterfaceMetric": 75,
        },
    ],
    "routes": [
        {
            "InterfaceIndex": 12,
            "DestinationPrefix": "0.0.0.0/0",
            "NextHop": "10.9.9.1",
            "RouteMetric": 0,
            "Store": 0,
        },
        {
            "InterfaceIndex": 8,
            "DestinationPrefix": "0.0.0.0/0",
            "NextHop": "192.168.178.1",
            "RouteMetric": 0,
            "Store": 1,
        },
        {
            "InterfaceIndex": 8,
            "DestinationPrefix": "192.168.178.0/24",
            "NextHop": "0.0.0.0",
            "RouteMetric": 256,
            "Store": 1,
        },
        {
            "InterfaceIndex": 8,
            "DestinationPrefix": "::/0",
            "NextHop": "fe80::3a10:d5ff:fe01:203",
            "RouteMetric": 256,
            "Store": 1,
        },
    ],
    "addresses": [
        {
            "InterfaceIndex": 8,
            "IPAddress": "192.168.178.21",
            "PrefixLength": 24,
            "PrefixOrigin": 3,
            "AddressState": 4,
            "Store": 1,
        },
        {
            "InterfaceIndex": 8,
            "IPAddress": "fe80::1c2d:3e4f:5a6b:7c8d%8",
            "PrefixLength": 64,
            "PrefixOrigin": 2,
            "AddressState": 4,
            "Store": 1,
        },
        {
            "InterfaceIndex": 1,
            "IPAddress": "127.0.0.1",
            "PrefixLength": 8,
            "PrefixOrigin": 2,
            "AddressState": 4,
            "Store": 1,
        },
    ],
    "neighbours": [
        {
            "InterfaceIndex": 8,
            "IPAddress": "192.168.178.1",
            "State": 5,
            "LinkLayerAddress": "38-10-D5-01-02-03",
            "Store": 1,
        },
        {
            "InterfaceIndex": 8,
            "IPAddress": "192.168.178.99",
            "State": 0,
            "LinkLayerAddress": "00-00-00-00-00-00",
            "Store": 1,
        },
    ],
    "servers": [
        {"InterfaceIndex": 12, "AddressFamily": 2, "ServerAddresses": ["10.9.9.1"]},
        {"InterfaceIndex": 8, "AddressFamily": 2, "ServerAddresses": ["192.168.178.1", "192.0.2.53"]},
        {
            "InterfaceIndex": 8,
            "AddressFamily": 23,
            "ServerAddresses": ["fec0:0:0:ffff::1", "fe80::3a10:d5ff:fe01:203"],
        },
    ],
    "leases": [
        {
            "InterfaceIndex": 8,
            "DHCPServer": "192.168.178.1",
            "IPAddress": ["192.168.178.21", "fe80::1c2d:3e4f:5a6b:7c8d"],
            "IPSubnet": ["255.255.255.0", "64"],
            "DefaultIPGateway": ["192.168.178.1", "fe80::3a10:d5ff:fe01:203"],
            "Lifetime": 864000.0,
            "Remaining": 432000.0,
        },
        {
            "InterfaceIndex": 12,
            "DHCPServer": "255.255.255.255",
            "IPAddress": [],
            "IPSubnet": [],
            "DefaultIPGateway": [],
        },
    ],
    "wlan": [],
    "wlancode": 0,
}
# One adapter only, and PowerShell 5.1 makes no list of one.
ENGLISH = {
    "adapters": {**LAN, **UP},
    "interfaces": {
        "InterfaceIndex": 12,
        "InterfaceAlias": "Ethernet",
        "AddressFamily": 2,
        "InterfaceMetric": 25,
    },
    "routes": [],
    "addresses": {
        "InterfaceIndex": 12,
        "IPAddress": "169.254.17.4",
        "PrefixLength": 16,
        "PrefixOrigin": 2,
        "AddressState": 4,
        "Store": 1,
    },
    "neighbours": None,
    "servers": None,
    "leases": None,
    "wlan": None,
    "wlancode": 1,
}


def test_adapters_of_a_german_laptop(tells, read) -> None:
    tells(SCRIPT, GERMAN)
    facts = read(Interfaces())
    assert facts["net.interfaces.physical"] == 2
    assert facts["net.interfaces.connected"] == 1
    assert facts["net.interface.type[WLAN]"] == "wifi"
    assert facts["net.interface.carrier[WLAN]"] is True
    assert facts["net.interface.in_use[WLAN]"] is True
    assert facts["net.interface.speed[WLAN]"] == 866.7e6
    assert facts["net.interface.full_duplex[WLAN]"] is True
    assert facts["net.interface.mtu[WLAN]"] == 1500.0
    assert facts["net.interface.admin_up[Ethernet]"] is True
    assert facts["net.interface.carrier[Ethernet]"] is False
    assert facts["net.interface.speed[Ethernet]"] is UNSUPPORTED
    assert facts["net.interface.full_duplex[Ethernet]"] is UNSUPPORTED
    assert facts["net.interface.type[LAN-Verbindung für VPN]"] == "vpn"
    assert facts["net.interface.type[vEthernet (Default Switch)]"] == "virtual"
    assert facts["net.interface.type[Loopback Pseudo-Interface 1]"] == "loopback"
    assert "net.interface.type[LAN-Verbindung* 1]" not in facts


def test_an_adapter_that_is_switched_off(tells, read) -> None:
    off = {**LAN, "InterfaceAdminStatus": 2, "MediaConnectState": 0}
    tells(SCRIPT, {**ENGLISH, "adapters": [off]})
    facts = read(Interfaces())
    assert facts["net.interface.admin_up[Ethernet]"] is False
    assert facts["net.interface.carrier[Ethernet]"] is False
    assert facts["net.interfaces.connected"] == 0


def test_half_duplex(tells, read) -> None:
    slow = {**LAN, **UP, "MediaDuplexState": 1, "FullDuplex": True, "ReceiveLinkSpeed": 10000000}
    tells(SCRIPT, {**ENGLISH, "adapters": [slow]})
    facts = read(Interfaces())
    assert facts["net.interface.full_duplex[Ethernet]"] is False
    assert facts["net.interface.speed[Ethernet]"] == 10e6


def test_the_way_out(tells, read) -> None:
    tells(SCRIPT, GERMAN)
    assert read(Routes()) == {
        "net.route.default": True,
        "net.route.default_v4": True,
        "net.route.default_v6": True,
        "net.route.default_count": 1,  # the one of the unplugged cable only waits for its return
        "net.route.interface": "WLAN",
        "net.route.tunnel": False,
        "net.gateway.address": "192.168.178.1",
        "net.gateway.in_subnet": True,
        "net.gateway.neighbour": "reachable",
    }


def test_no_way_out(tells, read) -> None:
    tells(SCRIPT, ENGLISH)
    facts = read(Routes())
    assert facts["net.route.default"] is False
    assert facts["net.gateway.neighbour"] == "none"


@pytest.mark.parametrize(
    ("state", "word"),
    [(0, "failed"), (1, "incomplete"), (2, "stale"), (3, "stale"), (4, "stale"), (6, "reachable")],
)
def test_states_of_the_router(tells, read, state, word) -> None:
    entry = {**GERMAN["neighbours"][0], "State": state}
    tells(SCRIPT, {**GERMAN, "neighbours": [entry]})
    assert read(Routes())["net.gateway.neighbour"] == word


def test_the_metric_of_route_and_adapter_add_up(tells, read) -> None:
    other = {**GERMAN["routes"][1], "InterfaceIndex": 12, "NextHop": "10.9.9.1", "RouteMetric": 20}
    tells(SCRIPT, {**GERMAN, "routes": [*GERMAN["routes"][1:], other]})
    facts = read(Routes())
    assert facts["net.route.interface"] == "Ethernet"  # 20 + 5 against 0 + 35
    assert facts["net.route.default_count"] == 2


def test_addresses(tells, read) -> None:
    tells(SCRIPT, GERMAN)
    facts = read(Addresses())
    assert (facts["net.ip.v4"], facts["net.ip.v6"]) == (True, False)
    assert facts["net.ip.self_assigned_only"] is False
    assert facts["net.address.value[WLAN/v4-private/0]"] == "192.168.178.21"
    assert facts["net.address.prefix_length[WLAN/v4-private/0]"] == 24
    assert facts["net.address.tentative[WLAN/v4-private/0]"] is False
    assert facts["net.address.prefix_length[WLAN/v6-link_local/0]"] == 64


def test_an_address_that_windows_gave_itself(tells, read) -> None:
    tells(SCRIPT, ENGLISH)
    facts = read(Addresses())
    assert facts["net.ip.self_assigned_only"] is True
    assert facts["net.ip.v4"] is False


@pytest.mark.parametrize("state", [1, 2])
def test_an_address_that_somebody_else_holds(tells, read, state) -> None:
    held = {**GERMAN["addresses"][0], "AddressState": state}
    tells(SCRIPT, {**GERMAN, "addresses": [held]})
    facts = read(Addresses())
    assert facts["net.address.tentative[WLAN/v4-private/0]"] is True
    assert facts["net.ip.v4"] is False


def test_name_servers(tells, read) -> None:
    tells(SCRIPT, GERMAN)
    facts = read(Resolvers(), Settings(active=False))
    assert facts["net.dns.configured"] == 3  # without those of the unplugged cable and of no server at all
    assert facts["net.resolver.position[192.168.178.1]"] == 0
    assert facts["net.resolver.interface[192.0.2.53]"] == "WLAN"
    assert facts["net.resolver.interface[fe80::3a10:d5ff:fe01:203%8]"] == "WLAN"
    assert facts["net.resolver.local[192.0.2.53]"] is False


def test_leases(tells, read) -> None:
    tells(SCRIPT, GERMAN)
    assert read(Leases()) == {
        "net.lease.interface[WLAN]": "WLAN",
        "net.lease.client[WLAN]": "windows",
        "net.lease.server[WLAN]": "192.168.178.1",
        "net.lease.lifetime[WLAN]": 864000.0,
        "net.lease.remaining[WLAN]": 432000.0,
        "net.lease.remaining_ratio[WLAN]": 0.5,
        "net.lease.router_fits[WLAN]": True,
        "net.lease.portal[WLAN]": UNSUPPORTED,
    }


def test_a_router_that_does_not_fit_its_network(tells, read) -> None:
    wrong = {**GERMAN["leases"][0], "DefaultIPGateway": "192.168.1.1"}
    tells(SCRIPT, {**GERMAN, "leases": wrong})
    assert read(Leases())["net.lease.router_fits[WLAN]"] is False


def test_without_measuring_the_neighbour_table_tells_of_the_router(tells, read) -> None:
    tells(SCRIPT, GERMAN)
    assert read(Ping(), Settings(active=False))["net.gateway.reachable"] is True


def test_the_path_has_the_routers_hardware_in_it(tells, captured) -> None:
    tells(SCRIPT, GERMAN)
    path = PathTracker(b"key").current(captured)
    assert path is not None and path.interface == "WLAN"
    told = json.loads(json.dumps(GERMAN))
    told["neighbours"][0]["LinkLayerAddress"] = "02-00-00-00-00-09"
    other = type(captured)(captured.root)
    other.system = "windows"
    other.prints(" ".join(command(SCRIPT)), json.dumps(told))
    assert PathTracker(b"key").current(other) != path


def test_without_powershell_psutil_tells(captured, read) -> None:
    captured.system = "windows"
    facts = read(Interfaces())
    assert facts["net.interface.carrier[lo]"] is True
    assert facts["net.interfaces.physical"] is UNSUPPORTED
    assert read(Addresses())["net.ip.self_assigned_only"] is UNSUPPORTED
    with pytest.raises(MissingTool):
        read(Routes())


@pytest.mark.parametrize(
    "printed", ["", "null", "[]", "Zugriff verweigert", "[" * 5000, '{"a":' + "9" * 5000 + "}"]
)
def test_what_is_no_object_is_said_to_be_none(captured, read, printed) -> None:
    captured.system = "windows"
    captured.prints("powershell", printed)
    with pytest.raises(SourceFailed):
        read(Routes())


def test_a_byte_order_mark_does_not_matter(captured, read) -> None:
    captured.system = "windows"
    captured.prints("powershell", "\ufeff" + json.dumps(GERMAN))
    assert read(Routes())["net.route.interface"] == "WLAN"


def test_lists_as_version_5_writes_some_of_them(tells, read) -> None:
    servers = {"InterfaceIndex": 8, "ServerAddresses": {"value": ["192.0.2.53", "192.0.2.54"], "Count": 2}}
    tells(SCRIPT, {**GERMAN, "servers": {"value": [servers], "Count": 1}})
    assert read(Resolvers(), Settings(active=False))["net.dns.configured"] == 2


def test_powershell_is_asked_once_for_all(tells, captured, read) -> None:
    tells(SCRIPT, GERMAN)
    for source in (Interfaces(), Routes(), Addresses(), Leases()):
        read(source)
    assert len(captured.started) < 4  # once more only if an adapter of this very computer came or went


class Slow:
    """A machine whose PowerShell answers when it is told to."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.asked = 0

    def run(self, argv, timeout):  # noqa: ARG002 - whatever is asked
        self.asked += 1
        self.go.wait(30)
        return CommandResult(0, json.dumps({"number": self.asked}), "")


def test_the_last_answer_holds_while_a_new_one_is_fetched() -> None:
    now = [0.0]
    machine, asked = Slow(), Asked("$r=1", lambda told: told["number"], 15.0, lambda: now[0])
    machine.go.set()
    assert asked.get(machine) == 1
    now[0] = 14.0
    assert asked.get(machine) == 1
    machine.go.clear()
    now[0] = 16.0
    assert asked.get(machine) == 1  # at once: nobody waits for the second one
    machine.go.set()
    while asked.get(machine) == 1:
        threading.Event().wait(0.01)
    assert asked.get(machine) == 2


def test_an_answer_from_before_a_change_does_not_hold() -> None:
    machine, asked = Slow(), Asked("$r=1", lambda told: told["number"], 1000.0)
    machine.go.set()
    assert asked.get(machine, signs="cable") == 1
    assert asked.get(machine, signs="cable") == 1
    assert asked.get(machine, signs="no cable") == 2


def test_signs_are_looked_for_once_a_second() -> None:
    now, seen = [100.0], iter(range(10))
    signs = Signs(lambda: next(seen), lambda: now[0])
    assert (signs.now(), signs.now()) == (0, 0)
    now[0] = 100.9
    assert signs.now() == 0
    now[0] = 101.0
    assert (signs.now(), signs.now()) == (1, 1)
    now[0] = 5.0  # the clock began anew
    assert signs.now() == 2


def test_who_comes_too_early_is_told_so(monkeypatch) -> None:
    monkeypatch.setattr("hotline_probe.sources.windows.asked.WAIT", 0.05)
    machine, asked = Slow(), Asked("$r=1", lambda told: told["number"], 15.0)
    with pytest.raises(SourceFailed, match="not answered yet"):
        asked.get(machine)
    machine.go.set()


@given(st.data())
def test_whatever_is_told_the_parser_makes_something_of_it(hostile, data) -> None:
    told = data.draw(hostile)
    parse_network(told if isinstance(told, dict) else {"adapters": told, "routes": told, "leases": told})


@given(st.text(max_size=60))
def test_whatever_is_printed_only_a_typed_error_comes_out(text) -> None:
    with contextlib.suppress(SourceFailed):
        parse_object(text)


def test_the_command_has_no_quotes_that_a_command_line_could_break() -> None:
    words = command(SCRIPT)
    assert words[1:4] == ("-NoLogo", "-NoProfile", "-NonInteractive")
    assert '"' not in words[-1] and "\n" not in words[-1] and words[-1].isascii()


def test_the_german_network_is_in_order() -> None:
    network = parse_network(GERMAN)
    assert network.neighbours["WLAN", ipaddress.ip_address("192.168.178.1")] == (
        "reachable",
        "38:10:d5:01:02:03",
    )
    assert network.neighbours["WLAN", ipaddress.ip_address("192.168.178.99")] == ("failed", "")
