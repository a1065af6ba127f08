"""The network path in use: the interface and the gateway of the default route."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from hotline_proto.facts import NetworkPath

from hotline_probe.errors import SourceError
from hotline_probe.machine import Machine

# Flags of linux/route.h.
_UP, _REJECT = 0x1, 0x200


class PathTracker:
    """Tells which way packets leave a Linux machine, from /proc/net/route and /proc/net/ipv6_route.

    An IPv4 default route counts before an IPv6 one, the lower metric before the higher. A path without a
    gateway (a tunnel, a modem) has an empty one.
    """

    def current(self, machine: Machine) -> NetworkPath | None:
        """Return the path, None without a default route or on a system without these files."""
        for file, routes in (("/proc/net/route", _routes_v4), ("/proc/net/ipv6_route", _routes_v6)):
            try:
                found = min(routes(machine.read(file)), default=None)
            except SourceError:
                continue
            if found is not None:
                return found[1]
        return None


def _routes_v4(text: str) -> Iterator[tuple[int, NetworkPath]]:
    # eth0 00000000 0101A8C0 0003 0 0 100 00000000 …: name, destination, gateway, flags, -, -, metric, mask
    for line in text.splitlines()[1:]:
        parts = line.split()
        if len(parts) < 8 or parts[1] != "00000000" or parts[7] != "00000000":
            continue
        flags, metric = int(parts[3], 16), int(parts[6])
        if flags & _UP and not flags & _REJECT:
            # The kernel prints the address as one number of its byte order: little-endian where we run.
            gateway = ipaddress.IPv4Address(bytes.fromhex(parts[2])[::-1])
            yield metric, NetworkPath(parts[0], _named(gateway))


def _routes_v6(text: str) -> Iterator[tuple[int, NetworkPath]]:
    # destination length source length next-hop metric uses refs flags name, all numbers in hex
    for line in text.splitlines():
        parts = line.split()
        if len(parts) < 10 or parts[0].strip("0") or parts[1] != "00" or parts[9] == "lo":
            continue
        flags = int(parts[8], 16)
        if flags & _UP and not flags & _REJECT:
            gateway = ipaddress.IPv6Address(bytes.fromhex(parts[4]))
            yield int(parts[5], 16), NetworkPath(parts[9], _named(gateway))


def _named(gateway: ipaddress.IPv4Address | ipaddress.IPv6Address) -> str:
    return "" if gateway.is_unspecified else str(gateway)
