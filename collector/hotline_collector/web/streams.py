"""Server-sent events to browsers: bounded in number, ended when the collector stops; the newest state wins.

What comes next is made only when the one before has been written to the browser, so that a slow browser gets
fewer and never delays anything. Format: HTML Living Standard §9.2 (server-sent events).
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable

from starlette.responses import StreamingResponse

from hotline_collector.calls.ports import Bus
from hotline_collector.errors import Busy
from hotline_collector.security.browsers import Browsers
from hotline_collector.web.guard import Visit

_PER_SESSION = 8
_IN_ALL = 500


class TextStreams:
    """Sends a part of a page again whenever it reads differently.

    After a change the next is sent `between` seconds later at the earliest, so that many changes at once are
    one; without one it is looked again after `refresh` seconds, for what only time changes.
    """

    def __init__(self, bus: Bus, browsers: Browsers, *, between: float, refresh: float) -> None:
        self._bus = bus
        self._browsers = browsers
        self._between = between
        self._refresh = refresh
        self._open: Counter[str] = Counter()
        self._stop = asyncio.Event()

    def hang_up(self) -> None:
        """End every stream because the collector stops; browsers come back by themselves."""
        self._stop.set()

    def open(self, visit: Visit, topic: str, text: Callable[[], str]) -> StreamingResponse:
        """Return the stream of a text that may change with a topic of the bus.

        Raises:
            Busy: too many are open, of this session or in all.
        """
        if self._open[visit.token] >= _PER_SESSION or self._open.total() >= _IN_ALL:
            raise Busy("too many live pages are open already")
        return StreamingResponse(self._events(visit, topic, text), media_type="text/event-stream")

    async def _events(self, visit: Visit, topic: str, text: Callable[[], str]) -> AsyncIterator[str]:
        self._open[visit.token] += 1
        try:
            async with self._bus.subscribe(topic) as news:
                sent = visit.request.headers.get("last-event-id", "")
                yield "retry: 2000\n\n"
                while not self._stop.is_set():
                    if await self._browsers.find(visit.token, active=False) is None:
                        yield "event: gone\ndata: \n\n"
                        return
                    now = text()
                    identity = hashlib.sha256(now.encode()).hexdigest()[:16]
                    yield _event(identity, now) if identity != sent else ": still here\n\n"
                    sent = identity
                    await self._pause(asyncio.sleep(self._between), self._between + 1)
                    await self._pause(news.next(), self._refresh)
        finally:
            self._open[visit.token] -= 1
            self._open += Counter()

    async def _pause(self, waiting: Awaitable[None], seconds: float) -> None:
        """Wait for something, for the end of the collector, or for some seconds."""
        tasks = {asyncio.ensure_future(waiting), asyncio.ensure_future(self._stop.wait())}
        try:
            await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()


def _event(identity: str, text: str) -> str:
    lines = "".join(f"data: {line}\n" for line in text.splitlines())
    return f"id: {identity}\n{lines}\n"
