"""Leases from what DHCP clients write and what the kernel holds."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hotline_probe.errors import SourceFailed
from hotline_probe.sources.leasefiles import parse_dhclient, parse_networkd, parse_networkmanager
from hotline_probe.sources.leases import Leases, parse_lifetimes
from hotline_proto.facts import UnknownReason
from hypothesis import given
from hypothesis import strategies as st

NETWORKD = """# This is private data. Do not parse.
ADDRESS=192.168.178.37
NETMASK={mask}
ROUTER=192.168.178.1
SERVER_ADDRESS=192.168.178.1
BROADCAST=192.168.178.255
T1=432000
T2=756000
LIFETIME=864000
DNS=192.168.178.1
CAPTIVE_PORTAL=https://portal.example/api
CLIENTID=ff5d42f4f500020000ab11
"""
DHCLIENT = """default-duid "\\000\\001";
lease {
  interface "wlan0";
  fixed-address 10.0.0.9;
}
lease {
  interface "eth0";
  fixed-address 192.168.178.30;
  option dhcp-lease-time 600;
}
lease {
  interface "eth0";
  fixed-address 192.168.178.37;
  option subnet-mask 255.255.255.0;
  option routers 192.168.178.1,192.168.178.2;
  option dhcp-lease-time 864000;
  option dhcp-server-identifier 192.168.178.1;
  renew 4 2026/11/26 10:00:00;
  expire 1 2026/11/30 07:00:00;
}
"""
NMCLI = """DHCP4.OPTION[1]:dhcp_client_identifier = 01:02:00:00:00:00:07
DHCP4.OPTION[2]:dhcp_lease_time = 864000
DHCP4.OPTION[3]:dhcp_server_identifier = 192.168.178.1
DHCP4.OPTION[4]:expiry = 1795000000
DHCP4.OPTION[5]:ip_address = 192.168.178.37
DHCP4.OPTION[6]:routers = 192.168.178.1
DHCP4.OPTION[7]:subnet_mask = 255.255.255.0
"""


def held(left: int, address: str = "192.168.178.37") -> str:
    info = {"family": "inet", "local": address, "prefixlen": 24, "dynamic": True, "valid_life_time": left}
    return json.dumps([{"ifname": "eth0", "addr_info": [info]}])


@pytest.fixture
def computer(captured: Any) -> Any:
    """A computer with one network card, number 2."""
    folder = "/sys/devices/pci0000:00/0000:02:00.0/net/eth0"
    captured.put({f"{folder}/type": "1\n", f"{folder}/ifindex": "2\n", f"{folder}/device/vendor": "0x8086\n"})
    captured.put_link("/sys/class/net/eth0", "../../devices/pci0000:00/0000:02:00.0/net/eth0")
    captured.prints("ip -j -4 addr show", held(86400))
    return captured


def short(told: dict[str, object]) -> dict[str, object]:
    return {name.removeprefix("net.lease.").removesuffix("[eth0]"): value for name, value in told.items()}


@pytest.mark.parametrize(
    ("client", "file", "text"),
    [
        ("networkd", "/run/systemd/netif/leases/2", NETWORKD.format(mask="255.255.255.0")),
        ("dhclient", "/var/lib/dhcp/dhclient.eth0.leases", DHCLIENT),
        ("networkmanager", "", NMCLI),
    ],
)
def test_every_client_tells_the_same(computer: Any, read: Any, client: str, file: str, text: str) -> None:
    if file:
        computer.put({file: text})
    else:
        computer.prints("nmcli -t -f DHCP4 device show eth0", text)
    assert short(read(Leases())) == {
        "interface": "eth0",
        "client": client,
        "server": "192.168.178.1",
        "lifetime": 864000.0,
        "remaining": 86400.0,
        "remaining_ratio": 0.1,
        "router_fits": True,
        "portal": client == "networkd",
    }


def test_a_router_outside_the_network_that_came_along(computer: Any, read: Any) -> None:
    computer.put({"/run/systemd/netif/leases/2": NETWORKD.format(mask="255.255.255.224")})
    assert short(read(Leases()))["router_fits"] is False


def test_a_file_that_is_left_over_and_an_address_for_ever(computer: Any, read: Any) -> None:
    computer.put({"/run/systemd/netif/leases/2": NETWORKD.format(mask="")})
    computer.prints("ip -j -4 addr show", held(86400, "192.168.1.2"))
    assert read(Leases()) == {}
    computer.prints("ip -j -4 addr show", held(0xFFFFFFFF))
    told = short(read(Leases()))
    assert told["remaining"] is told["remaining_ratio"] is told["router_fits"] is UnknownReason.UNSUPPORTED


@given(st.text(max_size=200))
def test_no_file_is_a_crash(text: str) -> None:
    for line in (
        text,
        f"ADDRESS={text}",
        f"ADDRESS=192.0.2.1\nNETMASK={text}\nROUTER={text}\nLIFETIME={text}",
    ):
        parse_networkd(line)
        parse_networkmanager(f"DHCP4.OPTION[1]:ip_address = {line}")
        parse_dhclient(f'lease {{\n interface "eth0";\n fixed-address {line};\n}}\n', "eth0")


KEYS = ["ifname", "addr_info", "local", "valid_life_time"]
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=12,
)


@given(json_values.map(json.dumps) | st.text(max_size=40))
def test_no_output_of_ip_is_a_crash(text: str) -> None:
    try:
        found = parse_lifetimes(text)
    except SourceFailed:
        return
    assert all(left is None or left >= 0 for addresses in found.values() for left in addresses.values())
