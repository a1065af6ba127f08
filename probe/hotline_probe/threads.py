"""Blocking work beside the event loop that never delays the program's end."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


async def in_thread(work: Callable[[], T], name: str) -> T:
    """Run blocking work in a daemon thread and return its result or raise its exception.

    Unlike asyncio's own executor, a thread that hangs (a dead name server) is left behind when the
    caller is cancelled, and nobody waits for it at the end.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def deliver(result: T | None, error: BaseException | None) -> None:
        if future.done():
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)  # type: ignore[arg-type]

    def run() -> None:
        result, failure = None, None
        try:
            result = work()
        except Exception as error:
            failure = error
        try:
            loop.call_soon_threadsafe(deliver, result, failure)
        except RuntimeError:  # the loop has ended; nobody waits any more
            return

    threading.Thread(target=run, name=name, daemon=True).start()
    return await future
