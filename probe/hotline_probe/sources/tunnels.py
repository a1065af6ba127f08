"""Parsers of what Linux tells about tunnels, and the watch over those that send and hear nothing."""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from hotline_probe.errors import SourceError, SourceFailed
from hotline_probe.machine import Machine, monotonic
from hotline_probe.sources.interfaces import Traffic
from hotline_probe.sources.routetables import MAX_ROUTES, Network

TOOL_TIMEOUT = 1.0
ASK_EVERY = 4.0
# A root name server of each family, as places on the internet; asking which way they lie sends nothing.
FAR = {4: "198.41.0.4", 6: "2001:503:ba3e::2:30"}
# WireGuard's keepalives have 32 bytes and are never answered; a try to reach the other end has 148.
_MORE_THAN_KEEPALIVES = 100
# It gives up after 90 s without an answer (REKEY_ATTEMPT_TIME).
_GIVEN_UP = 120.0
_LINK_DNS = re.compile(r"^Link \d+ \((\S+)\):(.*)$", re.MULTILINE)
_MAX_DUMP = 4096
_KEY = re.compile(r"[A-Za-z0-9+/]{43}=")


@dataclass(frozen=True, slots=True)
class TunnelRoute:
    """A route of any table.

    `own` if it is the network of the adapter's own address, `direct` if no router lies in between.
    """

    interface: str
    network: Network
    own: bool
    direct: bool = True


def parse_routes(text: str, version: int) -> list[TunnelRoute]:
    """Return the routes that lead somewhere in the output of `ip -j route show table all` (ip-route(8)).

    >>> parse_routes('[{"dst":"10.9.0.0/16","dev":"tun0","scope":"link"}]', 4)
    [TunnelRoute(interface='tun0', network=IPv4Network('10.9.0.0/16'), own=False, direct=True)]

    Raises:
        SourceFailed: it is not such a list.
    """
    try:
        entries = json.loads(text or "[]")
    except (ValueError, RecursionError) as error:
        raise SourceFailed("ip route did not print JSON") from error
    if not isinstance(entries, list):
        raise SourceFailed("ip route did not print a list")
    found = (_route(entry, version) for entry in entries[:MAX_ROUTES] if isinstance(entry, dict))
    return [route for route in found if route is not None]


def _route(entry: Mapping[str, object], version: int) -> TunnelRoute | None:
    to, dev = entry.get("dst"), entry.get("dev")
    if not isinstance(to, str) or not isinstance(dev, str) or entry.get("type", "unicast") != "unicast":
        return None
    try:
        network = ipaddress.ip_network({4: "0.0.0.0/0", 6: "::/0"}[version] if to == "default" else to)
    except ValueError:
        return None
    direct = not entry.keys() & {"gateway", "via"}
    return TunnelRoute(dev, network, entry.get("protocol") == "kernel", direct)


def parse_egress(text: str) -> str:
    """Return the adapter in the output of `ip -j route get`, empty without a way.

    >>> parse_egress('[{"dst":"198.41.0.4","dev":"wg0","table":"51820"}]')
    'wg0'
    """
    try:
        entries = json.loads(text or "[]")
    except (ValueError, RecursionError):
        return ""
    first = entries[0] if isinstance(entries, list) and entries else None
    dev = first.get("dev") if isinstance(first, dict) else None
    return dev if isinstance(dev, str) else ""


def parse_handshakes(text: str) -> dict[str, int]:
    r"""Return by adapter when its latest handshake was, in seconds since 1970 and 0 for never.

    The text is that of `wg show all latest-handshakes` (wg(8)).

    >>> parse_handshakes("wg0\t" + "A" * 43 + "=\t1700000000\n")
    {'wg0': 1700000000}
    """
    found: dict[str, int] = {}
    for line in text.splitlines()[:_MAX_DUMP]:
        parts = line.split("\t")
        if len(parts) == 3 and _KEY.fullmatch(parts[1]) and re.fullmatch(r"[0-9]{1,12}", parts[2]):
            found[parts[0]] = max(found.get(parts[0], 0), int(parts[2]))
    return found


def parse_link_dns(text: str) -> dict[str, int]:
    r"""Return how many name servers each adapter has, from `resolvectl dns` (resolvectl(1)).

    >>> parse_link_dns("Global:\nLink 2 (eth0): 192.0.2.1\nLink 5 (wg0): 10.8.0.1 fd00::1\n")
    {'eth0': 1, 'wg0': 2}
    """
    return {name: len(rest.split()) for name, rest in _LINK_DNS.findall(text)}


def egress(machine: Machine, address: str) -> str | None:
    """Return the adapter by which an address is reached, by whatever table of routes; empty without a way.

    None if ip(8) cannot tell.
    """
    family = "-6" if ":" in address else "-4"
    try:
        result = machine.run(("ip", "-j", family, "route", "get", address), TOOL_TIMEOUT)
    except SourceError:
        return None
    # "Network is unreachable" comes from the kernel; Busybox does not know -j.
    return parse_egress(result.out) if result.code == 0 else "" if "RTNETLINK" in result.err else None


class Egress:
    """Remembers for some seconds by which adapter the internet is reached."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._asked = -ASK_EVERY
        self._known: str | None = None

    def of(self, machine: Machine) -> str | None:
        """Return the adapter, by IPv4 where there is a way; empty without a way, None if nobody can tell."""
        now = self._clock()
        if not 0 <= now - self._asked < ASK_EVERY:
            self._asked = now
            self._known = egress(machine, FAR[4]) or egress(machine, FAR[6])
        return self._known


class Silence:
    """Measures for how long each tunnel has been sending without hearing anything."""

    def __init__(self) -> None:
        self._before: dict[str, tuple[float, Traffic]] = {}
        # Since when it sends without an answer, and when it last sent.
        self._since: dict[str, tuple[float, float]] = {}

    def look(self, now: float, traffic: Mapping[str, Traffic], names: Collection[str]) -> dict[str, float]:
        """Take the counters at a time in seconds; return the seconds by name, from the second look on."""
        told = {}
        for name in names:
            if name in traffic and name in self._before:
                told[name] = self._seconds(name, now, traffic[name])
        self._before = {name: (now, traffic[name]) for name in names if name in traffic}
        self._since = {name: since for name, since in self._since.items() if name in self._before}
        return told

    def _seconds(self, name: str, now: float, traffic: Traffic) -> float:
        then, before = self._before[name]
        if traffic.received != before.received or traffic.sent < before.sent or now < then:
            self._since.pop(name, None)
        elif traffic.sent - before.sent > _MORE_THAN_KEEPALIVES:
            self._since[name] = (self._since.get(name, (then, now))[0], now)
        began, sent = self._since.get(name, (now, now))
        if now - sent > _GIVEN_UP:
            del self._since[name]
            return 0.0
        return now - began
