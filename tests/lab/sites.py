"""Services of the internet, and of the customer's own machine, that can be broken and healed."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import struct
from collections.abc import Callable
from typing import Literal

Behaviour = Literal["serve", "reset", "hang", "greet"]
_RESET = struct.pack("ii", 1, 0)


class Site:
    """One port: a web server by default.

    `status` and `delay` (s) are those of its answers; `reset` ends each connection at once with a RST, `hang`
    accepts and says nothing, `greet` speaks first, as mail servers do.
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
        self.delay = 0.0
        self._server: asyncio.Server | None = None

    async def open(self) -> None:
        """Listen."""
        if self._server is None:
            self._server = await asyncio.start_server(self._serve, sock=self._listen())

    async def close(self) -> None:
        """Listen no more: connections are refused from now on."""
        if self._server is not None:
            self._server.close()
            self._server = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            if self.behaviour == "reset":
                _reset(writer)
            elif self.behaviour == "hang":
                await reader.read()
            else:
                if self.context is not None:
                    await writer.start_tls(self.context, ssl_handshake_timeout=10)
                await self._answer(reader, writer)
        writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.behaviour == "greet":
            writer.write(b"* OK ready\r\n")
            await writer.drain()
            await reader.read(64)
            return
        await reader.readuntil(b"\r\n\r\n")
        await asyncio.sleep(self.delay)
        place = "Location: https://portal.example.net/\r\n" if 300 <= self.status < 400 else ""
        writer.write(f"HTTP/1.1 {self.status} Lab\r\n{place}Content-Length: 0\r\n\r\n".encode())
        await writer.drain()


def _reset(writer: asyncio.StreamWriter) -> None:
    plain = writer.get_extra_info("socket")
    plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
