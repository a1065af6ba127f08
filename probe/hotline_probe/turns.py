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

    async def take(self, turn: Callable[[], Coroutine[Any, Any, T]], *, gives_way: bool = False) -> T:
        """Return what a turn returns; one that gives way may begin several times."""
        while True:
            if self._polite is not None and not gives_way:
                self._polite.cancel()
            async with self._one_at_a_time:
                if not gives_way:
                    return await turn()
                self._polite = polite = asyncio.create_task(turn())
                try:
                    return await polite
                except asyncio.CancelledError:
                    if _is_cancelled():
                        raise
                finally:
                    self._polite = None


def _is_cancelled() -> bool:
    """Tell whether somebody wants this very task to end, not only what it waits for."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
