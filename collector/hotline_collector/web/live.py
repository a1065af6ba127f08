"""Keeps a call's page up to date: server-sent events with the part of the page that changes.

The newest state wins: the next one is made only when the one before has been written to the browser, so that
a slow browser gets fewer and never delays anything. Format: HTML Living Standard §9.2 (server-sent events).
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable

from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from hotline_collector.api.agent_service import time_shows
from hotline_collector.api.news import until
from hotline_collector.api.open_streams import RETRY, OpenStreams, event
from hotline_collector.calls.desk import Desk
from hotline_collector.calls.errors import CallError
from hotline_collector.calls.runtime import CallRuntime, topic
from hotline_collector.errors import Busy
from hotline_collector.security.browsers import Browsers
from hotline_collector.web.calls import CALLS
from hotline_collector.web.guard import Guard, Visit
from hotline_collector.web.streams import GONE, IN_ALL, OVER, PER_SESSION, STILL_HERE, TOO_MANY, Sitting
from hotline_collector.web.turns import Turns

_BETWEEN_S = 0.25
_SOON_S = 2.0
# So often is only the strip sent before everything is sent again, because times on the page are old.
_STRIPS = 7

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
        self._open = OpenStreams(PER_SESSION, IN_ALL)
        self._turns = Turns()
        # Versions begin anew with the collector, so that they only mean something together with this.
        self._run = secrets.token_hex(4)

    def routes(self) -> list[Route]:
        """Return the route."""
        return [self._guard.get(f"{CALLS}/{{call_id}}/events", self._watch, "WatchCall")]

    @property
    def open(self) -> int:
        """How many pages are kept up to date right now."""
        return self._open.total

    def hang_up(self) -> None:
        """End every stream because the collector stops; browsers come back by themselves."""
        self._open.stop.set()

    async def _watch(self, visit: Visit) -> Response:
        call = await self._desk.watched(visit.who, visit.request.path_params["call_id"])
        if self._open.full(visit.token):
            raise Busy(TOO_MANY)
        return StreamingResponse(self._events(visit, call), media_type="text/event-stream")

    async def _events(self, visit: Visit, call: CallRuntime) -> AsyncIterator[str]:
        stop = self._open.stop
        with self._open.held(visit.token):
            async with call.around.bus.subscribe(topic(call.row.id)) as news:
                sent = told = visit.request.headers.get("last-event-id", "")
                sitting = Sitting(self._browsers, visit)

                def has_news() -> bool:
                    return self._at(call) != told

                yield RETRY
                while not stop.is_set():
                    if await sitting.ended() or not self._may_see(visit, call):
                        yield GONE
                        return
                    if self._at(call) == sent:
                        yield STILL_HERE
                    else:
                        told, page = await self._turns.take(lambda: self._page(visit, call), has_news)
                        yield event(page, identity=told)
                    if call.row.state == "closed":
                        yield OVER
                        return
                    # What only time changes, such as a countdown, is sent again without a new version.
                    sent, shown = "", call.trends.number
                    await until(asyncio.sleep(_BETWEEN_S), None, stop)
                    for _ in range(1 if time_shows(call) else _STRIPS):
                        if await until(news.next(), _SOON_S, stop):
                            sent = told
                            break
                        if call.trends.number != shown:
                            shown = call.trends.number
                            strip = await self._turns.take(lambda: self._strip(visit, call), has_news)
                            yield event(strip, kind="strip")

    def _may_see(self, visit: Visit, call: CallRuntime) -> bool:
        """Tell whether the hour goes on for which another agent's call was opened."""
        try:
            self._desk.looks.admit(visit.who, call.row)
        except CallError:
            return False
        return True

    def _page(self, visit: Visit, call: CallRuntime) -> tuple[str, str]:
        """Return the newest version and its page."""
        return self._at(call), self._fragment(visit, call)

    def _at(self, call: CallRuntime) -> str:
        return f"{self._run}-{call.version}"
