"""What lies below a connection: a socket that takes no more than its user asked for."""

from __future__ import annotations

import socket
import threading
import time

import paramiko

# Before anybody is logged in a handshake has some kilobytes; whoever sends more is no machine to be read.
_MAX_GREETING = 256 * 1024
# What may come without being asked for: answers to signs of life, new keys.
_UNASKED = 1024 * 1024
_MOST = 32 * 1024 * 1024


class Wire:
    """A socket that gives up on whoever sends too much, or takes too long before the login is done.

    paramiko waits for a line or a packet as long as bytes come in, and keeps what a machine sends beyond the
    window that it was given (RFC 4254, section 5.2) until memory is full.
    """

    def __init__(self, plain: socket.socket, until: float) -> None:
        self._plain = plain
        self._until: float | None = until
        self._left = _MAX_GREETING
        self._counting = threading.Lock()

    def trusted(self, until: float) -> None:
        """Give a machine whose key is known its time to log somebody in."""
        self._until = until
        self._left = _MAX_GREETING

    def open(self) -> None:
        """Let time pass from now on: commands have limits of their own."""
        self._until = None
        self._left = _UNASKED

    def allow(self, size: int) -> None:
        """Let so many bytes more come in."""
        with self._counting:
            self._left = min(self._left + size, _MOST)

    def recv(self, size: int) -> bytes:
        """Return what has come in."""
        if self._until is not None and time.monotonic() > self._until:
            raise EOFError
        data = self._plain.recv(size)
        with self._counting:
            self._left -= len(data)
            if self._left < 0:
                raise EOFError
        return data

    def send(self, data: bytes) -> int:
        """Send some bytes and return how many."""
        return self._plain.send(data)

    def settimeout(self, seconds: float | None) -> None:
        """Bound how long one read or write waits."""
        self._plain.settimeout(seconds)

    @property
    def _closed(self) -> bool:
        # What paramiko looks at while it ends.
        return self._plain.fileno() < 0

    def getpeername(self) -> object:
        """Return the other side's address."""
        return self._plain.getpeername()

    def close(self) -> None:
        """Hang up."""
        self._plain.close()


def allow(transport: paramiko.Transport, size: int) -> None:
    """Let so many bytes more come in over a connection of `connect`."""
    wire: object = transport.sock
    if isinstance(wire, Wire):
        wire.allow(size)
