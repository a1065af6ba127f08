"""What a call that is closed adds to the figures, with the real engine and the real store."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hotline_collector.calls.actor import Actor
from hotline_collector.calls.waits import Tariff
from hotline_collector.errors import StoreError
from hotline_collector.model.figures import CallFiguresRow
from hotline_collector.store.store import SqlStore
from hotline_proto.v1 import probe_pb2

from tests.new_database import new_database

PROBE = probe_pb2.ProbeInfo(version="0.1.0", platform="linux", language="de")
SECOND = 1_000_000
DAY_S = 86_400
ALWAYS = [("2000-01-01", "2099-12-31")]


@pytest.fixture
async def kept(world: Any, tmp_path: Path) -> AsyncIterator[Any]:
    """A collector's middle on a real store that recognises repeat contact."""
    store = SqlStore(new_database(tmp_path / "hotline.db"))
    await store.start()
    settings = replace(world.settings, contact_key=b"k" * 32, repeat_days=14)
    yield type(world)(world.catalogue, world.rules, store=store, settings=settings)
    await store.close()


def added(world: Any) -> CallFiguresRow:
    [row] = [row for row in world.store.rows.values() if isinstance(row, CallFiguresRow)]
    return row


def finding(probe: Any) -> str:
    return next(f.id for f in probe.call.engine.findings().values() if f.rule == "disk.full")


async def close(world: Any, agent: Actor, probe: Any, outcome: str = "solved") -> None:
    await world.desk.close(agent, probe.call.row.id, outcome, caller_confirmed=True)


async def test_times_run_from_joining_to_the_first_cause_and_from_opening_to_the_end(
    world: Any, join: Any, filesystem: Any, agent: Actor
) -> None:
    world.clock.at = 1_795_910_400 * SECOND  # 2026-11-29T00:00:00Z
    probe = await join(world)
    world.pass_time(40)
    probe.tell("filesystems", *filesystem(0.99))
    world.pass_time(20)
    probe.tell("filesystems", *filesystem(0.2))
    world.pass_time(300)
    await close(world, agent, probe, "technician")
    row = added(world)
    assert (row.id, row.day, row.outcome, row.main) == (
        probe.call.row.id,
        "2026-11-29",
        "technician",
        "disk.full",
    )
    assert row.to_cause == 40 * SECOND
    assert row.handled == 360 * SECOND
    assert (row.waited, row.waited_paid, row.resolution, row.contact) == (-1, -1, "unknown", "")


async def test_a_restart_and_a_second_join_change_no_time(
    world: Any, join: Any, filesystem: Any, agent: Actor
) -> None:
    probe = await join(world)
    world.pass_time(40)
    probe.tell("filesystems", *filesystem(0.99))
    await world.saver.flush()
    await world.journal.durable(probe.session.ticket)
    after = await world.crash()
    after.pass_time(100)
    call = after.manager.calls[probe.call.row.id]
    await after.manager.join(call.row.id, PROBE, b"c" * 32)
    await after.desk.close(agent, call.row.id, "technician")
    assert added(after).to_cause == 40 * SECOND


async def test_waits_are_counted_with_what_they_cost_and_handling_begins_with_the_first_agent(
    world: Any, agent: Actor
) -> None:
    tariff = Tariff(charged=True, price_per_minute=Decimal(1), free_minutes=Decimal(1))
    world.manager.around.settings = replace(world.settings, tariff=tariff)
    await world.desk.waiting_room.enter("no web page opens", "")
    [call] = world.manager.calls.values()
    world.pass_time(150)
    await world.desk.queue.take(agent, call.row.id)
    world.pass_time(40)
    await world.desk.close(agent, call.row.id, "technician", note="line checked")
    row = added(world)
    assert (row.waited, row.waited_paid, row.handled) == (150 * SECOND, 90 * SECOND, 40 * SECOND)


async def test_a_caller_whom_nobody_took_waited_and_was_not_handled(world: Any, agent: Actor) -> None:
    await world.desk.waiting_room.enter("no web page opens", "")
    [call] = world.manager.calls.values()
    world.pass_time(70)
    await world.desk.close(agent, call.row.id, "abandoned")
    row = added(world)
    assert (row.waited, row.waited_paid, row.handled) == (70 * SECOND, -1, -1)


async def test_a_call_without_a_cause_has_no_time_to_it(world: Any, join: Any, agent: Actor) -> None:
    probe = await join(world)
    await close(world, agent, probe, "abandoned")
    row = added(world)
    assert (row.to_cause, row.main, row.outcome) == (-1, "", "abandoned")


@pytest.mark.parametrize(("used", "proof"), [(0.3, (1, 0, 0)), (0.99, (0, 1, 0))])
async def test_fixes_count_by_what_was_measured_after_them(
    world: Any, join: Any, filesystem: Any, agent: Actor, used: float, proof: tuple[int, int, int]
) -> None:
    probe = await join(world)
    probe.tell("filesystems", *filesystem(0.99))
    world.pass_time(1)
    fix_id = await world.desk.propose(agent, probe.call.row.id, finding(probe), 1)
    await world.desk.update_fix(agent, probe.call.row.id, fix_id, "done")
    world.pass_time(1)
    probe.tell("filesystems", *filesystem(used))
    world.pass_time(120)
    await close(world, agent, probe, "technician")
    row = added(world)
    assert (row.proven, row.refuted, row.unproven) == proof


async def test_a_fix_that_was_only_proposed_is_none(
    world: Any, join: Any, filesystem: Any, agent: Actor
) -> None:
    probe = await join(world)
    probe.tell("filesystems", *filesystem(0.99))
    world.pass_time(1)
    await world.desk.propose(agent, probe.call.row.id, finding(probe), 1)
    await close(world, agent, probe, "technician")
    row = added(world)
    assert (row.proven, row.refuted, row.unproven) == (0, 0, 0)


async def resolutions(world: Any) -> dict[str, int]:
    counts = await world.store.figure_counts(ALWAYS)
    return {each.name: each.calls for each in counts if each.figure == "resolution"}


async def test_first_call_resolution_follows_the_customer(
    kept: Any, join: Any, filesystem: Any, agent: Actor
) -> None:
    async def one(reference: str, outcome: str = "solved") -> None:
        probe = await join(kept)
        probe.call.row.customer_reference = reference
        probe.tell("filesystems", *filesystem(0.99))
        kept.pass_time(1)
        [cause] = probe.call.engine.causes()
        fix_id = await kept.desk.propose(agent, probe.call.row.id, cause.finding.id, 1)
        await kept.desk.update_fix(agent, probe.call.row.id, fix_id, "done")
        kept.pass_time(1)
        probe.tell("filesystems", *filesystem(0.3))
        await close(kept, agent, probe, outcome)

    await one("K-1")
    await one("K-2", "technician")
    await one("")
    assert await resolutions(kept) == {"kept": 1, "unsolved": 1, "unknown": 1}
    kept.clock.at += 13 * DAY_S * SECOND
    await one("K-1")
    assert await resolutions(kept) == {"rang_again": 1, "repeat": 1, "unsolved": 1, "unknown": 1}
    kept.clock.at += 20 * DAY_S * SECOND
    await one("K-1")
    assert (await resolutions(kept))["kept"] == 1


async def test_without_the_operators_wish_nobody_is_recognised(world: Any, join: Any, agent: Actor) -> None:
    probe = await join(world)
    probe.call.row.customer_reference = "K-1"
    await close(world, agent, probe, "abandoned")
    assert (added(world).resolution, added(world).contact) == ("unknown", "")


async def test_a_store_that_cannot_note_a_repeat_leaves_the_call_closed(
    kept: Any, join: Any, agent: Actor, caplog: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_: object) -> bool:
        raise StoreError("the disk is full")

    probe = await join(kept)
    probe.call.row.customer_reference = "K-1"
    monkeypatch.setattr(kept.store, "figure_repeat", full)
    await close(kept, agent, probe, "abandoned")
    assert probe.call.row.state == "closed"
    assert "the figures miss a repeat contact" in caplog.text
