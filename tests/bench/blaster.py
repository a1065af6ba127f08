"""A bounded HTTP/2 load generator that replays prebuilt gRPC messages from raw sockets.

It costs about a microsecond a message, so that the server is what is measured. It keeps to flow control and
acknowledges SETTINGS and PING (RFC 9113), sends literal headers only (RFC 7541 §6.2.2), talks to loopback
only and ends by itself.
"""

from __future__ import annotations

import base64
import selectors
import socket
import struct
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, SETTINGS, PING, GOAWAY, WINDOW_UPDATE = 0, 1, 4, 6, 7, 8
_INITIAL_WINDOW = 0x4
_BIG = 2**30
_MAX_DATA = 16384
_CHUNK = 256 * 1024


def frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    """Return one HTTP/2 frame."""
    return struct.pack(">I", len(payload))[1:] + bytes((kind, flags)) + struct.pack(">I", stream) + payload


def headers(path: str, token: bytes) -> bytes:
    """Return a header block of literals for a gRPC call."""
    pairs = [
        (b":method", b"POST"),
        (b":scheme", b"http"),
        (b":path", path.encode()),
        (b":authority", b"localhost"),
        (b"content-type", b"application/grpc"),
        (b"te", b"trailers"),
        (b"hotline-token-bin", base64.b64encode(token).rstrip(b"=")),
    ]
    return b"".join(b"\0" + _text(name) + _text(value) for name, value in pairs)


def _text(raw: bytes) -> bytes:
    if len(raw) < 127:
        return bytes((len(raw),)) + raw
    rest = len(raw) - 127
    out = b"\x7f"
    while rest >= 128:
        out += bytes((rest % 128 + 128,))
        rest //= 128
    return out + bytes((rest,)) + raw


@dataclass(slots=True)
class Stream:
    """One call: its messages as DATA frames, and how far they are sent."""

    number: int
    messages: Sequence[bytes]
    position: int = 0
    window: int = 65535


@dataclass(slots=True)
class Connection:
    """One socket with some streams."""

    sock: socket.socket
    streams: dict[int, Stream] = field(default_factory=dict)
    window: int = 65535
    out: bytearray = field(default_factory=bytearray)
    received: bytearray = field(default_factory=bytearray)
    refused: str = ""


class Blaster:
    """Opens connections, each with some calls, and replays messages on them.

    `calls` holds for every call its token and its messages; they are spread over `connections` sockets.
    """

    def __init__(
        self, port: int, path: str, calls: Sequence[tuple[bytes, Sequence[bytes]]], connections: int
    ) -> None:
        self._selector = selectors.DefaultSelector()
        self._connections: list[Connection] = []
        self._port = port
        for index in range(connections):
            self._open(path, calls[index::connections])

    @property
    def refused(self) -> list[str]:
        """What went wrong on connections, empty if nothing did."""
        return [connection.refused for connection in self._connections if connection.refused]

    def _open(self, path: str, calls: Sequence[tuple[bytes, Sequence[bytes]]]) -> None:
        sock = socket.create_connection(("127.0.0.1", self._port), timeout=10)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = Connection(sock)
        connection.out += PREFACE + frame(SETTINGS, 0, 0, struct.pack(">HI", _INITIAL_WINDOW, _BIG))
        connection.out += frame(WINDOW_UPDATE, 0, 0, struct.pack(">I", _BIG))
        for index, (token, messages) in enumerate(calls):
            number = 2 * index + 1
            connection.out += frame(HEADERS, 4, number, headers(path, token))
            connection.streams[number] = Stream(number, [_message(number, raw) for raw in messages])
        sock.setblocking(False)
        self._selector.register(sock, selectors.EVENT_READ, connection)
        self._connections.append(connection)

    def flat_out(self, deadline: float) -> int:
        """Send everything as fast as flow control allows; return how many messages were sent."""
        sent = 0
        while time.monotonic() < deadline:
            busy = False
            for connection in self._connections:
                for stream in connection.streams.values():
                    sent += self._fill(connection, stream)
                    busy = busy or stream.position < len(stream.messages)
                self._flush(connection)
                busy = busy or bool(connection.out)
            self._read(0.0005)
            if not busy:
                break
        return sent

    def paced(self, rate: float, deadline: float) -> int:
        """Send one message at a time, `rate` a second in all, going round the calls."""
        calls = [(c, s) for c in self._connections for s in c.streams.values()]
        total = sum(len(stream.messages) for _, stream in calls)
        start = time.monotonic()
        sent = 0
        while sent < total and time.monotonic() < deadline:
            due = min(total, int((time.monotonic() - start) * rate))
            while sent < due:
                connection, stream = calls[sent % len(calls)]
                if stream.position >= len(stream.messages):
                    return sent
                message = stream.messages[stream.position]
                stream.position += 1
                stream.window -= len(message) - 9
                connection.window -= len(message) - 9
                connection.out += message
                self._flush(connection)
                sent += 1
            self._read(0.0005)
        return sent

    def send(self, call: int, raw: bytes) -> None:
        """Send one message on a call, by the order in which the calls were made."""
        count = len(self._connections)
        connection = self._connections[call % count]
        stream = connection.streams[2 * (call // count) + 1]
        message = _message(stream.number, raw)
        stream.window -= len(message) - 9
        connection.window -= len(message) - 9
        connection.out += message
        self._flush(connection)

    def load(self, messages: Sequence[Sequence[bytes]]) -> None:
        """Give every call, in the order in which they were made, its next messages."""
        streams = [connection.streams for connection in self._connections]
        count = len(streams)
        for index, items in enumerate(messages):
            stream = streams[index % count][2 * (index // count) + 1]
            stream.messages = [_message(stream.number, raw) for raw in items]
            stream.position = 0

    def drain(self, seconds: float) -> None:
        """Go on reading and acknowledging for a while."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for connection in self._connections:
                self._flush(connection)
            self._read(0.005)

    def close(self) -> None:
        """Close every socket."""
        for connection in self._connections:
            connection.sock.close()
        self._selector.close()

    def _fill(self, connection: Connection, stream: Stream) -> int:
        sent = 0
        while stream.position < len(stream.messages) and len(connection.out) < _CHUNK:
            message = stream.messages[stream.position]
            size = len(message) - 9
            if size > stream.window or size > connection.window:
                break
            connection.out += message
            stream.window -= size
            connection.window -= size
            stream.position += 1
            sent += 1
        return sent

    def _flush(self, connection: Connection) -> None:
        if not connection.out or connection.refused:
            return
        try:
            count = connection.sock.send(connection.out)
        except BlockingIOError:
            return
        except OSError as error:
            connection.refused = f"send: {error}"
            connection.out.clear()
            return
        del connection.out[:count]

    def _read(self, timeout: float) -> None:
        for key, _ in self._selector.select(timeout):
            connection: Connection = key.data
            try:
                chunk = connection.sock.recv(_CHUNK)
            except BlockingIOError:
                continue
            except OSError as error:
                chunk = b""
                connection.refused = connection.refused or f"recv: {error}"
            if not chunk:
                connection.refused = connection.refused or "closed by the server"
                self._selector.unregister(connection.sock)
                continue
            connection.received += chunk
            self._parse(connection)

    def _parse(self, connection: Connection) -> None:
        data = connection.received
        position = 0
        while position + 9 <= len(data):
            length = int.from_bytes(data[position : position + 3], "big")
            if position + 9 + length > len(data):
                break
            kind, flags = data[position + 3], data[position + 4]
            stream = int.from_bytes(data[position + 5 : position + 9], "big") & 0x7FFFFFFF
            self._handle(connection, kind, flags, stream, bytes(data[position + 9 : position + 9 + length]))
            position += 9 + length
        del data[:position]

    def _handle(self, connection: Connection, kind: int, flags: int, stream: int, payload: bytes) -> None:
        if kind == SETTINGS and not flags & 1:
            for offset in range(0, len(payload), 6):
                name, value = struct.unpack_from(">HI", payload, offset)
                if name == _INITIAL_WINDOW:
                    for item in connection.streams.values():
                        item.window += value - 65535
            connection.out += frame(SETTINGS, 1, 0, b"")
        elif kind == PING and not flags & 1:
            connection.out += frame(PING, 1, 0, payload)
        elif kind == WINDOW_UPDATE:
            increment = int.from_bytes(payload, "big")
            if not stream:
                connection.window += increment
            elif stream in connection.streams:
                connection.streams[stream].window += increment
        elif kind == GOAWAY:
            connection.refused = f"GOAWAY {payload[8:].decode(errors='replace')}"
        elif kind == HEADERS and flags & 1:
            connection.refused = connection.refused or "the server ended a call"


def _message(stream: int, raw: bytes) -> bytes:
    body = b"\0" + struct.pack(">I", len(raw)) + raw
    if len(body) > _MAX_DATA:
        raise ValueError("a message does not fit into one DATA frame")
    return frame(DATA, 0, stream, body)
