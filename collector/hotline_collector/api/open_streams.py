"""What all server-sent events share: how many streams may be open, their end, and how an event is written.

Format: HTML Living Standard §9.2 (server-sent events).
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

RETRY = "retry: 2000\n\n"


class OpenStreams:
    """Counts open streams, so many of each owner and in all; `stop` is set when they shall end."""

    def __init__(self, of_each: int, in_all: int) -> None:
        self._of_each = of_each
        self._in_all = in_all
        self._open: Counter[str] = Counter()
        self.stop = asyncio.Event()

    @property
    def total(self) -> int:
        """How many are open."""
        return self._open.total()

    def full(self, owner: str) -> bool:
        """Tell whether an owner may open no more."""
        return self._open[owner] >= self._of_each or self.total >= self._in_all

    @contextmanager
    def held(self, owner: str) -> Iterator[None]:
        """Count one as open."""
        self._open[owner] += 1
        try:
            yield
        finally:
            self._open[owner] -= 1
            # Leaves out owners who have none any more.
            self._open += Counter()


def event(text: str, *, identity: str = "", kind: str = "") -> str:
    """Return an event with some lines of text, an id to resume from and a kind of its own, if it has them."""
    head = (f"id: {identity}\n" if identity else "") + (f"event: {kind}\n" if kind else "")
    return head + "".join(f"data: {line}\n" for line in text.splitlines()) + "\n"
