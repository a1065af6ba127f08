"""Shares the processor between pages that keep themselves up to date and everything else.

Making a page takes longer than taking what a probe says. With very many open pages the loop would do nothing
else; so they are made one at a time, and after each the loop is left alone for as long as it took.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

_MAX_REST_S = 0.1
Made = TypeVar("Made")


def _no_news() -> bool:
    return False


@dataclass(frozen=True, slots=True, eq=False)
class _Place:
    """Somebody who waits, and whether their page has news by now."""

    turn: asyncio.Future[None]
    news: Callable[[], bool]


class Turns:
    """Lets one page be made at a time: those with news first, the others as they were asked for."""

    def __init__(self) -> None:
        self._taken = False
        self._waiting: list[_Place] = []
        self._free_at = 0.0

    async def take(self, make: Callable[[], Made], news: Callable[[], bool] = _no_news) -> Made:
        """Return what `make` makes once it has its turn: as things stand then, not when it was asked for.

        `news` is asked each time a turn is given away, for news may come while a page waits.
        """
        await self._turn(news)
        try:
            if (rest := self._free_at - time.monotonic()) > 0:
                await asyncio.sleep(rest)
            begin = time.monotonic()
            made = make()
            end = time.monotonic()
            self._free_at = end + min(end - begin, _MAX_REST_S)
            return made
        finally:
            self._pass_on()

    async def _turn(self, news: Callable[[], bool]) -> None:
        if not self._taken:
            self._taken = True
            return
        place = _Place(asyncio.get_running_loop().create_future(), news)
        self._waiting.append(place)
        try:
            await place.turn
        except asyncio.CancelledError:
            if place in self._waiting:
                self._waiting.remove(place)
            else:  # its turn had come at the same moment
                self._pass_on()
            raise

    def _pass_on(self) -> None:
        if not self._waiting:
            self._taken = False
            return
        place = next((place for place in self._waiting if place.news()), self._waiting[0])
        self._waiting.remove(place)
        if not place.turn.done():
            place.turn.set_result(None)
