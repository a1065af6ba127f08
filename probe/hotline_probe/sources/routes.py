"""The way to the router: default routes, the gateway and its entry in the neighbour table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hotline_proto.facts import Fact, FactValue, UnknownReason

from hotline_probe.errors import SourceError, Unsupported
from hotline_probe.machine import Machine
from hotline_probe.source import Context
from hotline_probe.sources.adapters import AdapterKinds
from hotline_probe.sources.basics import reason
from hotline_probe.sources.neighbours import Neighbours
from hotline_probe.sources.routetables import Route, read_routes, way_out
from hotline_probe.sources.tunnels import Egress


class Routes:
    """Reads /proc/net/route and /proc/net/ipv6_route, and asks ip(8) for the gateway's neighbour entry.

    On Windows PowerShell tells all of it; on macOS netstat(1), arp(8) and ndp(8) do.
    """

    name = "routes"

    def __init__(self) -> None:
        self._kinds = AdapterKinds()
        self._neighbours = Neighbours()
        self._egress = Egress()

    def read(self, context: Context) -> Iterator[Fact]:
        """Yield the facts of the default route.

        Raises:
            Unsupported: neither on Linux nor on Windows nor on macOS.
            SourceError: the tables cannot be read.
        """
        if context.machine.system not in {"linux", "windows", "macos"}:
            raise Unsupported("routes are read on Linux, Windows and macOS only")
        machine = context.machine
        v4, v6 = read_routes(machine)
        defaults = [route for route in v4 if route.network.prefixlen == 0]
        has_v6 = any(route.network.prefixlen == 0 for route in v6)
        yield Fact("net.route.default", bool(defaults) or has_v6)
        yield Fact("net.route.default_v4", bool(defaults))
        yield Fact("net.route.default_v6", has_v6)
        # Cable and Wi-Fi of the same home are one way out.
        ways = {route.gateway or route.interface for route in defaults}
        yield Fact("net.route.default_count", len(ways))
        route = way_out(v4, v6)
        yield Fact("net.route.interface", route.interface if route else "")
        yield Fact("net.route.tunnel", self._tunnel(machine, route))
        yield from _gateway(machine, route, v4, self._neighbours)

    def _tunnel(self, machine: Machine, route: Route | None) -> FactValue:
        """Tell whether packets go into a tunnel, by whatever table: wg-quick(8) has one of its own."""
        try:
            tunnels = {name for name, kind in self._kinds.all(machine).items() if kind.type == "vpn"}
        except SourceError as error:
            return reason(error)
        if not tunnels:
            return False
        way = self._egress.of(machine)
        return way in tunnels if way else route is not None and route.interface in tunnels


def _gateway(
    machine: Machine, route: Route | None, v4: Sequence[Route], neighbours: Neighbours
) -> Iterator[Fact]:
    if route is None or route.gateway is None:
        yield Fact("net.gateway.address", UnknownReason.UNSUPPORTED)
        yield Fact("net.gateway.in_subnet", UnknownReason.UNSUPPORTED)
        yield Fact("net.gateway.neighbour", "none")
        return
    yield Fact("net.gateway.address", str(route.gateway))
    # An IPv6 router has a link-local address, which is inside every link.
    inside = in_subnet(route, v4) if route.gateway.version == 4 else UnknownReason.UNSUPPORTED
    yield Fact("net.gateway.in_subnet", inside)
    try:
        yield Fact("net.gateway.neighbour", neighbours.state(machine, route.interface, route.gateway))
    except SourceError as error:
        yield Fact("net.gateway.neighbour", reason(error))


def in_subnet(route: Route, routes: Sequence[Route]) -> bool:
    """Tell whether a route's gateway lies inside a network that its adapter reaches directly."""
    direct = [
        one.network
        for one in routes
        if one.interface == route.interface and one.gateway is None and one.network.prefixlen
    ]
    return any(route.gateway in network for network in direct if route.gateway is not None)
