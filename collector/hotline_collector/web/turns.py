"""Shares the processor between pages that keep themselves up to date and everything else.

Making a page takes longer than taking what a probe says. With very many open pages the loop would do nothing
else; so they are made one at a time, and after each the loop is left alone for as long as it took.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count
from typing import TypeVar

_MAX_REST_S = 0.1
Made = TypeVar("Made")


class Turns:
    """Lets one page be made at a time: those with news first, the others as they were asked for."""

    def __init__(self) -> None:
        self._taken = False
        self._waiting: list[tuple[bool, int, asyncio.Future[None]]] = []
        self._numbers = count()
        self._free_at = 0.0

    async def take(self, make: Callable[[], Made], *, news: bool = False) -> Made:
        """Return what `make` makes once it has its turn: as things stand then, not when it was asked for."""
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

    async def _turn(self, news: bool) -> None:
        if not self._taken:
            self._taken = True
            return
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heappush(self._waiting, (not news, next(self._numbers), place))
        try:
            await place
        except asyncio.CancelledError:
            if not place.cancelled():  # its turn had come at the same moment
                self._pass_on()
            raise

    def _pass_on(self) -> None:
        while self._waiting:
            *_, place = heappop(self._waiting)
            if not place.done():
                place.set_result(None)
                return
        self._taken = False
