"""Services of the internet, and of the customer's own machine, that can be broken and healed."""

from __future__ import annotations

import contextlib
import socket
import socketserver
import ssl
import struct
import threading
import time
from collections.abc import Callable
from typing import Literal

Behaviour = Literal["serve", "reset", "hang", "greet", "busy"]
_RESET = struct.pack("ii", 1, 0)
_PATIENCE = 10.0


class Site:
    """One port: a web server by default.

    `status`, `headers` and `delay` (s) are those of its answers; `reset` ends each connection at once with a
    RST, `hang` accepts and says nothing, `greet` speaks IMAP as far as a login, `busy` sends away.
    """

    def __init__(
        self,
        listen: Callable[[], socket.socket],
        context: ssl.SSLContext | None,
        behaviour: Behaviour = "serve",
    ) -> None:
        self._listen = listen
        self.context = context
        self.behaviour = behaviour
        self.status = 200
        self.headers = ""
        self.delay = 0.0
        self._server: socketserver.BaseServer | None = None

    def behave(self, behaviour: Behaviour) -> None:
        """Behave in another way from the next connection on."""
        self.behaviour = behaviour

    def open(self) -> None:
        """Listen."""
        if self._server is None:
            self._server = _Server(self._listen(), self._serve)
            threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        """Listen no more: connections are refused from now on."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def _serve(self, channel: socket.socket) -> None:
        channel.settimeout(_PATIENCE)
        with contextlib.suppress(OSError):
            if self.behaviour == "reset":
                channel.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            elif self.behaviour == "hang":
                channel.recv(1)
                time.sleep(_PATIENCE)
            elif self.context is None:
                self._answer(channel)
            else:
                with self.context.wrap_socket(channel, server_side=True) as secured:
                    self._answer(secured)

    def _answer(self, channel: socket.socket) -> None:
        if self.behaviour == "busy":
            channel.sendall(b"* BYE [UNAVAILABLE] later\r\n")
            return
        if self.behaviour == "greet":
            channel.sendall(b"* OK ready\r\n")
            tag = channel.recv(64).split(b" ")[0]
            channel.sendall(b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n" + tag + b" OK done\r\n")
            channel.recv(64)
            return
        asked = b""
        while b"\r\n\r\n" not in asked and (data := channel.recv(4096)):
            asked += data
        time.sleep(self.delay)
        head = f"HTTP/1.1 {self.status} Lab\r\n{self.headers}Content-Length: 0\r\n\r\n"
        channel.sendall(head.encode())


class _Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, listener: socket.socket, serve: Callable[[socket.socket], None]) -> None:
        super().__init__(listener.getsockname(), socketserver.BaseRequestHandler, bind_and_activate=False)
        self.socket.close()
        self.socket = listener
        self._serve = serve

    def finish_request(self, request: object, _client_address: object) -> None:
        """Serve one connection."""
        assert isinstance(request, socket.socket)
        self._serve(request)

    def shutdown_request(self, request: object) -> None:
        """Close a connection; TLS has taken it over, if there is any."""
        assert isinstance(request, socket.socket)
        request.close()

    def handle_error(self, _request: object, _client_address: object) -> None:
        """Connections that probes break off are everyday; nobody needs to read of them."""
