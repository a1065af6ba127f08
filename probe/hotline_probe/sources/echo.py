"""Is somebody there: ICMP echoes without privileges, and TCP connections."""

from __future__ import annotations

import errno
import os
import secrets
import socket
import struct
import time

from hotline_probe.errors import Denied, SourceFailed

_HEADER = struct.Struct("!BBHHH")
# Types of RFC 792 and RFC 4443.
_REQUEST = {4: 8, 6: 128}
_REPLY = {4: 0, 6: 129}
_COOKIE = 16


def build_echo(version: int, sequence: int, cookie: bytes) -> bytes:
    """Return an echo request; the kernel fills in identifier and checksum of a datagram socket (icmp(7)).

    >>> build_echo(4, 1, b"ab").hex()
    '0800969c000000016162'
    """
    bare = _HEADER.pack(_REQUEST[version], 0, 0, 0, sequence) + cookie
    return bare[:2] + struct.pack("!H", checksum(bare)) + bare[4:]


def checksum(data: bytes) -> int:
    """Return the checksum of the internet protocols (RFC 1071)."""
    padded = data + b"\0"[: len(data) % 2]
    total: int = sum(struct.unpack(f"!{len(padded) // 2}H", padded))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def is_reply(packet: bytes, version: int, sequence: int, cookie: bytes) -> bool:
    """Tell whether a packet answers the echo request with this number and content.

    >>> is_reply(bytes([0, 0, 0, 0, 0, 9, 0, 1]) + b"ab", 4, 1, b"ab")
    True
    """
    if version == 4 and packet[:1] and packet[0] >> 4 == 4:
        # macOS hands over the IP header as well; its length stands in units of four bytes.
        packet = packet[(packet[0] & 0xF) * 4 :]
    if len(packet) < _HEADER.size:
        return False
    kind, code, _, _, told = _HEADER.unpack_from(packet)
    return (kind, code, told) == (_REPLY[version], 0, sequence) and packet[_HEADER.size :] == cookie


def echo(address: str, timeout: float) -> float | None:
    """Return the seconds until a numeric address answered an ICMP echo, None if it did not.

    Raises:
        Denied: this user may not send echoes (ping_group_range in icmp(7)), the system has no such socket,
            or a firewall of this computer keeps them back.
        SourceFailed: it is no address.
    """
    try:
        info = socket.getaddrinfo(address, 0, type=socket.SOCK_DGRAM, flags=socket.AI_NUMERICHOST)
    except (OSError, UnicodeError):
        raise SourceFailed(f"{address!r} is not an address") from None
    family, _, _, _, place = info[0]
    version = 6 if family == socket.AF_INET6 else 4
    if os.name == "nt" and version == 4:
        from hotline_probe.sources.windows import icmp  # noqa: PLC0415 - only Windows needs it

        return icmp.echo(str(place[0]), timeout)
    protocol = socket.IPPROTO_ICMPV6 if version == 6 else socket.IPPROTO_ICMP
    try:
        channel = socket.socket(family, socket.SOCK_DGRAM, protocol)
    except OSError as error:
        raise Denied("this user may not send echoes") from error
    with channel:
        try:
            channel.connect(place)
            return _exchange(channel, version, timeout)
        except PermissionError as error:
            raise Denied("this computer does not let echoes out") from error
        except OSError:  # no route, no answer in time, or a router that says "unreachable"
            return None


def _exchange(channel: socket.socket, version: int, timeout: float) -> float | None:
    sequence, cookie = secrets.randbits(16), secrets.token_bytes(_COOKIE)
    began = time.monotonic()
    channel.send(build_echo(version, sequence, cookie))
    while (left := began + timeout - time.monotonic()) > 0:
        channel.settimeout(left)
        packet = channel.recv(2048)
        if is_reply(packet, version, sequence, cookie):
            return time.monotonic() - began
    return None


def connect(address: str, port: int, timeout: float, refusal_counts: bool = False) -> float | None:
    """Return the seconds until a numeric address accepted a TCP connection, None if it did not.

    With `refusal_counts` a refusal (RST) is an answer, too: somebody is there.
    """
    began = time.monotonic()
    try:
        info = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
        family, kind, protocol, _, place = info[0]
        with socket.socket(family, kind, protocol) as channel:
            channel.settimeout(timeout)
            began = time.monotonic()
            channel.connect(place)
            return time.monotonic() - began
    except (OSError, UnicodeError) as error:
        refused = getattr(error, "errno", None) == errno.ECONNREFUSED
        return time.monotonic() - began if refused and refusal_counts else None
