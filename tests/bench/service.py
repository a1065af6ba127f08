"""A local service that can be started and stopped at will, for faults that are real."""

from __future__ import annotations

import contextlib
import random
import socket
import threading

# Below the ports that Linux gives to outgoing connections, so that nobody takes it while it is closed.
_PORTS = range(20_000, 30_000)


class Service:
    """Accepts connections on one port of loopback while it is open, and ends each at once."""

    def __init__(self, seed: int) -> None:
        self._socket: socket.socket | None = None
        self._thread: threading.Thread | None = None
        self.port = _free_port(random.Random(seed))

    def __enter__(self) -> Service:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def place(self) -> str:
        """Where it listens, as a check names it."""
        return f"127.0.0.1:{self.port}"

    def open(self) -> None:
        """Listen."""
        listener = socket.create_server(("127.0.0.1", self.port))
        self._socket = listener
        self._thread = threading.Thread(target=_accept, args=(listener,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Listen no more: connections are refused from now on."""
        if self._socket is None or self._thread is None:
            return
        # Closing alone would leave the port open until the thread's accept(2) returns.
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._socket.close()
        self._socket = self._thread = None


def _accept(listener: socket.socket) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        connection.close()


def _free_port(chance: random.Random) -> int:
    while True:
        port = chance.choice(_PORTS)
        try:
            socket.create_server(("127.0.0.1", port)).close()
        except OSError:
            continue
        return port
