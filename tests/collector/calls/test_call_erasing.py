"""Erasing a call ends it everywhere: in memory, at the probe, on the disk; old calls end by themselves."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from hotline_collector.calls.clock import SteadyClock
from hotline_collector.calls.erasing import close_forgotten
from hotline_collector.calls.errors import CallError
from hotline_collector.engine.errors import FrameError
from hotline_collector.store.journal import SqliteJournal
from hotline_collector.store.store import SqlStore
from hotline_proto.v1 import probe_pb2 as pb

from tests.new_database import new_database


@pytest.fixture
async def kept(tmp_path: Path, world: Any, catalogue: Any, rules: Any) -> AsyncIterator[Any]:
    """Yield a world over the real store and journal."""
    store = SqlStore(new_database(tmp_path / "hotline.db"))
    await store.start()
    journal = SqliteJournal(store.path, store.keys, spacing=0.001)
    await journal.start()
    yield type(world)(catalogue, rules, store=store, journal=journal, clock=SteadyClock())
    await journal.close()
    await store.close()


def found(folder: Path) -> list[str]:
    """Return the files that hold a planted word."""
    files = [file for file in folder.rglob("*") if file.is_file()]
    return [file.name for file in files if b"PLANTED" in file.read_bytes()]


async def test_an_open_call_ends_at_the_probe_and_nothing_of_it_is_left(
    kept: Any, join: Any, agent: Any, filesystem: Any, tmp_path: Path
) -> None:
    probe = await join(kept, "PLANTED complaint", reference="PLANTED-REF")
    call_id = probe.call.row.id
    probe.tell("filesystems", *filesystem(0.99, "/PLANTED"))
    await kept.desk.note(agent, call_id, "PLANTED note")
    await kept.saver.flush()
    await kept.desk.erase(agent, call_id, "  the caller\n asked ")
    assert probe.link.ended == ["bye erased"]
    assert kept.manager.calls == {}
    for looking in (kept.desk.view(agent, call_id, include_facts=True), kept.desk.export(agent, call_id)):
        with pytest.raises(CallError, match="no call"):
            await looking
    # Who had the call open before sees an empty one.
    view = kept.desk.look(probe.call, include_facts=True)
    assert (view.state, view.outcome, view.complaint) == ("closed", "erased", "")
    assert not (view.facts or view.causes or view.notes or view.fixes)
    # What still comes from the probe, or was under way, makes nothing new.
    probe.lose()
    with pytest.raises(FrameError):
        probe.tell("filesystems", *filesystem(0.5, "/PLANTED"))
    probe.report("no-such-fix", pb.ACTION_STATE_DONE)
    kept.saver.touch(probe.session.row)
    await kept.saver.flush()
    await kept.journal.durable(probe.session.ticket)
    assert await kept.journal.read(call_id) == b""
    assert await kept.store.call(call_id) is None
    assert await kept.store.sessions(call_id) == []
    assert not found(tmp_path)
    erased = await kept.store.last_audit("call.erase")
    assert (erased.actor, erased.call_id, erased.detail) == (
        "agent:mia",
        "",
        f"{call_id}: the caller asked",
    )
    assert {entry.detail for entry in await kept.store.audit_of(call_id)} == {None}
    assert (await kept.store.verify_chain()).broken_at == 0


async def test_a_closed_call_is_erased_and_others_stay(kept: Any, join: Any, agent: Any) -> None:
    first, second = await join(kept), await join(kept)
    await kept.desk.close(agent, first.call.row.id, "second_level")
    await kept.desk.erase(agent, first.call.row.id, "asked")
    assert [row.id for row in await kept.store.calls(include_closed=True)] == [second.call.row.id]
    assert second.link.ended == []


@pytest.mark.parametrize(
    ("call_id", "reason", "why"),
    [("nobody", "asked", "no call"), ("", "", "say why"), ("x", " ", "say why"), ("x", "y" * 501, "at most")],
)
async def test_without_a_call_or_a_reason_nothing_is_erased(
    world: Any, agent: Any, call_id: str, reason: str, why: str
) -> None:
    row, _code = await world.desk.open(agent, "disk full")
    with pytest.raises(CallError, match=why):
        await world.desk.erase(agent, call_id, reason)
    assert row.id in world.manager.calls


async def test_calls_that_everybody_forgot_are_closed_at_their_last_word(
    world: Any, join: Any, agent: Any
) -> None:
    probe = await join(world)
    row, _code = await world.desk.open(agent, "nobody ever joined")
    world.pass_time(3600)
    now = world.clock.now()
    assert await close_forgotten(world.manager, now - 10_000_000) == 1, (
        "whoever is connected is not forgotten"
    )
    assert (row.state, row.outcome) == ("closed", "abandoned")
    assert row.closed < now - 10_000_000
    assert list(world.manager.calls) == [probe.call.row.id]
    assert await close_forgotten(world.manager, now - 10_000_000) == 0
