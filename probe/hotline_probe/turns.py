"""Whose turn it is to be asked: one question is open at a time, and some give way to all others."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class Turns:
    """Lets questions wait for each other; one that gives way is put aside and comes back afterwards."""

    def __init__(self) -> None:
        self._one_at_a_time = asyncio.Lock()
        self._polite: asyncio.Task[Any] | None = None
        self._urgent = 0

    async def take(self, turn: Callable[[], Coroutine[Any, Any, T]], *, gives_way: bool = False) -> T:
        """Return what a turn returns; one that gives way may begin several times."""
        if not gives_way:
            return await self._now(turn)
        while True:
            async with self._one_at_a_time:
                # Who came while this one waited stands behind it, and goes first all the same.
                if not self._urgent:
                    self._polite = polite = asyncio.create_task(turn())
                    try:
                        return await polite
                    except asyncio.CancelledError:
                        if _is_cancelled():
                            raise
                    finally:
                        self._polite = None
            await asyncio.sleep(0)

    async def _now(self, turn: Callable[[], Coroutine[Any, Any, T]]) -> T:
        self._urgent += 1
        try:
            if self._polite is not None:
                self._polite.cancel()
            async with self._one_at_a_time:
                return await turn()
        finally:
            self._urgent -= 1


def _is_cancelled() -> bool:
    """Tell whether somebody wants this very task to end, not only what it waits for."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
