"""Listeners hear the newest and nothing grows."""

from __future__ import annotations

import asyncio

from hotline_collector.bus.local import LocalBus


async def test_messages_merge_for_who_is_slow_and_topics_do_not_mix() -> None:
    bus = LocalBus()
    async with bus.subscribe("a") as slow, bus.subscribe("b") as other:
        for _ in range(1000):
            bus.publish("a")
        await slow.next()
        waiting = [asyncio.ensure_future(item.next()) for item in (slow, other)]
        await asyncio.sleep(0)
        assert not any(task.done() for task in waiting)
        bus.publish("a")
        await waiting[0]
        assert not waiting[1].done()
        bus.publish("b")
        await waiting[1]
    bus.publish("a")
    assert not bus._listeners
