"""Pages take turns and leave the loop alone in between."""

from __future__ import annotations

import asyncio
import time

from hotline_collector.web.turns import Turns

PAGES, TAKES_S = 20, 0.01


async def test_pages_are_made_one_at_a_time_in_order_and_half_of_the_time_is_left() -> None:
    turns, made, between = Turns(), list[int](), 0

    def make(number: int) -> int:
        time.sleep(TAKES_S)
        made.append(number)
        return number

    async def others() -> None:
        nonlocal between
        while True:
            await asyncio.sleep(0)
            between += len(made) not in (0, PAGES)

    work = asyncio.create_task(others())
    begin = time.monotonic()
    asked = [turns.take(lambda number=number: make(number)) for number in range(PAGES)]  # type: ignore[misc]
    assert await asyncio.gather(*asked) == made == list(range(PAGES))
    assert time.monotonic() - begin >= 2 * PAGES * TAKES_S - 2 * TAKES_S
    assert between > PAGES, "everything else went on in between"
    work.cancel()


async def test_a_page_that_cannot_be_made_holds_up_nobody() -> None:
    turns = Turns()

    def fail() -> str:
        raise ValueError("no page")

    failed = asyncio.create_task(turns.take(fail))
    assert await turns.take(lambda: "page") == "page"
    await asyncio.wait([failed])
    assert isinstance(failed.exception(), ValueError)
