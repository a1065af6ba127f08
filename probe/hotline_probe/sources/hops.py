"""The routers on the way to an address, without privileges: packets that die early, and who says so.

Linux keeps the ICMP errors that a datagram socket caused in its error queue, with the sender's address
(IP_RECVERR in ip(7)), so neither root nor a raw socket is needed.
"""

from __future__ import annotations

import contextlib
import ipaddress
import secrets
import selectors
import socket
import struct
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from hotline_probe.errors import Denied
from hotline_probe.sources.echo import build_echo
from hotline_probe.sources.routetables import Address

MAX_HOPS = 20
# The usual first port of traceroute(8), where nobody listens.
_PORT = 33434
# From linux/in.h, in6.h and errqueue.h.
_RECEIVE_ERRORS = {4: (socket.IPPROTO_IP, 11), 6: (socket.IPPROTO_IPV6, 25)}
_TTL = {4: (socket.IPPROTO_IP, socket.IP_TTL), 6: (socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS)}
_ERROR_QUEUE = 0x2000
_ERROR = struct.Struct("=IBBBBII")
_ICMP_ORIGINS = (2, 3)
# Where the offender's address lies behind the error: in sockaddr_in and in sockaddr_in6.
_OFFENDER: dict[int, tuple[int, int]] = {socket.AF_INET: (4, 4), socket.AF_INET6: (8, 16)}


@dataclass(frozen=True, slots=True)
class Hop:
    """Who answered for a packet that was allowed so many hops; `target` if it was the address itself."""

    number: int
    address: Address
    target: bool


@dataclass(frozen=True, slots=True)
class Way:
    """How far packets come.

    `length` is the number of the last hop that answered, 0 if none did, `last` its address. `private` counts
    the hops with private addresses before the first public one, of the `answered` ones in all. `loop` tells
    that packets go in circles.
    """

    reached: bool
    length: int
    last: Address | None
    private: int
    answered: int
    loop: bool

    @property
    def end(self) -> str:
        """Where they end, as the catalogue calls it: target, nowhere, home or beyond."""
        if self.reached:
            return "target"
        if self.last is None:
            return "nowhere"
        return "beyond" if self.private < self.answered else "home"


def summarise(hops: Sequence[Hop]) -> Way:
    """Return what the hops that answered say together.

    >>> one, two = ipaddress.ip_address("192.168.1.1"), ipaddress.ip_address("8.8.8.8")
    >>> summarise([Hop(1, one, False), Hop(3, two, True)])
    Way(reached=True, length=3, last=IPv4Address('8.8.8.8'), private=1, answered=2, loop=False)
    """
    ordered = sorted(hops, key=lambda hop: hop.number)
    end = next((place for place, hop in enumerate(ordered) if hop.target), None)
    way = ordered if end is None else ordered[: end + 1]
    private = next((place for place, hop in enumerate(way) if not _private(hop.address)), len(way))
    seen = Counter(hop.address for hop in way)
    # Two routers in turn: each answers several times. The same one twice in a row only counts wrongly.
    loop = end is None and sum(count >= 3 for count in seen.values()) >= 2
    last = way[-1] if way else None
    length, address = (last.number, last.address) if last else (0, None)
    return Way(end is not None, length, address, private, len(way), loop)


def _private(address: Address) -> bool:
    """Tell whether an address is a home's or office's; carriers use 100.64.0.0/10, which counts as theirs."""
    return address.is_private or address.is_link_local


def trace(address: Address, patience: float) -> Sequence[Hop]:
    """Return who answers on the way to an address within about `patience` seconds, in no certain order.

    Raises:
        Denied: a firewall of this computer lets nothing out.
    """
    found: dict[int, Hop] = {}
    with contextlib.ExitStack() as stack:
        eyes = stack.enter_context(selectors.DefaultSelector())
        for number in range(1, MAX_HOPS + 1):
            try:
                channel = stack.enter_context(_send(address, number))
            except PermissionError as error:
                raise Denied("this computer lets nothing out") from error
            except OSError:  # no way there: nothing can answer either
                return ()
            eyes.register(channel, selectors.EVENT_READ, (channel, number))
        end = time.monotonic() + patience
        while eyes.get_map() and (left := end - time.monotonic()) > 0:
            for key, _ in eyes.select(left):
                eyes.unregister(key.fileobj)
                channel, number = key.data
                hop = _answer(channel, address, number)
                if hop is not None:
                    found[number] = hop
    return list(found.values())


def _send(address: Address, number: int) -> socket.socket:
    version = address.version
    family = socket.AF_INET if version == 4 else socket.AF_INET6
    try:
        channel = socket.socket(
            family, socket.SOCK_DGRAM, socket.IPPROTO_ICMP if version == 4 else socket.IPPROTO_ICMPV6
        )
        port, load = 0, build_echo(version, number, secrets.token_bytes(16))
    except OSError:  # this user may not send echoes, but anything else
        channel = socket.socket(family, socket.SOCK_DGRAM)
        port, load = _PORT + number, secrets.token_bytes(24)
    try:
        channel.setblocking(False)
        channel.setsockopt(*_TTL[version], number)
        channel.setsockopt(*_RECEIVE_ERRORS[version], 1)
        channel.connect((str(address), port))
        channel.send(load)
    except OSError:
        channel.close()
        raise
    return channel


def _answer(channel: socket.socket, address: Address, number: int) -> Hop | None:
    try:
        _, ancillary, _, _ = channel.recvmsg(512, 512, _ERROR_QUEUE)
    except OSError:
        ancillary = []
    for _, _, data in ancillary:
        offender = parse_error(data)
        if offender is not None:
            return Hop(number, offender, offender == address)
    try:
        channel.recv(512)
    except OSError:
        return None
    return Hop(number, address, True)


def parse_error(data: bytes) -> Address | None:
    """Return who sent the ICMP error that the kernel reports (struct sock_extended_err), None if nobody did.

    >>> head = struct.pack("=IBBBBII", 113, 2, 11, 0, 0, 0, 0)
    >>> parse_error(head + struct.pack("=H2x", socket.AF_INET) + bytes([192, 0, 2, 1]) + bytes(8))
    IPv4Address('192.0.2.1')
    """
    if len(data) < _ERROR.size + 2 or _ERROR.unpack_from(data)[1] not in _ICMP_ORIGINS:
        return None
    (family,) = struct.unpack_from("=H", data, _ERROR.size)
    begin, length = _OFFENDER.get(family, (0, 0))
    raw = data[_ERROR.size + begin : _ERROR.size + begin + length]
    return ipaddress.ip_address(raw) if length and len(raw) == length else None
