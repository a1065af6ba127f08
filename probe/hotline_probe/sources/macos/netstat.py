"""Parsers of netstat(1), arp(8) and ndp(8) of macOS: routes, neighbours and counters of adapters."""

from __future__ import annotations

import ipaddress
import re

from hotline_probe.errors import SourceError, SourceFailed
from hotline_probe.machine import Machine
from hotline_probe.sources.macos.commands import ask
from hotline_probe.sources.routetables import Address, ArpEntry, Network, Route

MAX_LINES = 4096
_TIMEOUT = 1.5
_ARP = re.compile(r"^\S+ \(([0-9.]{7,15})\) at (\S+) on (\S+)", re.MULTILINE)
_ND_STATES = {"R": "reachable", "S": "stale", "D": "stale", "P": "stale", "I": "incomplete"}
# Letters of netstat(1): I holds for sockets bound to that adapter only, R and B lead nowhere,
# L and W are neighbours, b and m go to everybody.
_NO_WAY = frozenset("IRBLWbm")
_NETWORK_V4 = re.compile(r"(\d{1,3}(?:\.\d{1,3}){0,3})(?:/(\d{1,2}))?", re.ASCII)


def parse_routes(text: str, version: int) -> list[Route]:
    r"""Return the routes of `netstat -rn -f inet` or `inet6` that packets of unbound sockets take.

    >>> text = "Destination Gateway Flags Netif Expire\ndefault 192.0.2.1 UGScg en0\n"
    >>> parse_routes(text, 4)[0].gateway
    IPv4Address('192.0.2.1')

    Raises:
        SourceFailed: it is no such table.
    """
    place, found = None, []
    for line in text.splitlines()[:MAX_LINES]:
        fields = line.split()
        if fields[:2] == ["Destination", "Gateway"] and "Netif" in fields:
            # Older systems print two numbers before the adapter.
            place = fields.index("Netif")
        elif place is not None and len(fields) > place and "U" in fields[2] and not _NO_WAY & set(fields[2]):
            # Without the letter G, what stands there is the adapter's own address, or the link itself.
            gateway = fields[1] if "G" in fields[2] else ""
            route = _route(fields[0], gateway, fields[place], version)
            if route is not None:
                found.append(route)
    if place is None:
        raise SourceFailed("netstat did not print routes")
    return found


def parse_arp(text: str) -> list[ArpEntry]:
    """Return the IPv4 neighbours of `arp -an`.

    >>> parse_arp("? (192.0.2.1) at 2:fc:0:0:0:5 on en0 ifscope [ethernet]")
    [ArpEntry(address=IPv4Address('192.0.2.1'), interface='en0', mac='02:fc:00:00:00:05')]
    """
    entries = []
    for address, mac, name in _ARP.findall(text)[:MAX_LINES]:
        try:
            parsed = ipaddress.IPv4Address(address)
        except ValueError:
            continue
        known = re.fullmatch(r"[0-9a-f]{1,2}(?::[0-9a-f]{1,2}){5,19}", mac)
        entries.append(ArpEntry(parsed, name, _padded(mac) if known else ""))
    return entries


def parse_ndp(text: str, interface: str, gateway: Address) -> str:
    """Return what `ndp -an` says about an IPv6 neighbour: reachable, stale, incomplete or none.

    >>> text = "fe80::1%en0  2:fc:0:0:0:5  en0 23h59m58s S  R"
    >>> parse_ndp(text, "en0", ipaddress.ip_address("fe80::1"))
    'stale'
    """
    for line in text.splitlines()[:MAX_LINES]:
        fields = line.split()
        if len(fields) > 4 and fields[2] == interface and _address(fields[0]) == gateway:
            # "expired" and the like stand before the letter.
            return next((_ND_STATES[word] for word in fields[3:] if word in _ND_STATES), "none")
    return "none"


def read_routes(machine: Machine) -> tuple[list[Route], list[Route]]:
    """Return the IPv4 and the IPv6 routes; a family that cannot be told has none.

    Raises:
        SourceError: neither can be told.
    """
    tables: list[list[Route]] = []
    failures: list[SourceError] = []
    for family, version in (("inet", 4), ("inet6", 6)):
        try:
            tables.append(parse_routes(ask(machine, ("netstat", "-rn", "-f", family), _TIMEOUT), version))
        except SourceError as error:
            failures.append(error)
            tables.append([])
    if len(failures) == len(tables):
        raise failures[0]
    return tables[0], tables[1]


def read_arp(machine: Machine) -> list[ArpEntry]:
    """Return the IPv4 neighbours; raises like `ask`."""
    return parse_arp(ask(machine, ("arp", "-an"), _TIMEOUT))


def neighbour_v6(machine: Machine, interface: str, gateway: Address) -> str:
    """Return the state of an IPv6 neighbour; raises like `ask`."""
    return parse_ndp(ask(machine, ("ndp", "-an"), _TIMEOUT), interface, gateway)


def _route(destination: str, gateway: str, interface: str, version: int) -> Route | None:
    network = _network_v4(destination) if version == 4 else _network_v6(destination)
    if network is None:
        return None
    hop = _address(gateway)
    # A tunnel's own network stands for a gateway that has no address (fe80::%utun0).
    nobody = hop is None or hop.version != version or hop.is_loopback or int(hop) in (0, 0xFE80 << 112)
    return Route(interface, network, None if nobody else hop, 0)


def _network_v4(text: str) -> Network | None:
    """Return a network; what netstat leaves out at the end of an address is 0, and its mask goes as far."""
    match = _NETWORK_V4.fullmatch("0/0" if text == "default" else text)
    if match is None:
        return None
    octets = match[1].split(".")
    length = match[2] or str(8 * len(octets))
    try:
        return ipaddress.IPv4Network(f"{'.'.join([*octets, '0', '0', '0'][:4])}/{length}", strict=False)
    except ValueError:
        return None


def _network_v6(text: str) -> Network | None:
    address, _, length = ("::/0" if text == "default" else text).partition("/")
    try:
        return ipaddress.IPv6Network(f"{address.partition('%')[0]}/{length or 128}", strict=False)
    except ValueError:
        return None


def _address(text: str) -> Address | None:
    try:
        return ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None


def _padded(mac: str) -> str:
    """macOS leaves out the zero before a single digit."""
    return ":".join(part.rjust(2, "0") for part in mac.split(":"))
