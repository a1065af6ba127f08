"""Tunnels: whether somebody answers at the other end, what leads into them, and what they left behind."""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Collection, Iterator, Mapping, Sequence

from hotline_proto.facts import Fact, FactValue, UnknownReason

from hotline_probe.errors import SourceError, Unsupported
from hotline_probe.machine import Machine, monotonic
from hotline_probe.source import NOT_MEASURED, Context
from hotline_probe.sources.adapters import NET, AdapterKinds, parse_devtype, parse_number
from hotline_probe.sources.basics import reason, text_of
from hotline_probe.sources.interfaces import link_state, parse_dev
from hotline_probe.sources.leftovers import client_installed, output_blocked, resolver_left
from hotline_probe.sources.resolvers import configured
from hotline_probe.sources.routetables import Network, read_routes, way_out
from hotline_probe.sources.tunnels import (
    FAR,
    TOOL_TIMEOUT,
    Silence,
    TunnelRoute,
    egress,
    parse_handshakes,
    parse_link_dns,
    parse_routes,
)

MAX_TUNNELS = 16
# Shorter prefixes stand for the internet or for all private networks at once.
_OWN_NETWORK = 8
_HARDWARE_PPP = 512
# Flag of linux/if_tun.h: carries Ethernet frames instead of IP packets.
_TAP = 0x2


class Vpn:
    """Reads /sys/class/net; where there is a tunnel, asks ip(8), wg(8) and resolvectl(1) about it."""

    name = "vpn"

    def __init__(self) -> None:
        self._kinds = AdapterKinds()
        self._silence = Silence()
        self._client: bool | None = None

    def read(self, context: Context) -> Iterator[Fact]:
        """Yield what each tunnel is and carries, and what stands in the way of a machine without one.

        Raises:
            Unsupported: not on Linux.
            SourceError: /sys/class/net or the routes cannot be read.
        """
        if context.machine.system != "linux":
            raise Unsupported("tunnels are read on Linux only")
        machine = context.machine
        kinds = self._kinds.all(machine)
        names = [name for name, kind in kinds.items() if kind.type == "vpn"]
        up = {name: all(link_state(machine, name)) for name in names}
        self._client = client_installed(machine) if self._client is None else self._client
        yield Fact("net.vpns.client", self._client or bool(names))
        yield Fact("net.vpns.resolver_left", not any(up.values()) and resolver_left(machine, kinds))
        yield Fact("net.output.blocked", output_blocked() if context.settings.active else NOT_MEASURED)
        if names:
            shown = sorted(names, key=lambda name: not up[name])[:MAX_TUNNELS]
            yield from self._tunnels(machine, shown, up, [n for n, kind in kinds.items() if kind.physical])

    def _tunnels(
        self, machine: Machine, names: Sequence[str], up: Mapping[str, bool], cards: Collection[str]
    ) -> Iterator[Fact]:
        routes = _routes(machine)
        ways = _ways_out(machine)
        servers, handshakes = _servers(machine, routes, names), _handshakes(machine)
        traffic = parse_dev(machine.read("/proc/net/dev"))
        silence = self._silence.look(monotonic(), traffic, names)
        for name in names:
            counted = traffic.get(name)
            kind = _kind(machine, name)
            yield Fact("net.vpn.kind", kind, name)
            yield Fact("net.vpn.up", up[name], name)
            yield Fact("net.vpn.carries", _carries(name, routes, ways), name)
            yield Fact("net.vpn.overlap", _overlaps(name, routes, cards), name)
            yield Fact("net.vpn.mtu", _mtu(machine, name), name)
            yield Fact(
                "net.vpn.received", float(counted.received) if counted else UnknownReason.NOT_COLLECTED, name
            )
            yield Fact("net.vpn.sent", float(counted.sent) if counted else UnknownReason.NOT_COLLECTED, name)
            yield Fact("net.vpn.unanswered", silence.get(name, 0.0), name)
            yield Fact("net.vpn.resolvers", servers[name], name)
            age = _age(handshakes, name) if kind == "wireguard" else UnknownReason.UNSUPPORTED
            yield Fact("net.vpn.handshake_age", age, name)


def _kind(machine: Machine, name: str) -> str:
    folder = f"{NET}/{name}"
    flags = parse_number(text_of(machine, f"{folder}/tun_flags"), 16)
    if flags is not None:
        return "tap" if flags & _TAP else "tun"
    if parse_devtype(text_of(machine, f"{folder}/uevent")) == "wireguard":
        return "wireguard"
    return "ppp" if parse_number(text_of(machine, f"{folder}/type")) == _HARDWARE_PPP else "other"


def _mtu(machine: Machine, name: str) -> FactValue:
    size = parse_number(text_of(machine, f"{NET}/{name}/mtu"))
    return UnknownReason.NOT_COLLECTED if size is None else float(size)


def _routes(machine: Machine) -> list[TunnelRoute]:
    """Return the routes of all tables; of the main one where ip(8) cannot tell."""
    found: list[TunnelRoute] = []
    for version in (4, 6):
        argv = ("ip", "-j", f"-{version}", "route", "show", "table", "all")
        try:
            result = machine.run(argv, TOOL_TIMEOUT)
            if result.code != 0:
                raise Unsupported("ip route failed")
            found += parse_routes(result.out, version)
        except SourceError:
            table = read_routes(machine)[0 if version == 4 else 1]
            found += [TunnelRoute(r.interface, r.network, False, r.gateway is None) for r in table]
    return found


def _ways_out(machine: Machine) -> set[str]:
    """Return the adapters by which the internet is reached, one for each family."""
    found = {egress(machine, address) for address in FAR.values()}
    if found != {None}:
        return {name for name in found if name}
    route = way_out(*read_routes(machine))
    return {route.interface} if route else set()


def _carries(name: str, routes: Sequence[TunnelRoute], ways: Collection[str]) -> str:
    if name in ways:
        return "all"
    # Single addresses are other members of the tunnel, as are those inside its own network.
    led = (
        route.network
        for route in routes
        if route.interface == name and not route.own and route.network.prefixlen < route.network.max_prefixlen
    )
    return (
        "networks" if any(network.prefixlen and not network.is_link_local for network in led) else "nothing"
    )


def _overlaps(name: str, routes: Sequence[TunnelRoute], cards: Collection[str]) -> bool:
    """Tell whether the tunnel takes over the home's network, or a part of it.

    A bigger network leaves the home alone: the smaller one wins. What lies behind a router is no home.
    """
    near = [route for route in routes if route.interface in cards and route.direct]
    homes = [route.network for route in near if _is_network(route)]
    taken = [route.network for route in routes if route.interface == name and _is_network(route)]
    return any(_inside(network, home) for network in taken for home in homes)


def _is_network(route: TunnelRoute) -> bool:
    # A single address is one guest, such as those to whom a server lends addresses of its own network.
    return _OWN_NETWORK <= route.network.prefixlen < 32


def _inside(network: Network, home: Network) -> bool:
    v4 = ipaddress.IPv4Network
    return isinstance(network, v4) and isinstance(home, v4) and network.subnet_of(home)


def _servers(machine: Machine, routes: Sequence[TunnelRoute], names: Sequence[str]) -> dict[str, int]:
    """Return how many name servers each tunnel has, bound to it or reached through it."""
    try:
        bound = parse_link_dns(machine.run(("resolvectl", "--no-pager", "dns"), TOOL_TIMEOUT).out)
    except SourceError:
        bound = {}
    counted = dict.fromkeys(names, 0) | {name: bound[name] for name in names if name in bound}
    try:
        servers = configured(machine)
    except SourceError:
        servers = []
    through = [_reached_by(server, routes) for server in servers]
    return {name: max(count, through.count(name)) for name, count in counted.items()}


def _reached_by(server: str, routes: Sequence[TunnelRoute]) -> str:
    address = ipaddress.ip_address(server)
    fitting = [r for r in routes if r.network.version == address.version and address in r.network]
    best = max(fitting, key=lambda route: route.network.prefixlen, default=None)
    return best.interface if best and not address.is_loopback else ""


def _handshakes(machine: Machine) -> dict[str, int] | UnknownReason:
    try:
        result = machine.run(("wg", "show", "all", "latest-handshakes"), TOOL_TIMEOUT)
    except SourceError as error:
        return reason(error)
    return parse_handshakes(result.out) if result.code == 0 else UnknownReason.PERMISSION


def _age(handshakes: Mapping[str, int] | UnknownReason, name: str) -> FactValue:
    if isinstance(handshakes, UnknownReason):
        return handshakes
    at = handshakes.get(name, 0)
    return max(time.time() - at, 0.0) if at else UnknownReason.UNREACHABLE
