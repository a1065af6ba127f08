"""How many addresses OpenWrt's dnsmasq may lend, and how many it has lent."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from typing import Any

from hotline_probe.sources.devices.ubus import number, objects, word

# /etc/init.d/dnsmasq of OpenWrt: what holds where nothing is set.
START, LIMIT = 100, 150
LEASES = "/tmp/dhcp.leases"  # noqa: S108 - the router's own file, which is only read
MAX_LEASES = 65536
_OPTION = re.compile(
    r"^dhcp\.lan\.(start|limit|ignore|dhcpv4)='?([a-z0-9]{1,10})'?$", re.MULTILINE | re.ASCII
)
# dnsmasq(8), --dhcp-leasefile: end, hardware address, address, name, client id.
_LEASE = re.compile(r"^\d{1,20} \S{1,60} (\d{1,3}(?:\.\d{1,3}){3}) ", re.MULTILINE | re.ASCII)


def read_network(told: Mapping[str, Any]) -> ipaddress.IPv4Network | None:
    """Return the network of `ubus call network.interface.lan status`, None if it has no IPv4 address.

    >>> read_network({"ipv4-address": [{"address": "192.168.1.1", "mask": 24}]})
    IPv4Network('192.168.1.0/24')
    """
    for one in objects(told, "ipv4-address"):
        mask = number(one, "mask", 1, 32)
        try:
            if mask is not None:
                return ipaddress.IPv4Network(f"{word(one, 'address')}/{int(mask)}", strict=False)
        except ValueError:
            continue
    return None


def parse_pool(text: str, network: ipaddress.IPv4Network) -> tuple[int, int] | None:
    """Return first and last address of the pool that `uci show dhcp.lan` describes, None if it lends none.

    >>> lan = ipaddress.IPv4Network("192.168.1.0/24")
    >>> first, last = parse_pool("dhcp.lan=dhcp\\ndhcp.lan.start='100'\\ndhcp.lan.limit='150'\\n", lan)
    >>> str(ipaddress.IPv4Address(first)), last - first + 1
    ('192.168.1.100', 150)
    """
    options = dict(_OPTION.findall(text))
    if options.get("ignore") in {"1", "on", "true", "yes", "enabled"} or options.get("dhcpv4") == "disabled":
        return None
    start, limit = (
        int(told) if (told := options.get(name, "")).isdigit() else usual
        for name, usual in (("start", START), ("limit", LIMIT))
    )
    base, end = int(network.network_address), int(network.broadcast_address)
    first, last = base + start, min(base + start + limit - 1, end - 1)
    return (first, last) if base < first <= last else None


def parse_leases(text: str) -> set[int]:
    """Return the addresses in a file of leases, as numbers.

    >>> parse_leases("1790000000 02:00:00:00:00:01 192.168.1.101 laptop *\\n") == {0xC0A80165}
    True
    """
    found: set[int] = set()
    for lease in _LEASE.finditer(text):
        try:
            found.add(int(ipaddress.IPv4Address(lease[1])))
        except ValueError:
            continue
        if len(found) == MAX_LEASES:
            break
    return found
