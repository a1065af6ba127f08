"""One question to one name server over UDP (RFC 1035), without the system's resolver in between."""

from __future__ import annotations

import ipaddress
import secrets
import socket
import struct
import time
from dataclasses import dataclass

from hotline_probe.errors import Denied, SourceFailed

TYPE_A, TYPE_NS = 1, 2
_IN = 1
_HEADER = struct.Struct("!6H")
_RESPONSE, _RECURSION_DESIRED, _TRUNCATED = 0x8000, 0x0100, 0x0200
_WORDS = {0: "noerror", 2: "servfail", 3: "nxdomain", 5: "refused"}
_MAX_PACKET = 4096
_MAX_ANSWERS = 64
# Kind, class, time to live and length of what follows, behind the name.
_RECORD = struct.Struct("!HHIH")


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server said: the word for its code, whether there is an answer in it, the seconds it took.

    `addresses` are the IPv4 addresses in it.
    """

    rcode: str
    answers: bool
    latency: float
    addresses: frozenset[ipaddress.IPv4Address] = frozenset()


def question(name: str, kind: int) -> bytes:
    r"""Return the question section for a name; "" is the root.

    >>> question("example.org", TYPE_A)
    b'\x07example\x03org\x00\x00\x01\x00\x01'

    Raises:
        SourceFailed: it is not a name (RFC 1035 section 2.3.4: labels of 1 to 63, in all 255 bytes).
    """
    try:
        labels = [label.encode("ascii") for label in name.rstrip(".").split(".") if name.rstrip(".")]
    except UnicodeEncodeError:
        raise SourceFailed(f"{name!r} is not a domain name") from None
    encoded = b"".join(bytes([len(label)]) + label for label in labels if len(label) < 64) + b"\0"
    if any(not 0 < len(label) < 64 for label in labels) or len(encoded) > 255:
        raise SourceFailed(f"{name!r} is not a domain name")
    return encoded + struct.pack("!2H", kind, _IN)


def parse_reply(packet: bytes, number: int, asked: bytes) -> tuple[str, bool]:
    r"""Return the word for the code of a reply, and whether it holds an answer.

    A server may leave out the question when it reports an error, and may change its letters' case.

    >>> parse_reply(b"\x00\x07\x81\x80\x00\x01\x00\x01\x00\x00\x00\x00" + question("a.b", TYPE_A), 7,
    ...             question("A.b", TYPE_A))
    ('noerror', True)

    Raises:
        SourceFailed: it is no reply to this question.
    """
    if len(packet) < _HEADER.size:
        raise SourceFailed("the name server's reply is too short")
    told, flags, questions, answers, _, _ = _HEADER.unpack_from(packet)
    if told != number or not flags & _RESPONSE:
        raise SourceFailed("the name server's reply does not belong to the question")
    code = flags & 0xF
    repeated = packet[_HEADER.size : _HEADER.size + len(asked)]
    if repeated.lower() != asked.lower() and not (code and questions == 0):
        raise SourceFailed("the name server replied to another question")
    return _WORDS.get(code, "other"), code == 0 and (answers > 0 or bool(flags & _TRUNCATED))


def parse_addresses(packet: bytes, asked: bytes) -> frozenset[ipaddress.IPv4Address]:
    """Return the IPv4 addresses among the answers of a reply that `parse_reply` accepts.

    What cannot be read ends the list: only whole records count (RFC 1035, section 4.1.3).
    """
    found = set()
    count = min(_HEADER.unpack_from(packet)[3], _MAX_ANSWERS)
    place = _HEADER.size + len(asked)
    for _ in range(count):
        place = _after_name(packet, place)
        if place < 0 or place + _RECORD.size > len(packet):
            break
        kind, _, _, length = _RECORD.unpack_from(packet, place)
        place += _RECORD.size
        value = packet[place : place + length]
        place += length
        if len(value) < length:
            break
        if kind == TYPE_A and length == 4:
            found.add(ipaddress.IPv4Address(value))
    return frozenset(found)


def _after_name(packet: bytes, place: int) -> int:
    """Return where a name ends, -1 if the packet ends before; a pointer is its last part."""
    while place < len(packet):
        size = packet[place]
        if size & 0xC0:
            return place + 2
        if not size:
            return place + 1
        place += 1 + size
    return -1


def ask(server: str, port: int, name: str, kind: int, timeout: float, attempts: int = 2) -> Reply | None:
    """Return the reply of a server at a numeric address, None if none came in `attempts` times `timeout`.

    Packets that are no reply to the question are passed over, as RFC 5452 demands. `latency` counts from
    the last time the question was sent.

    Raises:
        SourceFailed: the name or the address cannot be used at all.
        Denied: a firewall of this computer, or its full table of connections, lets no question out.
    """
    asked = question(name, kind)
    try:
        info = socket.getaddrinfo(server, port, type=socket.SOCK_DGRAM, flags=socket.AI_NUMERICHOST)
    except (OSError, UnicodeError):
        raise SourceFailed(f"{server!r} is not the address of a name server") from None
    family, sort, protocol, _, address = info[0]
    for _ in range(attempts):
        try:
            with socket.socket(family, sort, protocol) as channel:
                channel.connect(address)
                reply = _exchange(channel, asked, timeout)
        except PermissionError as error:
            raise Denied("this computer lets no question to a name server out") from error
        except OSError:  # no route, no reply in time, or nobody listens there
            continue
        if reply is not None:
            return reply
    return None


def _exchange(channel: socket.socket, asked: bytes, timeout: float) -> Reply | None:
    number = secrets.randbits(16)
    began = time.monotonic()
    channel.send(_HEADER.pack(number, _RECURSION_DESIRED, 1, 0, 0, 0) + asked)
    while (left := began + timeout - time.monotonic()) > 0:
        channel.settimeout(left)
        packet = channel.recv(_MAX_PACKET)
        latency = time.monotonic() - began
        try:
            rcode, answers = parse_reply(packet, number, asked)
        except SourceFailed:
            continue
        return Reply(rcode, answers, latency, parse_addresses(packet, asked) if answers else frozenset())
    return None
