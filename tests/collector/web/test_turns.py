"""Pages take turns and leave the loop alone in between."""

from __future__ import annotations

import asyncio
import time

from hotline_collector.web.turns import Turns
from hypothesis import given
from hypothesis import strategies as st

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


async def test_a_page_with_news_goes_before_those_without_and_one_that_left_holds_up_nobody() -> None:
    turns, made = Turns(), list[str]()
    # After this one the loop is left alone for a while, so that the others wait.
    await turns.take(lambda: time.sleep(TAKES_S))
    asked = [asyncio.create_task(turns.take(lambda name=name: made.append(name))) for name in "abcd"]  # type: ignore[misc]
    told = [
        asyncio.create_task(turns.take(lambda name=name: made.append(name), lambda: True)) for name in "xyz"
    ]  # type: ignore[misc]
    await asyncio.sleep(0)
    asked[2].cancel()
    told[1].cancel()
    await asyncio.wait([*asked, *told])
    assert made == ["a", "x", "z", "b", "d"]


async def test_news_that_comes_while_a_page_waits_counts() -> None:
    turns, made, news = Turns(), list[str](), set[str]()
    await turns.take(lambda: time.sleep(TAKES_S))

    def make(name: str) -> None:
        made.append(name)
        news.add("d")

    asked = [
        asyncio.create_task(turns.take(lambda name=name: make(name), lambda name=name: name in news))  # type: ignore[misc]
        for name in "abcd"
    ]
    await asyncio.wait(asked)
    assert made == ["a", "d", "b", "c"]


@given(st.lists(st.sampled_from(["wait", "news", "leave"]), max_size=30), st.integers(0, 3))
def test_whoever_leaves_whenever_all_others_have_their_turn(asking: list[str], ticks: int) -> None:
    async def play() -> None:
        turns, made = Turns(), list[int]()
        asked = [
            asyncio.create_task(
                turns.take(lambda number=number: made.append(number), lambda kind=kind: kind == "news")
            )  # type: ignore[misc]
            for number, kind in enumerate(asking)
        ]
        for _ in range(ticks):
            await asyncio.sleep(0)
        leaving = [task for task, kind in zip(asked, asking, strict=True) if kind == "leave"]
        for task in leaving:
            task.cancel()
        await asyncio.gather(*asked, return_exceptions=True)
        stayed = {number for number, kind in enumerate(asking) if kind != "leave"}
        assert stayed <= set(made) and len(set(made)) == len(made)
        assert await asyncio.wait_for(turns.take(lambda: "next"), 5) == "next"

    asyncio.run(play())
