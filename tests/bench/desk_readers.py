"""Open desks without browsers: raw sockets that read server-sent events and note when a fact is in one."""

from __future__ import annotations

import selectors
import socket
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

_CHUNK = 256 * 1024
_SMALL = 4096


@dataclass(slots=True)
class Awaited:
    """A fact on its way: what it looks like in a page, when it was sent and when it came (monotonic s)."""

    marker: bytes
    sent: float
    came: float = 0.0


@dataclass(slots=True)
class Reader:
    """One open desk."""

    sock: socket.socket
    awaited: list[Awaited] = field(default_factory=list)
    buffer: bytearray = field(default_factory=bytearray)
    events: int = 0
    size: int = 0


def open_desk(port: int, session: str, call: str, *, reads: bool = True) -> socket.socket:
    """Ask for the events of a call; one that never reads has a small buffer that is soon full."""
    sock = socket.socket()
    if not reads:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _SMALL)
    sock.connect(("127.0.0.1", port))
    lines = (
        f"GET /desk/calls/{call}/events HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        f"Cookie: hotline={session}",
    )
    sock.sendall("".join(f"{line}\r\n" for line in (*lines, "")).encode())
    return sock


class Readers:
    """Reads all desks in a thread of its own."""

    def __init__(self, port: int, sessions: Sequence[str], calls: Sequence[str]) -> None:
        self.desks = [Reader(open_desk(port, *pair)) for pair in zip(sessions, calls, strict=True)]
        self._selector = selectors.DefaultSelector()
        self._ended = threading.Event()
        self.closed = 0
        for desk in self.desks:
            desk.sock.setblocking(False)
            self._selector.register(desk.sock, selectors.EVENT_READ, desk)
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def expect(self, desk: int, marker: str) -> None:
        """Note that a fact is sent now."""
        self.desks[desk].awaited.append(Awaited(marker.encode(), time.monotonic()))

    def close(self) -> None:
        """Close all desks."""
        self._ended.set()
        self._thread.join()
        for desk in self.desks:
            desk.sock.close()
        self._selector.close()

    def _read(self) -> None:
        while not self._ended.is_set():
            for key, _ in self._selector.select(0.05):
                self._take(key.data)

    def _take(self, desk: Reader) -> None:
        chunk = desk.sock.recv(_CHUNK)
        if not chunk:
            self._selector.unregister(desk.sock)
            self.closed += 1
            return
        desk.size += len(chunk)
        desk.buffer += chunk
        end = desk.buffer.rfind(b"\n\n")
        if end < 0:
            return
        now, whole = time.monotonic(), bytes(desk.buffer[:end])
        del desk.buffer[:end]
        desk.events += whole.count(b"\nid: ") + whole.startswith(b"id: ")
        for each in desk.awaited:
            if not each.came and each.marker in whole:
                each.came = now


def latencies(desks: Sequence[Reader], since: float) -> tuple[list[float], int]:
    """Return the seconds that facts sent after a time took, and how many never came."""
    awaited = [each for desk in desks for each in desk.awaited if each.sent >= since]
    return [each.came - each.sent for each in awaited if each.came], sum(not each.came for each in awaited)


def painted(seen: Mapping[str, float], desk: Reader, wall: float) -> list[float]:
    """Return the seconds until facts were painted; `wall` is the epoch at the monotonic clock's zero."""
    return [
        at / 1000 - (each.sent + wall)
        for each in desk.awaited
        if (at := seen.get(each.marker.decode(), 0)) > 0
    ]
