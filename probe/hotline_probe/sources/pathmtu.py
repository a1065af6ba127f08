"""The largest packet that reaches the operator, and whether bigger ones vanish without a word (RFC 2923)."""

from __future__ import annotations

import errno
import ipaddress
import secrets
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from hotline_proto.facts import Fact, UnknownReason

from hotline_probe.checks.name import Names
from hotline_probe.errors import Denied, SourceError, SourceFailed, Unsupported
from hotline_probe.machine import Machine
from hotline_probe.source import NOT_MEASURED, Context
from hotline_probe.sources.adapters import NET, parse_number
from hotline_probe.sources.basics import reason, unknown
from hotline_probe.sources.echo import build_echo, is_reply
from hotline_probe.sources.ping import split_anchor
from hotline_probe.sources.routetables import Address, interface_for, read_routes
from hotline_probe.sources.tunnels import egress

FACTS = ("net.path.mtu", "net.path.mtu_blackhole")
# What lines and tunnels leave over: PPPoE, GRE, 6in4, IPsec, WireGuard, IPv6's minimum, IPv4's (RFC 791).
USUAL = (1500, 1492, 1480, 1476, 1460, 1454, 1440, 1420, 1400, 1380, 1360, 1320, 1280, 1024, 768, 576)
SMALLEST = {4: 576, 6: 1280}
_SMALL = 84
_HEADERS = {4: 28, 6: 48}
ATTEMPTS = 2
NAME_PATIENCE = 2.0
# Beyond the round trip of a satellite. Two names, two small echoes and six sizes stay below 18 s.
PATIENCE = 0.8
MAX_ANCHORS = 2
# From linux/in.h and in6.h: never fragment, and ignore what was learnt about the path before.
_DISCOVER = {4: (socket.IPPROTO_IP, 10), 6: (socket.IPPROTO_IPV6, 23)}
_RECEIVE_ERRORS = {4: (socket.IPPROTO_IP, 11), 6: (socket.IPPROTO_IPV6, 25)}
_PROBE = 3


@dataclass(frozen=True, slots=True)
class Passage:
    """What became of packets of one size: answered, and whether a router said that they are too big."""

    answered: bool
    told: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """The largest usual size that passes, and whether a bigger one vanished without a word."""

    mtu: int
    blackhole: bool


def search(passes: Callable[[int], Passage], largest: int, smallest: int) -> Found | None:
    """Return the largest of the usual sizes up to `largest` that passes, None if not even `smallest` does.

    >>> search(lambda size: Passage(size <= 1452), 1500, 576)
    Found(mtu=1440, blackhole=True)
    """
    whole = passes(largest)
    if whole.answered:
        return Found(largest, False)
    sizes = sorted(size for size in USUAL if smallest <= size < largest)
    told, best = whole.told, None
    low, high = 0, len(sizes)
    while low < high:
        middle = (low + high) // 2
        passage = passes(sizes[middle])
        if passage.answered:
            best, low = sizes[middle], middle + 1
        else:
            told, high = told or passage.told, middle
    return None if best is None else Found(best, not told)


class PathMtu:
    """Sends echoes that must not be fragmented to the first measuring point that answers small ones."""

    name = "pathmtu"

    def __init__(self) -> None:
        self._names = Names()

    def read(self, context: Context) -> Iterator[Fact]:
        """Yield the size of the path.

        Raises:
            Unsupported: not on Linux.
        """
        if context.machine.system != "linux":
            raise Unsupported("packets without fragmentation are sent on Linux only")
        anchors = context.settings.anchors[:MAX_ANCHORS]
        if not context.settings.active or not anchors:
            yield from unknown(FACTS, NOT_MEASURED)
            return
        try:
            found = self._first(context.machine, anchors)
        except SourceError as error:
            yield from unknown(FACTS, reason(error))
            return
        if found is None:
            yield from unknown(FACTS, UnknownReason.UNREACHABLE)
            return
        yield Fact("net.path.mtu", float(found.mtu))
        yield Fact("net.path.mtu_blackhole", found.blackhole)

    def _first(self, machine: Machine, anchors: tuple[str, ...]) -> Found | None:
        """Return what was found towards the first measuring point that echoes.

        Raises:
            SourceError: the routes cannot be read, or this user may not send echoes.
        """
        routes = [route for table in read_routes(machine) for route in table]
        for anchor in anchors:
            address = self._resolve(anchor)
            if address is None or not _passes(address, _SMALL).answered:
                continue
            way = egress(machine, str(address)) or interface_for(address, routes)
            largest = _interface_mtu(machine, way)
            return search(partial(_passes, address), largest, SMALLEST[address.version])
        return None

    def _resolve(self, anchor: str) -> Address | None:
        place = split_anchor(anchor)
        try:
            found = self._names.look_up(*place, NAME_PATIENCE) if place else None
        except SourceFailed:
            return None
        return ipaddress.ip_address(found.endpoints[0].host) if found and found.endpoints else None


def _interface_mtu(machine: Machine, interface: str) -> int:
    # Loopback and jumbo frames tell nothing of the way out.
    try:
        return min(parse_number(machine.read(f"{NET}/{interface}/mtu")) or USUAL[0], USUAL[0])
    except SourceError:
        return USUAL[0]


def _passes(address: Address, size: int) -> Passage:
    """Send echoes of `size` bytes with all headers until one is answered or refused.

    Raises:
        Denied: this user may not send echoes.
    """
    version = address.version
    family, protocol = (
        (socket.AF_INET, socket.IPPROTO_ICMP) if version == 4 else (socket.AF_INET6, socket.IPPROTO_ICMPV6)
    )
    try:
        channel = socket.socket(family, socket.SOCK_DGRAM, protocol)
    except OSError as error:
        raise Denied("this user may not send echoes") from error
    with channel:
        channel.setsockopt(*_DISCOVER[version], _PROBE)
        channel.setsockopt(*_RECEIVE_ERRORS[version], 1)
        try:
            channel.connect((str(address), 0))
            answers = (_echo(channel, version, size) for _ in range(ATTEMPTS))
            return Passage(any(answers))
        except PermissionError as error:
            raise Denied("this computer does not let echoes out") from error
        except OSError as error:
            return Passage(False, error.errno == errno.EMSGSIZE)


def _echo(channel: socket.socket, version: int, size: int) -> bool:
    """Tell whether one echo was answered in time.

    Raises:
        OSError: a router refused it; EMSGSIZE if it is too big for the way.
    """
    sequence, load = secrets.randbits(16), secrets.token_bytes(size - _HEADERS[version])
    end = time.monotonic() + PATIENCE
    channel.send(build_echo(version, sequence, load))
    while (left := end - time.monotonic()) > 0:
        channel.settimeout(left)
        try:
            packet = channel.recv(2048)
        except TimeoutError:
            return False
        if is_reply(packet, version, sequence, load):
            return True
    return False
