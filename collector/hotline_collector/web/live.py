"""Keeps a call's page up to date: server-sent events with the part of the page that changes.

The newest state wins: the next one is made only when the one before has been written to the browser, so that
a slow browser gets fewer and never delays anything. Format: HTML Living Standard §9.2 (server-sent events).
"""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Callable

from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from hotline_collector.api.agent_service import time_shows
from hotline_collector.api.news import until
from hotline_collector.calls.desk import Desk
from hotline_collector.calls.runtime import CallRuntime, topic
from hotline_collector.errors import Busy
from hotline_collector.security.browsers import Browsers
from hotline_collector.web.calls import CALLS
from hotline_collector.web.guard import Guard, Visit
from hotline_collector.web.streams import Sitting
from hotline_collector.web.turns import Turns

_BETWEEN_S = 0.25
_SOON_S = 2.0
# So often is only the strip sent before everything is sent again, because times on the page are old.
_STRIPS = 7
_PER_SESSION = 8
_IN_ALL = 500

Fragment = Callable[[Visit, CallRuntime], str]


class LivePages:
    """Streams calls to browsers; `fragment` renders what changes, `strip` what is measured all the time."""

    def __init__(
        self, desk: Desk, browsers: Browsers, guard: Guard, fragment: Fragment, strip: Fragment
    ) -> None:
        self._desk = desk
        self._browsers = browsers
        self._guard = guard
        self._fragment = fragment
        self._strip = strip
        self._open: Counter[str] = Counter()
        self._turns = Turns()
        self._stop = asyncio.Event()
        # Versions begin anew with the collector, so that they only mean something together with this.
        self._run = secrets.token_hex(4)

    def routes(self) -> list[Route]:
        """Return the route."""
        return [self._guard.get(f"{CALLS}/{{call_id}}/events", self._watch, "WatchCall")]

    @property
    def open(self) -> int:
        """How many pages are kept up to date right now."""
        return self._open.total()

    def hang_up(self) -> None:
        """End every stream because the collector stops; browsers come back by themselves."""
        self._stop.set()

    async def _watch(self, visit: Visit) -> Response:
        call = await self._desk.watched(visit.who, visit.request.path_params["call_id"])
        if self._open[visit.token] >= _PER_SESSION or self._open.total() >= _IN_ALL:
            raise Busy("too many live pages are open already")
        return StreamingResponse(self._events(visit, call), media_type="text/event-stream")

    async def _events(self, visit: Visit, call: CallRuntime) -> AsyncIterator[str]:
        self._open[visit.token] += 1
        try:
            async with call.around.bus.subscribe(topic(call.row.id)) as news:
                sent = visit.request.headers.get("last-event-id", "")
                sitting = Sitting(self._browsers, visit.token)
                yield "retry: 2000\n\n"
                while not self._stop.is_set():
                    if await sitting.ended():
                        yield "event: gone\ndata: \n\n"
                        return
                    at = f"{self._run}-{call.version}"
                    if at == sent:
                        yield ": still here\n\n"
                    else:
                        at, page = await self._turns.take(lambda: self._page(visit, call))
                        yield _event(at, page)
                    if call.row.state == "closed":
                        yield "event: over\ndata: \n\n"
                        return
                    # What only time changes, such as a countdown, is sent again without a new version.
                    sent, shown = "", call.trends.number
                    await until(asyncio.sleep(_BETWEEN_S), None, self._stop)
                    for _ in range(1 if time_shows(call) else _STRIPS):
                        if await until(news.next(), _SOON_S, self._stop):
                            sent = at
                            break
                        if call.trends.number != shown:
                            shown = call.trends.number
                            strip = await self._turns.take(lambda: self._strip(visit, call))
                            yield _event("", strip, "strip")
        finally:
            self._open[visit.token] -= 1
            self._open += Counter()

    def _page(self, visit: Visit, call: CallRuntime) -> tuple[str, str]:
        """Return the newest version and its page."""
        return f"{self._run}-{call.version}", self._fragment(visit, call)


def _event(identity: str, text: str, kind: str = "") -> str:
    head = f"id: {identity}\n" if identity else f"event: {kind}\n"
    lines = "".join(f"data: {line}\n" for line in text.splitlines())
    return f"{head}{lines}\n"
