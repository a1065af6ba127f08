"""A time server whose time may be another one (RFC 5905)."""

from __future__ import annotations

import asyncio
import socket
import struct
import time
from typing import cast

# Seconds from 1900, where NTP begins, to 1970.
_EPOCH = 2_208_988_800
_HEAD = struct.pack("!4B2I4s", 0x24, 1, 6, 0xEC, 0, 0, b"GPS\0")


class TimeServer(asyncio.DatagramProtocol):
    """Tells the time plus `ahead` seconds; with `silent` it tells nothing."""

    def __init__(self) -> None:
        self.ahead = 0.0
        self.silent = False
        self._transport: asyncio.DatagramTransport | None = None

    async def serve(self, channel: socket.socket) -> None:
        """Answer on a bound socket."""
        channel.setblocking(False)
        await asyncio.get_running_loop().create_datagram_endpoint(lambda: self, sock=channel)

    async def close(self) -> None:
        """Close the port."""
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way to answer."""
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Answer with the client's own stamp as origin."""
        if self.silent or self._transport is None or len(data) < 48:
            return
        now = _stamp(time.time() + self.ahead)
        self._transport.sendto(_HEAD + now + data[40:48] + now + now, addr)


def _stamp(seconds: float) -> bytes:
    whole, part = divmod(seconds + _EPOCH, 1)
    return struct.pack("!2I", int(whole), int(part * 2**32))
