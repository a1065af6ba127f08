"""A client of the Simple Network Time Protocol, version 4 (RFC 4330; checks of RFC 5905)."""

from __future__ import annotations

import secrets
import socket
import struct
import threading
import time
from dataclasses import dataclass

from hotline_probe.errors import SourceFailed

PORT = 123
# Seconds from 1900 to 1970, and the length of an era; timestamps without the top bit belong to the era
# that begins in 2036 (RFC 4330, section 3).
_UNIX = 2_208_988_800
_ERA = 2**32
_PACKET = struct.Struct("!BBbb II4s QQQQ")
_CLIENT = 4 << 3 | 3
_SERVER_MODES = {4}
_UNSYNCHRONISED = 3
# RFC 5905 section 11.1: a server farther than this from the true time (MAXDIST) is of no use.
MAX_DISTANCE = 1.5


class KissOfDeath(SourceFailed):
    """The server does not want to be asked again (RFC 4330, section 8)."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said: when it got the question and sent the answer, in seconds since 1970."""

    received: float
    sent: float
    root_distance: float


def parse_answer(packet: bytes, cookie: int) -> Answer:
    """Return the times in a server's packet: 48 bytes, fields as in RFC 4330 section 4.

    `cookie` is the random transmit timestamp of the question, which an answer must repeat.

    Raises:
        KissOfDeath: the server refuses service.
        SourceFailed: it is no answer to this question, or the server does not know the time itself.
    """
    if len(packet) < _PACKET.size:
        raise SourceFailed(f"the time server's answer has {len(packet)} bytes instead of {_PACKET.size}")
    flags, stratum, _, _, delay, dispersion, name, _, originate, receive, transmit = _PACKET.unpack_from(
        packet
    )
    if originate != cookie or flags & 7 not in _SERVER_MODES:
        raise SourceFailed("the time server's answer does not belong to the question")
    if stratum == 0:
        raise KissOfDeath(f"the time server refuses: {name.decode('ascii', 'replace')!r}")
    if flags >> 6 == _UNSYNCHRONISED or stratum > 15 or not receive or not transmit:
        raise SourceFailed("the time server does not know the time itself")
    distance = (delay / 2 + dispersion) / 65536
    if distance > MAX_DISTANCE:
        raise SourceFailed(f"the time server's own clock may be {distance:.1f} s wrong")
    return Answer(to_unix(receive), to_unix(transmit), distance)


def to_unix(timestamp: int) -> float:
    """Return a 64 bit NTP timestamp in seconds since 1970.

    >>> to_unix(2_208_988_800 << 32), to_unix((1 << 32) // 2)
    (0.0, 2085978496.5)
    """
    seconds = timestamp / _ERA
    return seconds - _UNIX if timestamp >> 63 else seconds + _ERA - _UNIX


def split_server(text: str) -> tuple[str, int]:
    """Return host and port of "host", "host:port", "2001:db8::1" or "[2001:db8::1]:port".

    >>> split_server("ntp.example.org"), split_server("[::1]:1123"), split_server("2001:db8::1")
    (('ntp.example.org', 123), ('::1', 1123), ('2001:db8::1', 123))

    Raises:
        SourceFailed: the port is not a number from 1 to 65535.
    """
    host, colon, port = text.rpartition(":")
    if text.startswith("[") and text.endswith("]"):
        return text[1:-1], PORT
    if not colon or (":" in host and not host.endswith("]")):
        return text, PORT
    if not (port.isascii() and port.isdigit() and 0 < int(port[:6]) < 65536):
        raise SourceFailed(f"{text!r} is not the address of a time server")
    return host.strip("[]"), int(port)


def ask(server: str, timeout: float) -> float:
    """Return this computer's clock minus a server's, in seconds.

    The error is at most half of the way there and back. Takes at most twice `timeout`.

    Raises:
        KissOfDeath: the server does not want to be asked again.
        SourceFailed: it does not answer, or not sensibly.
    """
    host, port = split_server(server)
    try:
        family, kind, protocol, _, address = resolve(host, port, timeout)
        with socket.socket(family, kind, protocol) as channel:
            channel.settimeout(timeout)
            channel.connect(address)
            cookie = secrets.randbits(64) | 1
            began, wall = time.monotonic(), time.time()
            channel.send(_PACKET.pack(_CLIENT, 0, 0, 0, 0, 0, b"", 0, 0, 0, cookie))
            packet = channel.recv(512)
            way = time.monotonic() - began
    except (OSError, UnicodeError) as error:
        raise SourceFailed(f"the time server {server} does not answer: {error}") from error
    answer = parse_answer(packet, cookie)
    # RFC 4330 section 5; ours counted from the question on by a clock that nobody sets meanwhile.
    return -((answer.received - wall) + (answer.sent - (wall + way))) / 2


_Address = tuple[int, int, int, str, tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes]]


def resolve(host: str, port: int, timeout: float) -> _Address:
    """Return the first address of a name, giving up after `timeout` seconds.

    The system's resolver cannot be told to hurry, and with a dead name server it takes ten seconds; so it
    is asked by a thread that is left behind.

    Raises:
        OSError: the name has no address, or the resolver takes too long.
    """
    found: list[_Address] = []
    failed: list[OSError | UnicodeError] = []

    def look_up() -> None:
        try:
            found.extend(socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM))
        except (OSError, UnicodeError) as error:
            failed.append(error)

    thread = threading.Thread(target=look_up, name="clock-lookup", daemon=True)
    thread.start()
    thread.join(timeout)
    if found:
        return found[0]
    raise OSError(f"{host}: {failed[0]}" if failed else f"looking up {host} takes too long")
