"""A cable with a delay: carries every packet between two interfaces after a while.

This kernel need not have netem: two packet sockets and a timer do. The header that the kernel puts before
each packet (PACKET_VNET_HDR, packet(7)) keeps what is not computed yet, checksums and segments, as it is.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket

from tests.lab.namespaces import Namespace, inside

_SOL_PACKET, _VNET_HDR, _OUTGOING = 263, 15, 4
_ALL = 0x0003
_MAX = 70_000


class Wire:
    """Joins two interfaces of a namespace; `delay` and `jitter` are in seconds, each way."""

    def __init__(self, ns: Namespace, ends: tuple[str, str]) -> None:
        self.delay = 0.0
        self.jitter = 0.0
        self._chance = random.Random(1)
        self._sockets = [_packet_socket(ns, end) for end in ends]

    async def open(self) -> None:
        """Begin to carry."""
        loop = asyncio.get_running_loop()
        first, second = self._sockets
        loop.add_reader(first, self._carry, first, second)
        loop.add_reader(second, self._carry, second, first)

    async def close(self) -> None:
        """Cut it."""
        loop = asyncio.get_running_loop()
        for end in self._sockets:
            loop.remove_reader(end)
            end.close()

    def _carry(self, end: socket.socket, other: socket.socket) -> None:
        with contextlib.suppress(BlockingIOError):
            while True:
                data, (_, _, kind, *_) = end.recvfrom(_MAX)
                if kind != _OUTGOING:
                    delay = self.delay + self._chance.uniform(0, self.jitter)
                    asyncio.get_running_loop().call_later(delay, _send, other, data)


def _send(end: socket.socket, data: bytes) -> None:
    with contextlib.suppress(OSError):  # cut meanwhile, or the interface is down
        end.send(data)


def _packet_socket(ns: Namespace, interface: str) -> socket.socket:
    with inside(ns.path):
        made = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_ALL))
    made.setsockopt(_SOL_PACKET, _VNET_HDR, 1)
    made.bind((interface, _ALL))
    made.setblocking(False)
    return made
