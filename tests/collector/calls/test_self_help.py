"""What a waiting caller may try alone: little risk, no action, no danger near, and proven like any fix."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hotline_collector.calls import self_help
from hotline_collector.calls.actor import Actor
from hotline_collector.calls.errors import CallError, CallErrorKind
from hotline_collector.errors import StoreError
from hotline_proto.record import EntryKind
from hotline_proto.v1 import record_pb2 as rec


@pytest.fixture
def waiting(world: Any, join_call: Any, filesystem: Any) -> Any:
    """Return a function that has a caller with a full disk wait; it returns probe and page token."""

    async def wait(*, allowed: bool = True) -> tuple[Any, str]:
        world.manager.around.settings = replace(world.manager.around.settings, self_help=allowed)
        token = await world.desk.waiting_room.enter("disk full", "")
        probe = await join_call(world, list(world.manager.calls.values())[-1])
        probe.tell("filesystems", *filesystem(0.99))
        world.pass_time(1)
        return probe, token

    return wait


def offered(world: Any, token: str) -> Any:
    return world.desk.waiting_room.look(token).self_help


async def try_it(world: Any, token: str) -> None:
    now = offered(world, token)
    assert now.state == "offered"
    await world.desk.waiting_room.tried(token, now.finding, now.index)


async def test_a_caller_helps_themselves_and_leaves_with_the_proof(
    world: Any, waiting: Any, filesystem: Any
) -> None:
    probe, token = await waiting()
    first = offered(world, token)
    # The fix before it is an action, which needs the two words.
    assert (first.index, first.cause.en, [step.en for step in first.steps]) == (1, "disk.full", ["do tidy"])
    await try_it(world, token)
    assert offered(world, token).state == "verifying"
    world.pass_time(2)
    probe.tell("filesystems", *filesystem(0.4))
    world.pass_time(1)
    assert offered(world, token).state == "verified"
    await world.desk.waiting_room.leave(token, "de")
    row = await world.store.call(probe.call.row.id)
    assert (row.state, row.outcome) == ("closed", "solved")
    kept = await world.store.wrap_up(row.id)
    assert kept.tried[0]["en"] == "do tidy" and kept.ticket and kept.summary
    assert not world.manager.handled and await world.store.handling_times(9) == []


async def test_what_does_not_help_gives_way_to_the_next_and_the_agent_sees_both(
    world: Any, waiting: Any, filesystem: Any
) -> None:
    probe, token = await waiting()
    await try_it(world, token)
    for _ in range(5):
        world.pass_time(5)
        probe.tell("filesystems", *filesystem(0.99))
    second = offered(world, token)
    assert (second.index, second.in_vain, second.state) == (2, True, "offered")
    await try_it(world, token)
    for _ in range(5):
        world.pass_time(5)
        probe.tell("filesystems", *filesystem(0.99))
    assert offered(world, token) is None
    await world.desk.waiting_room.leave(token)
    assert (await world.store.call(probe.call.row.id)).outcome == "abandoned"


async def test_nothing_is_offered_without_the_operators_leave(world: Any, waiting: Any) -> None:
    probe, token = await waiting(allowed=False)
    assert offered(world, token) is None
    finding = next(iter(probe.call.engine.findings()))
    with pytest.raises(CallError) as refused:
        await world.desk.waiting_room.tried(token, finding, 1)
    assert refused.value.kind is CallErrorKind.CONFLICT and not probe.call.fixes.rows


async def test_danger_silences_it(world: Any, waiting: Any, agent: Actor) -> None:
    probe, token = await waiting()
    smells = rec.FactStated(target=1, fact="ask.smell", origin=rec.ORIGIN_CALLER, truth=True)
    probe.call.input(EntryKind.FACT_STATED, 1, smells)
    world.pass_time(1)
    assert offered(world, token) is None
    assert self_help.offer(probe.call) is None


@pytest.mark.parametrize(("finding", "index"), [("", 1), ("nobody", 1), (None, 0), (None, 2), (None, 999)])
async def test_only_what_is_offered_can_be_tried(
    world: Any, waiting: Any, finding: str | None, index: int
) -> None:
    probe, token = await waiting()
    named = offered(world, token).finding if finding is None else finding
    with pytest.raises(CallError):
        await world.desk.waiting_room.tried(token, named, index)
    assert not probe.call.fixes.rows


async def test_once_an_agent_has_the_call_it_is_theirs(world: Any, waiting: Any, agent: Actor) -> None:
    probe, token = await waiting()
    now = offered(world, token)
    await world.desk.queue.take(agent)
    assert offered(world, token) is None
    with pytest.raises(CallError):
        await world.desk.waiting_room.tried(token, now.finding, now.index)
    assert not probe.call.fixes.rows


async def test_what_cannot_be_kept_has_not_happened(world: Any, waiting: Any) -> None:
    probe, token = await waiting()
    world.store.broken = StoreError("the disk is full")
    with pytest.raises(StoreError):
        await try_it(world, token)
    world.store.broken = None
    assert not probe.call.fixes.rows and offered(world, token).state == "offered"
