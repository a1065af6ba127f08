"""Parsers of the kernel's route and neighbour tables, and the questions that several sources put to them."""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from hotline_probe.errors import SourceError, SourceFailed
from hotline_probe.machine import Machine

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# Flags of linux/route.h.
_UP, _REJECT = 0x1, 0x200
# Flag of linux/if_arp.h: the hardware address is known.
_COMPLETE = 0x2
_V4 = re.compile(
    r"^(\S+)\t([0-9A-F]{8})\t([0-9A-F]{8})\t([0-9A-F]{4})\t\d+\t\d+\t(\d{1,10})\t([0-9A-F]{8})\t",
    re.MULTILINE,
)
_V6 = re.compile(
    r"^([0-9a-f]{32}) ([0-9a-f]{2}) [0-9a-f]{32} [0-9a-f]{2} ([0-9a-f]{32}) "
    r"([0-9a-f]{8}) [0-9a-f]{8} [0-9a-f]{8} ([0-9a-f]{8}) +(\S+)$",
    re.MULTILINE,
)
_ARP = re.compile(
    r"^([0-9.]{7,15}) +0x[0-9a-f]+ +0x([0-9a-f]+) +([0-9a-f:]{2,59}) +\S+ +(\S+)\s*$", re.MULTILINE
)
# An IPv6 host with a full table of the internet is a router, not a caller's computer.
MAX_ROUTES = 4096
_REMEMBERED = 128
_NEIGHBOUR_TIMEOUT = 1.0
# States of ip-neighbour(8) as the catalogue spells them.
_STATES = {
    "REACHABLE": "reachable",
    "PERMANENT": "reachable",
    "NOARP": "reachable",
    "STALE": "stale",
    "DELAY": "stale",
    "PROBE": "stale",
    "FAILED": "failed",
    "INCOMPLETE": "incomplete",
}


@dataclass(frozen=True, slots=True)
class Route:
    """One route in use; `gateway` is None when the destination is on the link itself.

    `zone` tells link-local addresses which link is meant (RFC 4007) where that is not the adapter's name.
    """

    interface: str
    network: Network
    gateway: Address | None
    metric: int
    zone: str = ""


@dataclass(frozen=True, slots=True)
class ArpEntry:
    """One IPv4 neighbour; `mac` is empty while nobody answers for the address."""

    address: Address
    interface: str
    mac: str


def parse_routes_v4(text: str) -> list[Route]:
    r"""Return the routes of /proc/net/route that lead somewhere.

    Addresses are numbers in the kernel's byte order, which is little-endian on every machine we run on.

    >>> parse_routes_v4("eth0\t00000000\t010200C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n")[0].gateway
    IPv4Address('192.0.2.1')
    """
    routes = (_route_v4(*fields) for fields in _V4.findall(text)[:MAX_ROUTES])
    return [route for route in routes if route is not None]


def parse_routes_v6(text: str) -> list[Route]:
    """Return the routes of /proc/net/ipv6_route that lead somewhere.

    >>> zero = "0" * 32
    >>> line = f"{zero} 00 {zero} 00 fe80{'0' * 27}a 00000400 00000001 00000000 00000003    wlan0"
    >>> parse_routes_v6(line)[0].gateway
    IPv6Address('fe80::a')
    """
    routes = (_route_v6(*fields) for fields in _V6.findall(text)[:MAX_ROUTES])
    return [route for route in routes if route is not None]


def parse_arp(text: str) -> list[ArpEntry]:
    """Return the neighbours of /proc/net/arp.

    >>> parse_arp("192.0.2.1        0x1         0x2         02:fc:00:00:00:05     *        eth0")
    [ArpEntry(address=IPv4Address('192.0.2.1'), interface='eth0', mac='02:fc:00:00:00:05')]
    """
    entries = []
    for address, flags, mac, name in _ARP.findall(text)[:MAX_ROUTES]:
        try:
            parsed = ipaddress.IPv4Address(address)
        except ValueError:
            continue
        entries.append(ArpEntry(parsed, name, mac if int(flags, 16) & _COMPLETE else ""))
    return entries


def parse_neighbour(text: str, gateway: Address) -> str:
    """Return what `ip -j neigh` says about a gateway: reachable, stale, failed, incomplete or none.

    >>> reply = '[{"dst":"192.0.2.1","dev":"eth0","lladdr":"02:fc:00:00:00:05","state":["DELAY"]}]'
    >>> parse_neighbour(reply, ipaddress.ip_address("192.0.2.1"))
    'stale'

    Raises:
        SourceFailed: it is not such a list.
    """
    try:
        entries = json.loads(text or "[]")
    except (ValueError, RecursionError) as error:
        raise SourceFailed("ip neigh did not print JSON") from error
    if not isinstance(entries, list):
        raise SourceFailed("ip neigh did not print a list")
    for entry in entries:
        if isinstance(entry, dict) and entry.get("dst") == str(gateway):
            states = entry.get("state")
            words = [_STATES[s] for s in states if s in _STATES] if isinstance(states, list) else []
            return words[0] if words else "none"
    return "none"


def read_routes(machine: Machine) -> tuple[list[Route], list[Route]]:
    """Return the IPv4 and the IPv6 routes of a machine; a family that is switched off has none.

    Raises:
        SourceError: neither table can be read.
    """
    if machine.system == "windows":
        from hotline_probe.sources.windows.network import network  # noqa: PLC0415 - imports this module

        found = network(machine)
        return found.v4, found.v6
    if machine.system == "macos":
        from hotline_probe.sources.macos import netstat  # noqa: PLC0415 - it imports this module

        return netstat.read_routes(machine)
    tables: list[list[Route]] = []
    failures: list[SourceError] = []
    for path, parse in (("/proc/net/route", parse_routes_v4), ("/proc/net/ipv6_route", parse_routes_v6)):
        try:
            tables.append(parse(machine.read(path)))
        except SourceError as error:
            failures.append(error)
            tables.append([])
    if len(failures) == len(tables):
        raise failures[0]
    return tables[0], tables[1]


def default_routes(routes: Iterable[Route]) -> list[Route]:
    """Return the default routes, the one that packets take first.

    Two halves of the address space on one interface (0.0.0.0/1 and 128.0.0.0/1, as OpenVPN's
    `redirect-gateway def1` sets them) are more specific and therefore come before a default route.
    """
    found = list(routes)
    whole = [route for route in found if route.network.prefixlen == 0]
    halves: dict[str, list[Route]] = {}
    for route in found:
        if route.network.prefixlen == 1:
            halves.setdefault(route.interface, []).append(route)
    pairs = [pair[0] for pair in halves.values() if len({route.network for route in pair}) == 2]
    return sorted(pairs, key=_metric) + sorted(whole, key=_metric)


def way_out(v4: Sequence[Route], v6: Sequence[Route]) -> Route | None:
    """Return the default route in use: IPv4 before IPv6, the lower metric before the higher."""
    return next(iter(default_routes(v4) or default_routes(v6)), None)


def interface_for(address: Address, routes: Iterable[Route]) -> str:
    """Return the adapter by which an address is reached (longest prefix first), empty without a route."""
    fitting = [r for r in routes if r.network.version == address.version and address in r.network]
    if address.is_loopback:
        # Linux keeps those routes in another table.
        return next((route.interface for route in fitting if route.network.is_loopback), "lo")
    best = max(fitting, key=lambda route: (route.network.prefixlen, -route.metric), default=None)
    return best.interface if best else ""


def neighbour(machine: Machine, interface: str, gateway: Address) -> str:
    """Return the state of a gateway in the neighbour table, asked of ip(8) on Linux, else of the ARP table.

    Raises:
        SourceError: neither can tell.
    """
    if machine.system == "windows":
        from hotline_probe.sources.windows.network import network  # noqa: PLC0415 - imports this module

        return network(machine).neighbours.get((interface, gateway), ("none", ""))[0]
    if machine.system == "macos":
        return _told_by_table(machine, interface, gateway)
    argv = ("ip", "-j", "neigh", "show", "to", str(gateway), "dev", interface)
    try:
        result = machine.run(argv, _NEIGHBOUR_TIMEOUT)
        if result.code == 0:
            return parse_neighbour(result.out, gateway)
    except SourceError:
        if gateway.version == 6:
            raise
    return _told_by_table(machine, interface, gateway)


def _told_by_table(machine: Machine, interface: str, gateway: Address) -> str:
    if machine.system == "macos" and gateway.version == 6:
        from hotline_probe.sources.macos import netstat  # noqa: PLC0415 - it imports this module

        return netstat.neighbour_v6(machine, interface, gateway)
    entry = arp_entry(read_arp(machine), interface, gateway)
    # The table does not tell how long ago the neighbour answered.
    return "none" if entry is None else "stale" if entry.mac else "incomplete"


def read_arp(machine: Machine) -> list[ArpEntry]:
    """Return the IPv4 neighbours of a machine.

    Raises:
        SourceError: they cannot be read.
    """
    if machine.system == "macos":
        from hotline_probe.sources.macos import netstat  # noqa: PLC0415 - it imports this module

        return netstat.read_arp(machine)
    return parse_arp(machine.read("/proc/net/arp"))


def arp_entry(entries: Iterable[ArpEntry], interface: str, gateway: Address) -> ArpEntry | None:
    """Return the entry of one neighbour on one interface."""
    return next((e for e in entries if e.address == gateway and e.interface == interface), None)


# Several sources read the tables every second, and a line hardly ever changes.
@lru_cache(_REMEMBERED)
def _route_v4(name: str, destination: str, gateway: str, flags: str, metric: str, mask: str) -> Route | None:
    prefix = int.from_bytes(bytes.fromhex(mask)[::-1], "big")
    length = prefix.bit_count()
    if not _leads_somewhere(flags) or prefix != (2**length - 1) << (32 - length):
        return None
    network = ipaddress.IPv4Network((bytes.fromhex(destination)[::-1], length), strict=False)
    hop = ipaddress.IPv4Address(bytes.fromhex(gateway)[::-1])
    return Route(name, network, None if hop.is_unspecified else hop, int(metric))


@lru_cache(_REMEMBERED)
def _route_v6(
    destination: str, length: str, gateway: str, metric: str, flags: str, name: str
) -> Route | None:
    # The kernel keeps a default route through lo that only says "unreachable".
    bits = int(length, 16)
    if not _leads_somewhere(flags) or bits > 128 or (name == "lo" and bits == 0):
        return None
    network = ipaddress.IPv6Network((bytes.fromhex(destination), bits), strict=False)
    hop = ipaddress.IPv6Address(bytes.fromhex(gateway))
    return Route(name, network, None if hop.is_unspecified else hop, int(metric, 16))


def _metric(route: Route) -> int:
    return route.metric


def _leads_somewhere(flags: str) -> bool:
    number = int(flags, 16)
    return bool(number & _UP) and not number & _REJECT
