"""Frames are taken in rounds: what arrived on all connections is applied together, every 50 ms.

A fleet of probes sends one frame here and one there. Applied one by one, each finds the processor's caches
full of the transport's code and data; applied in a row, parsing and matching run warm. One timer serves all
connections, so a frame costs no task and no wake-up of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

ROUND_S = 0.05
# A backlog is applied at once when so many frames wait, so that it never piles up in memory.
_AT_ONCE = 64


class Inbox:
    """The frames of one connection that wait for the next round; `take` applies them in order."""

    __slots__ = ("_raws", "_rounds", "_take")

    def __init__(self, rounds: Rounds, take: Callable[[Sequence[bytes]], None]) -> None:
        self._rounds = rounds
        self._take = take
        self._raws: list[bytes] = []

    def add(self, raw: bytes) -> None:
        """Have a frame applied with the next round."""
        raws = self._raws
        raws.append(raw)
        if len(raws) == 1:
            self._rounds.expect(self)
        elif len(raws) >= _AT_ONCE:
            self.deliver()

    def deliver(self) -> None:
        """Apply what waits."""
        if self._raws:
            raws, self._raws = self._raws, []
            self._take(raws)


class Rounds:
    """Delivers the inboxes that hold something; to be used from one event loop."""

    def __init__(self, every: float = ROUND_S) -> None:
        self._every = every
        self._waiting: list[Inbox] = []
        self._timer: asyncio.TimerHandle | None = None

    def expect(self, inbox: Inbox) -> None:
        """Deliver an inbox with the next round."""
        self._waiting.append(inbox)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._every, self._go)

    def _go(self) -> None:
        self._timer = None
        waiting, self._waiting = self._waiting, []
        for inbox in waiting:
            inbox.deliver()
