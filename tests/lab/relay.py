"""A way to the collector beside the customer's network, as a phone would be: for faults that cut the line.

A product that only worked while the network works would never see these faults. The relay listens on the
customer's loopback and connects from the collector's own namespace.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket

from tests.lab.namespaces import Namespace


class Relay:
    """Carries each connection to `port` of the customer's loopback to an address of the collector."""

    def __init__(self, ns: Namespace, port: int, to: tuple[str, int]) -> None:
        self._ns, self._port, self._to = ns, port, to
        self._server: asyncio.Server | None = None

    async def open(self) -> None:
        """Begin to listen."""
        listener = self._ns.socket(socket.SOCK_STREAM, "127.0.0.1", self._port)
        listener.listen(8)
        self._server = await asyncio.start_server(self._carry, sock=listener)

    async def close(self) -> None:
        """Listen no more."""
        if self._server is not None:
            self._server.close()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection(*self._to)
        except OSError:
            writer.close()
            return
        await asyncio.gather(_copy(reader, far_writer), _copy(far_reader, writer))


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()
