"""Shares the processor between pages that keep themselves up to date and everything else.

Making a page takes longer than taking what a probe says. With very many open pages the loop would do nothing
else; so they are made one at a time, and after each the loop is left alone for as long as it took.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar

_MAX_REST_S = 0.1
Made = TypeVar("Made")


class Turns:
    """Lets one page be made at a time, in the order in which they were asked for."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._free_at = 0.0

    async def take(self, make: Callable[[], Made]) -> Made:
        """Return what `make` makes once it has its turn: as things stand then, not when it was asked for."""
        async with self._lock:
            if (rest := self._free_at - time.monotonic()) > 0:
                await asyncio.sleep(rest)
            begin = time.monotonic()
            made = make()
            end = time.monotonic()
            self._free_at = end + min(end - begin, _MAX_REST_S)
            return made
