"""The network path in use: the interface and a pseudonym of the gateway of the default route."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

from hotline_proto.facts import NetworkPath

from hotline_probe.errors import SourceError
from hotline_probe.machine import Machine
from hotline_probe.sources.routetables import Address, arp_entry, read_arp, read_routes, way_out

# A machine that changes networks more often than this in one call has a worse problem.
MAX_GATEWAYS = 64
_LENGTH = 10


class PathTracker:
    """Tells which way packets leave a machine, from its route and neighbour tables.

    The gateway is named by an HMAC-SHA256 with a random key, so that nobody can recognise a home by it:
    over interface, address and hardware address, because every second router is 192.168.1.1. A gateway
    whose hardware address becomes known later stays the same one. IPv6 gateways go without it: Linux
    shows them in no file. A path without a gateway (a tunnel, a modem) has an empty one.
    """

    def __init__(self, key: bytes | None = None) -> None:
        self._key = key or secrets.token_bytes(32)
        self._known: dict[tuple[str, Address], dict[str, str]] = {}

    def current(self, machine: Machine) -> NetworkPath | None:
        """Return the path, None without a default route or on a system whose tables cannot be read."""
        try:
            route = way_out(*read_routes(machine))
        except SourceError:
            return None
        if route is None:
            return None
        if route.gateway is None:
            return NetworkPath(route.interface, "")
        mac = _mac(machine, route.interface, route.gateway)
        return NetworkPath(route.interface, self._name(route.interface, route.gateway, mac))

    def _name(self, interface: str, gateway: Address, mac: str) -> str:
        """Return the pseudonym; the one used last is the last entry of its gateway's table."""
        if len(self._known) >= MAX_GATEWAYS and (interface, gateway) not in self._known:
            self._known.clear()
        names = self._known.setdefault((interface, gateway), {})
        if not mac and names:
            return next(reversed(names.values()))
        name = names.pop(mac, None) or names.pop("", None)
        if name is None:
            name = self._pseudonym(interface, gateway, mac)
        if len(names) >= MAX_GATEWAYS:
            names.clear()
        names[mac] = name
        return name

    def _pseudonym(self, interface: str, gateway: Address, mac: str) -> str:
        text = f"{interface}\0{gateway}\0{mac}".encode("utf-8", "replace")
        digest = hmac.digest(self._key, text, hashlib.sha256)
        return "gateway-" + base64.b32encode(digest).decode("ascii")[:_LENGTH].lower()


def _mac(machine: Machine, interface: str, gateway: Address) -> str:
    if gateway.version == 6:
        return ""
    if machine.system == "windows":
        return _windows_mac(machine, interface, gateway)
    try:
        entry = arp_entry(read_arp(machine), interface, gateway)
    except SourceError:
        return ""
    return entry.mac if entry else ""


def _windows_mac(machine: Machine, interface: str, gateway: Address) -> str:
    from hotline_probe.sources.windows.network import network  # noqa: PLC0415 - only Windows needs it

    try:
        return network(machine).neighbours.get((interface, gateway), ("", ""))[1]
    except SourceError:
        return ""
