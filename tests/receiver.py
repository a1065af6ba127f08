"""A real HTTP server that takes messages to a ticket system, and fails in every way when told to."""

from __future__ import annotations

import base64
import hashlib
import hmac
import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

KEY = bytes(range(32))
SECRET = "whsec_" + base64.b64encode(KEY).decode()


@dataclass(frozen=True, slots=True)
class Message:
    """One request: path, headers in lower case, body."""

    path: str
    headers: dict[str, str]
    body: bytes

    def is_genuine(self, key: bytes = KEY, tolerance_s: float = 300.0) -> bool:
        """Tell whether it is signed as docs/webhook.md says."""
        sent = self.headers["webhook-timestamp"]
        signed = b".".join((self.headers["webhook-id"].encode(), sent.encode(), self.body))
        right = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        return f"v1,{right}" in self.headers["webhook-signature"].split() and (
            abs(time.time() - int(sent)) < tolerance_s
        )


@dataclass
class Receiver:
    """Answers with `answers` in order, then with 204.

    An answer is a status, "drop" (the connection ends) or "hang" (nothing comes in time).
    """

    answers: list[int | str] = field(default_factory=list)
    port: int = 0
    tls: ssl.SSLContext | None = None
    got: list[Message] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._changed = threading.Condition()
        self._let_go = threading.Event()
        self._server: ThreadingHTTPServer | None = None

    def start(self) -> None:
        """Listen, on the same port as before if it has listened before."""
        handler = type("Handler", (_Handler,), {"receiver": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), handler)
        self._server.daemon_threads = True
        if self.tls is not None:
            self._server.socket = self.tls.wrap_socket(self._server.socket, server_side=True)
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        """Listen no more."""
        self._let_go.set()
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def take(self, message: Message) -> int | str:
        """Keep a message and return the answer to it."""
        with self._changed:
            self.got.append(message)
            self._changed.notify_all()
            return self.answers.pop(0) if self.answers else 204

    def hang(self) -> None:
        """Keep somebody waiting until the end."""
        self._let_go.wait(60)

    def wait(self, enough: Callable[[list[Message]], object], patience_s: float = 60.0) -> list[Message]:
        """Return what came as soon as it is enough."""
        with self._changed:
            assert self._changed.wait_for(lambda: enough(self.got), patience_s), self.got
            return list(self.got)


class _Handler(BaseHTTPRequestHandler):
    receiver: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", "0")))
        headers = {name.lower(): value for name, value in self.headers.items()}
        answer = self.receiver.take(Message(self.path, headers, body))
        if answer == "hang":
            self.receiver.hang()
        if isinstance(answer, str):
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self.send_response(answer)
        if 300 <= answer < 400:
            self.send_header("location", f"http://127.0.0.1:{self.receiver.port}/elsewhere")
        self.send_header("content-length", "0")
        self.end_headers()

    def do_GET(self) -> None:
        raise AssertionError("nobody asks for anything")

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""
