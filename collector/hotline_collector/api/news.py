"""When somebody who watches a call should look again: at every change, but not more often than useful."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable

from hotline_collector.api.agent_service import time_shows
from hotline_collector.calls.ports import Subscription
from hotline_collector.calls.runtime import CallRuntime

_BETWEEN_S = 0.25
_SOON_S = 2.0
_LATER_S = 15.0


async def nothing_new(news: Subscription, call: CallRuntime, stop: asyncio.Event) -> bool:
    """Wait for a change of a call or the end of the collector.

    Returns true if neither came for so long that what time alone changes, such as a countdown, is old.
    """
    if await until(asyncio.sleep(_BETWEEN_S), None, stop):
        return False
    return not await until(news.next(), _SOON_S if time_shows(call) else _LATER_S, stop)


async def until(waiting: Awaitable[None], seconds: float | None, stop: asyncio.Event) -> bool:
    """Wait for something, for the end of the collector, or for some seconds; tell whether it ended."""
    tasks = {asyncio.ensure_future(waiting), asyncio.ensure_future(stop.wait())}
    try:
        done, _ = await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
    return bool(done) if seconds is not None else stop.is_set()
