"""The bus inside one process: wakes listeners, carries nothing, never grows."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class LocalSubscription:
    """Hears of one topic; what comes while nobody waits is merged into one."""

    __slots__ = ("_event",)

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def wake(self) -> None:
        """Note that something changed."""
        self._event.set()

    async def next(self) -> None:
        """Return at the next message, at once if one came since the last call."""
        await self._event.wait()
        self._event.clear()


class LocalBus:
    """Topics and their listeners in this process; to be used from its event loop only."""

    def __init__(self) -> None:
        self._listeners: dict[str, set[LocalSubscription]] = {}

    def publish(self, topic: str) -> None:
        """Wake everyone who listens to a topic; never blocks."""
        for listener in self._listeners.get(topic, ()):
            listener.wake()

    @asynccontextmanager
    async def subscribe(self, topic: str) -> AsyncIterator[LocalSubscription]:
        """Listen to a topic while the context is open."""
        listener = LocalSubscription()
        self._listeners.setdefault(topic, set()).add(listener)
        try:
            yield listener
        finally:
            left = self._listeners[topic]
            left.discard(listener)
            if not left:
                del self._listeners[topic]
