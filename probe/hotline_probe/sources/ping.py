"""Reaching the router and the internet."""

from __future__ import annotations

import ipaddress
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from hotline_proto.facts import Fact, FactValue, UnknownReason

from hotline_probe.errors import SourceError
from hotline_probe.machine import Machine
from hotline_probe.source import NOT_MEASURED, Context
from hotline_probe.sources.basics import unknown
from hotline_probe.sources.echo import connect, echo
from hotline_probe.sources.neighbours import Neighbours
from hotline_probe.sources.parallel import together
from hotline_probe.sources.routetables import Address, Route, neighbour, read_routes, way_out
from hotline_probe.sources.sntp import resolve

WINDOW = 20
# A share of fewer attempts jumps with every single loss.
MIN_ATTEMPTS = 5
# A router that answered echoes is gone when so many in a row, and connections as well, get no answer.
MISSED = 2
MAX_ANCHORS = 4
# Name, echo and connection one after the other stay below the source's timeout of 4 s.
NAME_TIMEOUT, ECHO_TIMEOUT, CONNECT_TIMEOUT = 1.0, 1.0, 1.3
TOTAL_TIMEOUT = 3.5
# What home routers listen on: name server and web pages. A refusal tells as much.
GATEWAY_PORTS = (53, 80, 443)
GATEWAY = ("net.gateway.reachable", "net.gateway.rtt", "net.gateway.loss")
INTERNET = tuple(f"net.internet.{fact}" for fact in ("reachable", "rtt", "loss", "jitter", "method"))


class Window:
    """The last attempts: seconds of the round trip, None where no answer came."""

    def __init__(self) -> None:
        self._attempts: deque[float | None] = deque(maxlen=WINDOW)

    def add(self, trip: float | None) -> None:
        """Take another attempt."""
        self._attempts.append(trip)

    @property
    def last(self) -> float | None:
        """The last round trip."""
        return self._attempts[-1] if self._attempts else None

    @property
    def answered(self) -> bool:
        """Whether any attempt was answered."""
        return any(trip is not None for trip in self._attempts)

    @property
    def missed(self) -> int:
        """How many of the last attempts in a row were not answered."""
        latest = enumerate(reversed(self._attempts))
        return next((place for place, trip in latest if trip is not None), len(self._attempts))

    def loss(self) -> FactValue:
        """Return the unanswered share, pending below `MIN_ATTEMPTS`."""
        if len(self._attempts) < MIN_ATTEMPTS:
            return UnknownReason.PENDING
        return sum(trip is None for trip in self._attempts) / len(self._attempts)

    def jitter(self) -> FactValue:
        """Return the smoothed difference of successive round trips (RFC 3550 section 6.4.1).

        Pending until two attempts have been answered.
        """
        trips = [trip for trip in self._attempts if trip is not None]
        if len(trips) < 2:
            return UnknownReason.PENDING
        smooth = abs(trips[1] - trips[0])
        for before, now in pairwise(trips[1:]):
            smooth += (abs(now - before) - smooth) / 16
        return smooth


@dataclass(frozen=True, slots=True)
class Trip:
    """One attempt to reach a place; `seconds` is None without an answer.

    `echoed` tells whether an echo left this computer: one that could not was not lost on the way.
    """

    method: str
    seconds: float | None
    echoed: bool = True


def split_anchor(text: str) -> tuple[str, int] | None:
    """Return host and port of "host:port" or "[2001:db8::1]:port", None if it is neither.

    >>> split_anchor("anchor.example.org:443"), split_anchor("[2001:db8::1]:53"), split_anchor("x")
    (('anchor.example.org', 443), ('2001:db8::1', 53), None)
    """
    host, _, port = text.rpartition(":")
    if not (host and port.isascii() and port.isdigit() and 0 < int(port[:6]) < 65536):
        return None
    bracketed = host.startswith("[") and host.endswith("]")
    if ":" in host and not bracketed:
        return None
    return (host[1:-1] if bracketed else host), int(port)


class Ping:
    """Sends echoes or opens connections to the router and the operator's measuring points."""

    name = "ping"

    def __init__(self, gateway_ports: Sequence[int] = GATEWAY_PORTS) -> None:
        self._gateway_ports = tuple(gateway_ports)
        self._path: tuple[str, str] | None = None
        self._gateway = Window()
        # Runs in a row that ended with a router whose hardware address nobody would tell.
        self._unresolved = 0
        self._anchors: dict[str, Window] = {}
        # Those that have answered an echo on this path.
        self._echoing: set[str] = set()
        self._neighbours = Neighbours()

    def read(self, context: Context) -> Iterator[Fact]:
        """Yield whether router and internet answer, and how fast."""
        route = _default_route(context.machine)
        self._follow(route)
        if not context.settings.active:
            yield from _passive(context.machine, route, self._neighbours)
            return
        anchors = context.settings.anchors[:MAX_ANCHORS]
        works: list[Callable[[], Trip | None]] = [_anchor_work(anchor) for anchor in anchors]
        if route is not None and route.gateway is not None:
            works.append(_gateway_work(_with_zone(route), self._gateway_ports))
        trips = together(works, TOTAL_TIMEOUT, "ping")
        yield from self._gateway_facts(context.machine, route, trips[len(anchors) :])
        yield from self._internet_facts(anchors, trips[: len(anchors)])

    def _follow(self, route: Route | None) -> None:
        """Begin anew when packets take another way; what was lost on the old one says nothing."""
        path = None if route is None else (route.interface, str(route.gateway))
        if path != self._path:
            self._path, self._gateway, self._unresolved, self._anchors = path, Window(), 0, {}
            self._echoing = set()

    def _gateway_facts(
        self, machine: Machine, route: Route | None, trips: Sequence[Trip | None]
    ) -> Iterator[Fact]:
        if route is None or not trips:
            yield from unknown(GATEWAY, UnknownReason.UNSUPPORTED)
            return
        trip = trips[0] or Trip("none", None, echoed=False)
        if trip.echoed:
            self._gateway.add(trip.seconds if trip.method == "icmp" else None)
        if trip.seconds is not None:
            self._unresolved = 0
            yield Fact("net.gateway.reachable", True)
            yield Fact("net.gateway.rtt", trip.seconds)
        else:
            # The neighbour table believes in a router for half a minute after its end.
            yield Fact("net.gateway.reachable", self._unanswered(machine, route))
            yield Fact("net.gateway.rtt", UnknownReason.UNREACHABLE)
        loss = self._gateway.loss() if self._gateway.answered else UnknownReason.UNSUPPORTED
        yield Fact("net.gateway.loss", loss)

    def _unanswered(self, machine: Machine, route: Route) -> FactValue:
        """Tell whether a router that did not answer is gone, or only keeps silent."""
        # The neighbour table believes in a router for half a minute after its end.
        if self._gateway.answered and self._gateway.missed >= MISSED:
            return False
        state = _neighbour_state(machine, route, neighbour)
        # What other programs send makes the kernel ask for a dead router's address again and again, so that
        # its entry may never be seen as failed; a living one tells its address within milliseconds.
        self._unresolved = self._unresolved + 1 if state in ("incomplete", "failed") else 0
        if state == "failed" or self._unresolved >= MISSED:
            return False
        return True if state == "reachable" else UnknownReason.UNREACHABLE

    def _internet_facts(self, anchors: Sequence[str], trips: Sequence[Trip | None]) -> Iterator[Fact]:
        if not anchors:
            yield from unknown(INTERNET, UnknownReason.UNSUPPORTED)
            return
        made = {anchor: trip for anchor, trip in zip(anchors, trips, strict=True) if trip is not None}
        self._anchors = {anchor: self._anchors.get(anchor, Window()) for anchor in anchors}
        for anchor, trip in made.items():
            self._anchors[anchor].add(self._counted(anchor, trip))
        if not made:  # no anchor's name could be resolved, so nothing was tried
            yield from unknown(INTERNET, UnknownReason.UNREACHABLE)
            return
        answered = {anchor: trip for anchor, trip in made.items() if trip.seconds is not None}
        yield Fact("net.internet.reachable", bool(answered))
        nearest = min(answered or made, key=lambda anchor: made[anchor].seconds or 0.0)
        seconds = made[nearest].seconds
        yield Fact("net.internet.rtt", UnknownReason.UNREACHABLE if seconds is None else seconds)
        # One measuring point that is down must not look like loss on the way.
        window = min((self._anchors[anchor] for anchor in made), key=_known_loss)
        yield Fact("net.internet.loss", window.loss())
        yield Fact("net.internet.jitter", window.jitter())
        yield Fact("net.internet.method", made[nearest].method if answered else "none")

    def _counted(self, anchor: str, trip: Trip) -> float | None:
        """Return what an attempt says about loss: where echoes are answered, a lost one is lost.

        A connection that is accepted then only tells that the way is open; TCP repeats what is lost.
        """
        if trip.method == "icmp":
            self._echoing.add(anchor)
        elif trip.echoed and anchor in self._echoing:
            return None
        return trip.seconds


def _known_loss(window: Window) -> float:
    loss = window.loss()
    return loss if isinstance(loss, float) else float(not window.answered)


def _default_route(machine: Machine) -> Route | None:
    try:
        return way_out(*read_routes(machine))
    except SourceError:
        return None


def _with_zone(route: Route) -> str:
    """Return the gateway's address; a link-local one means nothing without its interface (RFC 4007)."""
    linked = route.gateway is not None and route.gateway.version == 6 and route.gateway.is_link_local
    return f"{route.gateway}%{route.zone or route.interface}" if linked else str(route.gateway)


def _passive(machine: Machine, route: Route | None, neighbours: Neighbours) -> Iterator[Fact]:
    if route is None or route.gateway is None:
        yield Fact("net.gateway.reachable", UnknownReason.UNSUPPORTED)
    else:
        # An old entry is no proof of anything.
        state = _neighbour_state(machine, route, neighbours.state)
        known = {"reachable": True, "failed": False}.get(state, NOT_MEASURED)
        yield Fact("net.gateway.reachable", known)
    yield from unknown((*GATEWAY[1:], *INTERNET), NOT_MEASURED)


def _neighbour_state(machine: Machine, route: Route, ask: Callable[[Machine, str, Address], str]) -> str:
    """Return the router's state in the neighbour table, empty if nobody can tell."""
    if route.gateway is None:
        return ""
    try:
        return ask(machine, route.interface, route.gateway)
    except SourceError:
        return ""


def _gateway_work(address: str, ports: Sequence[int]) -> Callable[[], Trip | None]:
    def work() -> Trip | None:
        echoed, trip = _echo(address)
        if trip is not None:
            return Trip("icmp", trip)
        knocks = [lambda port=port: connect(address, port, CONNECT_TIMEOUT, True) for port in ports]
        answers = together(knocks, CONNECT_TIMEOUT + 0.2, "ping-gateway")
        return Trip("tcp", min((one for one in answers if one is not None), default=None), echoed)

    return work


def _anchor_work(anchor: str) -> Callable[[], Trip | None]:
    def work() -> Trip | None:
        parts = split_anchor(anchor)
        if parts is None:
            return None
        host, port = parts
        if _is_numeric(host):
            echoed, trip = _echo(host)
            if trip is not None:
                return Trip("icmp", trip)
            return Trip("tcp", connect(host, port, CONNECT_TIMEOUT), echoed)
        try:
            address = str(resolve(host, port, NAME_TIMEOUT)[4][0])
        except (OSError, UnicodeError):
            return None
        return Trip("tcp", connect(address, port, CONNECT_TIMEOUT), echoed=False)

    return work


def _echo(address: str) -> tuple[bool, float | None]:
    """Return whether an echo left this computer, and how long its answer took, None without one."""
    try:
        return True, echo(address, ECHO_TIMEOUT)
    except SourceError:
        return False, None


def _is_numeric(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
