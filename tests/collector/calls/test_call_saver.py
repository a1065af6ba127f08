"""Rows are saved behind the events, in few transactions, and survive a disk that was full."""

from __future__ import annotations

import asyncio
from typing import Any

from hotline_collector.errors import StoreError
from hotline_collector.model.rows import NoteRow


def note(number: int, text: str = "x") -> NoteRow:
    return NoteRow(str(number), "call", number, "mia", text)


async def test_a_row_that_changed_twice_is_saved_as_it_is_last(world: Any) -> None:
    world.saver.touch(note(1, "old"))
    world.saver.touch(note(1, "new"))
    await world.saver.flush()
    assert [row.text for row in await world.store.notes("call")] == ["new"]


async def test_what_could_not_be_saved_is_saved_later(world: Any) -> None:
    task = asyncio.create_task(world.saver.run())
    try:
        world.store.broken = StoreError("disk full")
        world.saver.touch(note(1))
        world.saver.audit("agent:mia", "call.note", "call")
        await asyncio.sleep(0.15)
        assert not world.store.trail
        world.store.broken = None
        world.saver.touch(note(2))
        async with asyncio.timeout(10):
            while len(await world.store.notes("call")) < 2 or not world.store.trail:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        assert world.store.trail == [("agent:mia", "call.note", "call", "")]
    finally:
        task.cancel()
