"""A name server that can answer, refuse, fail, lie, be slow or be silent (RFC 1035)."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import struct
from typing import Literal, cast

Mode = Literal["answer", "servfail", "refused", "silent", "wildcard"]
PORTAL = "203.0.113.66"
_HEADER = struct.Struct("!6H")
_A, _NS, _AAAA = 1, 2, 28
_NOERROR, _SERVFAIL, _NXDOMAIN, _REFUSED = 0, 2, 3, 5
# Response, recursion desired and available.
_FLAGS = 0x8180
_TTL = 1


class NameServer(asyncio.DatagramProtocol):
    """Answers from `records`, name to addresses; change `mode`, `delay` (s) or `records` at any time."""

    def __init__(self, records: dict[str, tuple[str, ...]]) -> None:
        self.records = records
        self.mode: Mode = "answer"
        self.delay = 0.0
        self._transport: asyncio.DatagramTransport | None = None

    async def serve(self, channel: socket.socket) -> None:
        """Answer on a bound socket."""
        loop = asyncio.get_running_loop()
        channel.setblocking(False)
        await loop.create_datagram_endpoint(lambda: self, sock=channel)

    async def close(self) -> None:
        """Close the port."""
        if self._transport is not None:
            self._transport.close()
            self._transport = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way to answer."""
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Answer a question."""
        if self.mode != "silent":
            answer = self.answer(data)
            asyncio.get_running_loop().call_later(self.delay, self._send, answer, addr)

    def _send(self, answer: bytes, addr: tuple[str, int]) -> None:
        if self._transport is not None:
            self._transport.sendto(answer, addr)

    def answer(self, query: bytes) -> bytes:
        """Return the answer to a query of one question."""
        name, end = _name(query, _HEADER.size)
        kind = int.from_bytes(query[end : end + 2], "big")
        code, found = self._look_up(name, kind)
        resources = b"".join(
            b"\xc0\x0c" + struct.pack("!2HIH", kind, 1, _TTL, len(data)) + data for data in found
        )
        head = _HEADER.pack(int.from_bytes(query[:2], "big"), _FLAGS | code, 1, len(found), 0, 0)
        return head + query[_HEADER.size : end + 4] + resources

    def _look_up(self, name: str, kind: int) -> tuple[int, list[bytes]]:
        if self.mode == "servfail":
            return _SERVFAIL, []
        if self.mode == "refused":
            return _REFUSED, []
        if name == "" and kind == _NS:
            return _NOERROR, [b"\x01a\x0croot-servers\x03net\x00"]
        texts = self.records.get(name)
        if texts is None and self.mode == "wildcard":
            texts = (PORTAL,)
        if texts is None:
            return _NXDOMAIN, []
        wanted = {_A: 4, _AAAA: 6}.get(kind)
        addresses = [ipaddress.ip_address(text) for text in texts]
        return _NOERROR, [address.packed for address in addresses if address.version == wanted]


def _name(query: bytes, at: int) -> tuple[str, int]:
    labels = []
    while query[at]:
        labels.append(query[at + 1 : at + 1 + query[at]].decode("ascii", "replace").lower())
        at += 1 + query[at]
    return ".".join(labels), at + 1
