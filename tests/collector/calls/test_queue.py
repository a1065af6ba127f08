"""Callers wait and agents take them: exactly once, in order, and everything about the wait is kept."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hotline_collector.calls.actor import Actor
from hotline_collector.calls.errors import CallError, CallErrorKind
from hotline_collector.calls.outages import WINDOW_US
from hotline_collector.calls.waiting_room import GONE_US
from hotline_collector.calls.waits import Tariff
from hotline_collector.errors import StoreError
from hotline_collector.model.rows import CallRow

MIA, LEA = Actor("mia", "agent"), Actor("lea", "lead")
MINUTE = 60_000_000


async def enter(world: Any, complaint: str = "no web page opens", reference: str = "") -> tuple[str, Any]:
    """Let a caller into the waiting room and return their token and the call."""
    token = await world.desk.waiting_room.enter(complaint, reference)
    call = list(world.manager.calls.values())[-1]
    world.pass_time(1)
    return token, call


async def test_two_agents_at_the_same_time_get_two_callers_or_one_of_them_none(world: Any) -> None:
    queue = world.desk.queue
    _, first = await enter(world)
    got = await asyncio.gather(
        queue.take(MIA, first.row.id), queue.take(LEA, first.row.id), return_exceptions=True
    )
    [error] = [each for each in got if isinstance(each, CallError)]
    assert (error.kind, str(error)) == (
        CallErrorKind.CONFLICT,
        "this call does not wait any more; mia has it",
    )
    assert first.row.agent == "mia" and got.count(first.row.id) == 1
    _, second = await enter(world)
    _, third = await enter(world)
    taken = await asyncio.gather(*(queue.take(who) for who in (MIA, LEA, MIA)), return_exceptions=True)
    assert taken[:2] == [second.row.id, third.row.id]
    assert str(taken[2]) == "nobody is waiting for you"
    trail = [entry for entry in world.store.trail if entry[1] == "queue.take"]
    assert [(actor, call) for actor, _, call, _ in trail] == [
        ("agent:mia", first.row.id),
        ("agent:mia", second.row.id),
        ("agent:lea", third.row.id),
    ]


async def test_a_wait_is_kept_for_the_figures(world: Any) -> None:
    world.manager.around.settings = replace(
        world.settings, tariff=Tariff(True, Decimal("0.14"), "EUR", Decimal(2))
    )
    token, call = await enter(world)
    begun = call.row.waited_from
    world.pass_time(299)
    seen = world.desk.waiting_room.look(token)
    assert (seen.wait.place, seen.wait.waited_us, seen.wait.cost) == (1, 5 * MINUTE, "0.42")
    await world.desk.queue.take(MIA, call.row.id)
    row = await world.store.call(call.row.id)
    assert (row.waited_from, row.picked, row.queued) == (begun, begun + 5 * MINUTE, 0)
    assert (row.wait_us, row.wait_paid_us, row.agent, row.state) == (5 * MINUTE, 3 * MINUTE, "mia", "active")
    world.pass_time(60)
    assert (await world.desk.view(MIA, row.id, include_facts=False)).wait.waited_us == 5 * MINUTE


async def test_a_probe_in_the_waiting_room_is_diagnosed_and_keeps_waiting(
    world: Any, join_call: Any, filesystem: Any
) -> None:
    _, call = await enter(world, "disk full")
    probe = await join_call(world, call)
    probe.tell("filesystems", *filesystem(0.99))
    [entry] = world.desk.queue.view().waiting
    assert (entry.link, entry.call.top_cause_en, entry.call.state) == ("connected", "disk.full", "waiting")
    assert probe.link.bodies("call")[-1].agent_name == ""
    assert world.desk.look(call, include_facts=False).say_now.en.startswith("The caller is waiting: take")
    await world.desk.queue.take(LEA)
    assert probe.link.bodies("call")[-1].agent_name == "lea"
    view = world.desk.look(call, include_facts=False)
    assert view.state == "active" and view.say_now.en == "Ask the caller for the two words on the screen."
    assert not world.desk.queue.view().waiting


async def test_a_waiting_probe_is_told_its_place_once_and_when_it_changes(world: Any, join_call: Any) -> None:
    queue = world.desk.queue
    _, first = await enter(world)
    _, second = await enter(world)
    probe = await join_call(world, second)

    def told() -> list[tuple[int, bool]]:
        return [(each.place, each.HasField("expected_s")) for each in probe.link.bodies("call")]

    for _ in range(3):
        queue.tell_places()
    assert told() == [(0, False), (2, False)]
    probe.lose()
    probe.connect()
    queue.tell_places()
    assert told() == [(0, False), (2, False)]
    await queue.take(MIA, first.row.id)
    queue.tell_places()
    assert told()[-1] == (1, False)
    world.manager.handled.extend([MINUTE] * 5)
    queue.tell_places()
    assert told()[-1] == (1, True) and probe.link.bodies("call")[-1].expected_s == 60
    await queue.take(LEA)
    queue.tell_places()
    assert told()[-1] == (0, False) and probe.link.bodies("call")[-1].agent_name == "lea"


async def test_a_transferred_call_keeps_its_place_and_waits_for_whom_it_is_meant(
    world: Any, join_call: Any
) -> None:
    queue = world.desk.queue
    _, first = await enter(world, "one")
    _, second = await enter(world, "two")
    await queue.take(MIA, first.row.id)
    probe = await join_call(world, first)
    await queue.transfer(MIA, first.row.id, "lea", "needs somebody who knows printers")
    assert [entry.call.call_id for entry in queue.view().waiting] == [first.row.id, second.row.id]
    assert (first.row.agent, first.row.state, first.notes[-1].author) == ("", "waiting", "mia")
    assert probe.link.bodies("call")[-1].agent_name == ""
    probe.lose()
    probe.connect()
    assert first.row.state == "waiting"
    assert await queue.take(MIA) == second.row.id
    with pytest.raises(CallError, match="nobody is waiting for you"):
        await queue.take(MIA)
    assert await queue.take(LEA) == first.row.id
    await queue.transfer(LEA, first.row.id)
    assert first.row.for_agent == "" and await queue.take(MIA) == first.row.id


@pytest.mark.parametrize(
    ("to", "says"),
    [("leo", "no account 'leo'; did you mean lea"), ("mia", "somebody else"), ("x" * 900, "no account")],
)
async def test_nobody_is_handed_to_somebody_who_is_not_there(world: Any, to: str, says: str) -> None:
    _, call = await enter(world)
    await world.desk.queue.take(MIA, call.row.id)
    with pytest.raises(CallError, match=says) as caught:
        await world.desk.queue.transfer(MIA, call.row.id, to)
    assert call.row.agent == "mia" and len(str(caught.value)) < 300


async def test_who_wants_to_be_called_back_keeps_diagnosis_and_place(world: Any) -> None:
    room, queue = world.desk.waiting_room, world.desk.queue
    token, call = await enter(world)
    await room.call_me(token, "+49 (0)30 / 1234-56")
    assert call.row.back_number == "+4930123456" and room.look(token).back
    assert not queue.view().waiting[0].wait.number
    assert not (await world.desk.view(LEA, call.row.id, include_facts=False)).wait.number
    world.pass_time(GONE_US / 1e6 + 60)
    assert await room.sweep() == 0
    assert await queue.call_back(LEA, call.row.id) == "+4930123456"
    assert (call.row.agent, call.row.back_called > 0, call.row.queued) == ("lea", True, 0)
    with pytest.raises(CallError, match="lea has it"):
        await queue.call_back(MIA, call.row.id)
    assert await queue.call_back(LEA, call.row.id) == "+4930123456"
    assert (await world.desk.view(LEA, call.row.id, include_facts=False)).wait.number == "+4930123456"
    assert not any("4930123456" in part for entry in world.store.trail for part in entry)
    await queue.transfer(LEA, call.row.id, note="nobody answered")
    assert (call.row.back_called, call.row.back_number) == (0, "+4930123456")


async def test_a_wish_to_be_called_back_is_taken_back(world: Any) -> None:
    room = world.desk.waiting_room
    token, call = await enter(world)
    with pytest.raises(CallError, match="5 to 15 digits"):
        await room.call_me(token, "123")
    await room.call_me(token, "030 123456")
    await room.call_me(token, " ")
    assert (call.row.back_number, call.row.back_asked) == ("", 0) and call.row.queued
    with pytest.raises(CallError, match="no number"):
        await world.desk.queue.call_back(MIA, call.row.id)


async def test_who_goes_away_without_a_word_is_not_waited_for(world: Any, join_call: Any) -> None:
    room = world.desk.waiting_room
    token, _gone = await enter(world)
    stays_token, stays = await enter(world)
    _, linked = await enter(world)
    await join_call(world, linked)
    for _ in range(6):
        world.pass_time(60)
        room.look(stays_token)
    assert await room.sweep() == 1 and list(world.manager.calls) == [stays.row.id, linked.row.id]
    with pytest.raises(CallError) as caught:
        room.look(token)
    assert caught.value.kind is CallErrorKind.NOT_FOUND
    await room.leave(stays_token)
    assert list(world.manager.calls) == [linked.row.id] and not world.manager.handled


async def test_the_waiting_room_is_bounded_even_when_all_come_at_once(world: Any) -> None:
    world.manager.around.settings = replace(world.settings, max_waiting=3)
    got = await asyncio.gather(
        *(world.desk.waiting_room.enter("x", "") for _ in range(9)), return_exceptions=True
    )
    full = [each for each in got if isinstance(each, CallError)]
    assert len(world.manager.calls) == 3 and len(full) == 6
    assert {each.kind for each in full} == {CallErrorKind.UNAVAILABLE}
    await world.desk.queue.take(MIA)
    await world.desk.waiting_room.enter("x", "")
    with pytest.raises(CallError, match="at most 2000 characters"):
        await world.desk.waiting_room.enter("x" * 2001, "")


async def test_a_wait_goes_on_after_a_restart(world: Any) -> None:
    token, call = await enter(world)
    await world.saver.flush()
    world.pass_time(60)
    after = await world.crash()
    [entry] = after.desk.queue.view().waiting
    assert (entry.call.call_id, entry.wait.queued_us) == (call.row.id, call.row.queued)
    seen = after.desk.waiting_room.look(token)
    assert seen.wait.place == 1 and seen.code is None
    await after.desk.waiting_room.renew_code(token)
    assert len(after.codes.live) == 1


async def test_nobody_gets_in_by_another_token(world: Any) -> None:
    token, _ = await enter(world)
    await world.desk.open(MIA, "opened by an agent")
    for wrong in ("", token[:-1], token + "x", "x" * 5000, "\udcff", "e3b0c44298fc1c149afbf4c8996fb924"):
        with pytest.raises(CallError) as caught:
            world.desk.waiting_room.look(wrong)
        assert caught.value.kind is CallErrorKind.NOT_FOUND


async def test_the_expected_wait_follows_calls_and_agents(world: Any) -> None:
    token, _ = await enter(world)
    room = world.desk.waiting_room
    assert not room.look(token).wait.HasField("expected_us")
    for _ in range(5):
        row, _code = await world.desk.open(MIA, "x")
        world.pass_time(120)
        await world.desk.close(MIA, row.id, "technician")
    assert room.look(token).wait.expected_us == 2 * MINUTE
    await world.desk.queue.look(LEA)
    assert room.look(token).wait.expected_us == MINUTE
    world.pass_time(16 * 60)
    assert not room.look(token).wait.HasField("expected_us")
    after = await world.crash()
    assert list(after.manager.handled) == [2 * MINUTE] * 5


async def test_an_outage_is_told_once_and_to_whom_it_concerns(
    world: Any, join: Any, join_call: Any, filesystem: Any
) -> None:
    queue, room = world.desk.queue, world.desk.waiting_room
    for _ in range(2):
        (await join(world)).tell("filesystems", *filesystem(0.99))
    (await join(world)).tell("filesystems", *filesystem(0.99))
    token, call = await enter(world, "disk full")
    other_token, _other = await enter(world, "disk full")
    probe = await join_call(world, call)
    probe.tell("filesystems", *filesystem(0.99))
    world.pass_time(2)
    [outage] = queue.view().outages
    assert (outage.rule, outage.callers, outage.title.de, outage.state) == (
        "disk.full",
        3,
        "disk.full (de)",
        "",
    )
    assert world.desk.look(call, include_facts=False).outages == [outage]
    assert room.look(token).outage is None
    await queue.mark_outage(MIA, "disk.full", "announced")
    assert (queue.view().outages[0].state, queue.view().outages[0].agent) == ("announced", "mia")
    assert room.look(token).outage.en == "disk.full" and room.look(other_token).outage is None
    await queue.mark_outage(LEA, "disk.full", "dismissed")
    assert not queue.view().outages
    for rule, state in (("disk.full", "x"), ("no.such", "announced")):
        with pytest.raises(CallError):
            await queue.mark_outage(MIA, rule, state)
    world.pass_time(WINDOW_US / 1e6)
    assert not queue.view().outages


async def test_who_only_waits_raises_no_outage(world: Any, join_call: Any, filesystem: Any) -> None:
    queue = world.desk.queue
    probes = [await join_call(world, (await enter(world, "disk full"))[1]) for _ in range(4)]
    # They wait for longer than sightings count: a caller is seen when an agent takes them.
    for _ in range(2):
        for probe in probes:
            probe.tell("filesystems", *filesystem(0.99))
        world.pass_time(WINDOW_US / 1e6)
    for probe in probes:
        probe.tell("filesystems", *filesystem(0.99))
    for taken in range(3):
        assert not queue.view().outages, taken
        await queue.take(MIA)
        world.pass_time(2)
    [outage] = queue.view().outages
    assert (outage.rule, outage.callers) == ("disk.full", 3)
    for probe in probes[:3]:
        await queue.transfer(MIA, probe.call.row.id, LEA.name)
    world.pass_time(2)
    assert queue.view().outages[0].callers == 3, "an agent had them"


async def test_marks_on_outages_survive_a_crash(world: Any, join: Any, filesystem: Any) -> None:
    async def found(where: Any) -> list[tuple[str, str]]:
        """Let three callers have the same cause, for those from before the crash are not connected."""
        for _ in range(3):
            (await join(where)).tell("filesystems", *filesystem(0.99))
        where.pass_time(2)
        return [(outage.state, outage.agent) for outage in where.desk.queue.view().outages]

    assert await found(world) == [("", "")]
    await world.desk.queue.mark_outage(MIA, "disk.full", "announced")
    world = await world.crash()
    assert await found(world) == [("announced", "mia")]
    await world.desk.queue.mark_outage(LEA, "disk.full", "dismissed")
    world = await world.crash()
    assert await found(world) == []
    world.store.broken = StoreError("disk full")
    with pytest.raises(StoreError):
        await world.desk.queue.mark_outage(MIA, "disk.full", "announced")
    world.pass_time(2)
    assert not world.desk.queue.view().outages, "what could not be kept does not hold"


async def test_a_mark_that_goes_on_is_kept_for_longer_now_and_then(
    world: Any, join: Any, filesystem: Any
) -> None:
    outages = world.desk.queue.outages
    probes = [await join(world) for _ in range(3)]

    async def kept_after(seconds: int) -> int:
        world.pass_time(seconds)
        for probe in probes:
            probe.tell("filesystems", *filesystem(0.99))
        world.desk.queue.view()
        await outages.keep(world.clock.now())
        return int(world.store.marks["disk.full"].ends) if world.store.marks else 0

    assert await kept_after(2) == 0
    await world.desk.queue.mark_outage(MIA, "disk.full", "announced")
    first = await kept_after(1)
    assert await kept_after(60) == first
    assert await kept_after(300) == first + 361_000_000


async def test_a_call_that_waits_may_be_closed_by_an_agent(world: Any) -> None:
    _, call = await enter(world)
    world.pass_time(59)
    await world.desk.close(MIA, call.row.id, "abandoned")
    row: CallRow = await world.store.call(call.row.id)
    assert (row.queued, row.wait_us, row.picked) == (0, 60_000_000, 0)
