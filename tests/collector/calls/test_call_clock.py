"""One clock for all calls."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from hotline_collector.calls.clock import DeadlineClock, SteadyClock
from hypothesis import given
from hypothesis import strategies as st


@dataclass
class Item:
    """Something with deadlines of its own."""

    due: list[int] = field(default_factory=list)
    told: list[int] = field(default_factory=list)
    scheduled: int = 0
    stuck: bool = False
    broken: bool = False

    def deadline(self) -> int | None:
        return min(self.due, default=None)

    def tick(self, now: int) -> None:
        self.told.append(now)
        if self.broken:
            raise RuntimeError("this call is broken")
        if not self.stuck:
            self.due = [at for at in self.due if at > now]


@given(st.lists(st.lists(st.integers(1, 50), max_size=8), max_size=5))
def test_everyone_is_told_at_every_deadline(plans: list[list[int]]) -> None:
    clock = DeadlineClock(SteadyClock())
    items = [Item(list(plan)) for plan in plans]
    for item in items:
        clock.watch(item)
    for now in range(1, 51):
        clock.fire(now)
    assert [item.told for item in items] == [sorted(set(plan)) for plan in plans]


def test_a_deadline_that_moved_away_is_not_served_early() -> None:
    clock, item = DeadlineClock(SteadyClock()), Item([10])
    clock.watch(item)
    item.due = [30]
    clock.watch(item)
    clock.fire(20)
    assert item.told == []
    clock.fire(30)
    assert item.told == [30]


def test_a_stuck_or_broken_call_does_not_stop_the_others() -> None:
    clock = DeadlineClock(SteadyClock())
    stuck, broken, good = Item([5], stuck=True), Item([5], broken=True), Item([5, 6])
    for item in (stuck, broken, good):
        clock.watch(item)
    clock.fire(5)
    clock.fire(6)
    assert good.told == [5, 6]
    assert stuck.told == [5, 6]


async def test_the_task_wakes_up_for_a_new_earlier_deadline() -> None:
    time = SteadyClock()
    clock = DeadlineClock(time)
    task = asyncio.create_task(clock.run())
    try:
        far, near = Item([time.now() + 3_600_000_000]), Item([time.now() + 1000])
        clock.watch(far)
        await asyncio.sleep(0)
        clock.watch(near)
        async with asyncio.timeout(10):
            while not near.told:  # noqa: ASYNC110
                await asyncio.sleep(0.001)
        assert not far.told
    finally:
        task.cancel()


def test_the_clock_never_goes_behind_what_was_recorded() -> None:
    clock = SteadyClock()
    ahead = clock.now() + 3_600_000_000
    clock.not_before(ahead)
    assert ahead <= clock.now() < ahead + 60_000_000
    clock.not_before(0)
    assert clock.now() >= ahead
