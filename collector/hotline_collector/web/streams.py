"""Server-sent events to browsers: bounded in number, ended when the collector stops; the newest state wins.

What comes next is made only when the one before has been written to the browser, so that a slow browser gets
fewer and never delays anything. Format: HTML Living Standard §9.2 (server-sent events).
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Hashable
from dataclasses import dataclass

from starlette.responses import StreamingResponse

from hotline_collector.api.news import until
from hotline_collector.api.open_streams import RETRY, OpenStreams, event
from hotline_collector.calls.ports import Bus
from hotline_collector.errors import Busy
from hotline_collector.security.browsers import Browsers
from hotline_collector.web.guard import Visit

PER_SESSION = 8
IN_ALL = 500
TOO_MANY = "too many live pages are open already"
STILL_HERE = ": still here\n\n"
# An event without data is none at all for a browser.
GONE, OVER = "event: gone\ndata: \n\n", "event: over\ndata: \n\n"
_KEPT = 50
# A session that ends elsewhere – by time, by a new password – is noticed so soon.
_ASK_AGAIN_S = 10.0


class Sitting:
    """Tells whether the session behind a stream goes on, with the role that its pages were made for.

    The store is not asked for every event, for that would cost as much as the event itself.
    """

    def __init__(self, browsers: Browsers, visit: Visit) -> None:
        self._browsers = browsers
        self._token = visit.token
        self._role = visit.who.role
        self._endings = -1
        self._asked = 0.0

    async def ended(self) -> bool:
        """Return whether it has ended, by what the store said in the last ten seconds."""
        now, endings = asyncio.get_running_loop().time(), self._browsers.endings
        if endings == self._endings and now - self._asked < _ASK_AGAIN_S:
            return False
        self._endings, self._asked = endings, now
        user = await self._browsers.find(self._token, active=False)
        return user is None or user.role != self._role


@dataclass(frozen=True, slots=True)
class _Made:
    text: str
    stamp: Hashable
    at: float


class SharedTexts:
    """Texts that many browsers show, each made at most once in `least` seconds, however many ask.

    A stamp tells apart what a text would be made of; `now` returns the time in seconds.
    """

    def __init__(self, least: float, now: Callable[[], float]) -> None:
        self._least = least
        self._now = now
        self._made: dict[str, _Made] = {}

    def get(self, key: str, stamp: Hashable, make: Callable[[], str]) -> Shown:
        """Return the text of a key; `make` makes it anew if the stamp is another one."""
        made, now = self._made.get(key), self._now()
        if made is None or (made.stamp != stamp and now >= made.at + self._least):
            self._made.pop(key, None)
            made = self._made[key] = _Made(make(), stamp, now)
            if len(self._made) > _KEPT:
                del self._made[next(iter(self._made))]
        return Shown(made.text, made.stamp == stamp)


@dataclass(frozen=True, slots=True)
class Shown:
    """A text, and whether it is the newest; if not, it is to be asked for again soon."""

    text: str
    newest: bool = True


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
        self._open = OpenStreams(PER_SESSION, IN_ALL)

    def hang_up(self) -> None:
        """End every stream because the collector stops; browsers come back by themselves."""
        self._open.stop.set()

    def open(self, visit: Visit, topic: str, text: Callable[[], Shown]) -> StreamingResponse:
        """Return the stream of a text that may change with a topic of the bus.

        Raises:
            Busy: too many are open, of this session or in all.
        """
        if self._open.full(visit.token):
            raise Busy(TOO_MANY)
        return StreamingResponse(self._events(visit, topic, text), media_type="text/event-stream")

    async def _events(self, visit: Visit, topic: str, text: Callable[[], Shown]) -> AsyncIterator[str]:
        stop = self._open.stop
        with self._open.held(visit.token):
            async with self._bus.subscribe(topic) as news:
                sent = visit.request.headers.get("last-event-id", "")
                sitting = Sitting(self._browsers, visit)
                yield RETRY
                while not stop.is_set():
                    if await sitting.ended():
                        yield GONE
                        return
                    shown = text()
                    identity = hashlib.sha256(shown.text.encode()).hexdigest()[:16]
                    yield event(shown.text, identity=identity) if identity != sent else STILL_HERE
                    sent = identity
                    await until(asyncio.sleep(self._between), None, stop)
                    if shown.newest:
                        await until(news.next(), self._refresh, stop)
