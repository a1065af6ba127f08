"""The end of a call: its texts, what is still in force, earlier calls, and a corrected complaint."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hotline_collector.calls.actor import Actor
from hotline_collector.calls.errors import CallError
from hotline_collector.calls.wrapup import Texts
from hotline_collector.store.store import SqlStore
from hotline_proto.facts import Fact
from hotline_proto.v1 import probe_pb2 as pb

from tests.new_database import new_database


@pytest.fixture
async def kept(tmp_path: Path, world: Any, catalogue: Any, rules: Any) -> AsyncIterator[Any]:
    """A collector with the real store that recognises customers and tells a ticket system."""
    store = SqlStore(new_database(tmp_path / "a.db"))
    await store.start()
    told = replace(world.settings, contact_key=b"k" * 32, ticket_events=("call.closed", "call.handed_over"))
    yield type(world)(catalogue, rules, store=store, settings=told)
    await store.close()


async def fixed(world: Any, agent: Actor, probe: Any, filesystem: Any) -> str:
    probe.tell("filesystems", *filesystem(0.99))
    [cause] = probe.call.engine.causes()
    fix: str = await world.desk.propose(agent, probe.call.row.id, cause.finding.id, 1)
    await world.desk.update_fix(agent, probe.call.row.id, fix, "done")
    world.pass_time(1)
    probe.tell("filesystems", *filesystem(0.3))
    return fix


async def test_texts_are_written_changed_and_kept(
    kept: Any, join: Any, agent: Actor, filesystem: Any
) -> None:
    probe = await join(kept, reference="K-7")
    call_id = probe.call.row.id
    lacking = await kept.desk.wrap_up(agent, call_id, lang="de")
    assert lacking.outcome == "second_level" and "nothing bears it out" in lacking.lacking[0]
    await fixed(kept, agent, probe, filesystem)
    shown = await kept.desk.wrap_up(agent, call_id, lang="en")
    assert (shown.outcome, list(shown.lacking), shown.caller_language) == ("solved", [], "de")
    assert "Outcome: solved" in shown.ticket and "Es geht wieder" in shown.summary
    for_technician = await kept.desk.wrap_up(agent, call_id, "technician", "de")
    assert "Ergebnis: an einen Techniker übergeben" in for_technician.ticket
    assert "Ein Techniker kümmert sich" in for_technician.summary
    await kept.desk.save_texts(agent, call_id, Texts(ticket="rang twice\r\nbe kind\x1b[31m\u202e"))
    shown = await kept.desk.wrap_up(agent, call_id)
    assert (shown.ticket, shown.ticket_edited, shown.summary_edited) == (
        "rang twice\nbe kind[31m",
        True,
        False,
    )
    await kept.desk.close(agent, call_id, "solved", caller_confirmed=True, lang="de")
    for text in (await kept.desk.wrap_up(agent, call_id), await kept.store.wrap_up(call_id)):
        assert text.ticket == "rang twice\nbe kind[31m" and "Es geht wieder" in text.summary
    row = await kept.store.wrap_up(call_id)
    assert (row.cause["de"], row.tried) == (
        "disk.full (de)",
        ({"en": "do tidy", "de": "do tidy (de)", "state": "verified"},),
    )
    report = json.loads((await kept.desk.report(agent, call_id, "json", "en")).data)
    assert report["ticket"] == row.ticket and report["call"]["outcome"] == "solved"
    assert report["fixes"][0]["state"] == "verified" and report["call"]["closed"]


async def test_a_call_whose_end_cannot_be_told_stays_open(
    kept: Any, join: Any, agent: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    probe = await join(kept)
    state = probe.call.row.state
    with monkeypatch.context() as broken:
        broken.setattr(probe.call.engine, "complained_of", lambda: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            await kept.desk.close(agent, probe.call.row.id, "abandoned")
    assert (probe.call.row.state, probe.call.row.outcome, probe.call.row.closed) == (state, "", 0)
    assert await kept.desk.close(agent, probe.call.row.id, "abandoned") == "closed"


async def test_the_sheet_does_not_hold_itself(kept: Any, join: Any, agent: Actor, filesystem: Any) -> None:
    for texts, times in ((Texts(), 1), (Texts(ticket="Complaint: mine"), 2)):
        probe = await join(kept)
        await fixed(kept, agent, probe, filesystem)
        await kept.desk.close(agent, probe.call.row.id, "technician", texts=texts, lang="de")
        report = await kept.desk.report(agent, probe.call.row.id, "text", "en")
        assert report.data.decode().count("Complaint: ") == times
        ticket = json.loads((await kept.desk.report(agent, probe.call.row.id, "json", "en")).data)["ticket"]
        assert ticket.startswith("Anruf") or ticket == "Complaint: mine"


async def test_given_texts_go_before_those_kept(kept: Any, join: Any, agent: Actor) -> None:
    probe = await join(kept)
    call_id = probe.call.row.id
    await kept.desk.save_texts(agent, call_id, Texts("kept", "kept too"))
    await kept.desk.close(agent, call_id, "technician", texts=Texts(ticket="given"))
    row = await kept.store.wrap_up(call_id)
    assert (row.ticket, row.summary) == ("given", "kept too")


async def test_bad_texts_and_outcomes_are_refused(kept: Any, join: Any, agent: Actor) -> None:
    probe = await join(kept)
    call_id = probe.call.row.id
    with pytest.raises(CallError, match="ticket text has 8001 characters"):
        await kept.desk.save_texts(agent, call_id, Texts(ticket="x" * 8001))
    with pytest.raises(CallError, match="summary has 4001 characters"):
        await kept.desk.close(agent, call_id, "abandoned", texts=Texts(summary="x" * 4001))
    with pytest.raises(CallError, match="ends as solved"):
        await kept.desk.wrap_up(agent, call_id, "happy")
    with pytest.raises(CallError, match="comes as json"):
        await kept.desk.report(agent, call_id, "docx", "en")
    assert probe.call.row.state != "closed"


async def test_a_temporary_change_is_reminded_of(kept: Any, join: Any, agent: Actor, filesystem: Any) -> None:
    probe = await join(kept)
    probe.tell("filesystems", *filesystem(0.99))
    [cause] = probe.call.engine.causes()
    fix = await kept.desk.propose(agent, probe.call.row.id, cause.finding.id, 0)
    probe.report(fix, pb.ACTION_STATE_DONE, undoable=True)
    shown = await kept.desk.wrap_up(agent, probe.call.row.id)
    assert [each.fix_id for each in shown.in_force] == [fix]
    assert "still in force and can be taken back" in shown.ticket and "zurücknehmen" in shown.summary
    await kept.desk.update_fix(agent, probe.call.row.id, fix, "undo")
    probe.report(fix, pb.ACTION_STATE_UNDONE)
    assert not (await kept.desk.wrap_up(agent, probe.call.row.id)).in_force


@pytest.mark.parametrize(
    ("outcome", "events"),
    [("abandoned", ["call.closed"]), ("technician", ["call.closed", "call.handed_over"])],
)
async def test_the_ticket_system_is_told_at_the_end(
    kept: Any, join: Any, agent: Actor, outcome: str, events: list[str]
) -> None:
    probe = await join(kept, reference="K-7")
    await kept.desk.close(agent, probe.call.row.id, outcome, lang="de")
    view = await kept.desk.view(agent, probe.call.row.id, include_facts=False)
    assert sorted((each.event, each.state) for each in view.deliveries) == [(e, "waiting") for e in events]
    rows = await kept.store.due_deliveries(kept.clock.now(), 10)
    payload = json.loads(rows[0].payload)
    assert payload["type"] in events and payload["data"]["language"] == "de"
    report = payload["data"]["report"]
    assert (report["format"], report["call"]["outcome"], report["call"]["customer_reference"]) == (
        "hotline.call-report",
        outcome,
        "K-7",
    )
    assert report["ticket"] and report["summary"]


async def test_nobody_is_told_without_a_ticket_system(world: Any, join: Any, agent: Actor) -> None:
    probe = await join(world)
    await world.desk.close(agent, probe.call.row.id, "abandoned")
    assert not (await world.desk.view(agent, probe.call.row.id, include_facts=False)).deliveries


async def test_earlier_calls_of_a_customer(kept: Any, join: Any, agent: Actor, filesystem: Any) -> None:
    first = await join(kept, reference="K-7")
    await fixed(kept, agent, first, filesystem)
    await kept.desk.close(agent, first.call.row.id, "solved", caller_confirmed=True)
    other = await join(kept, reference="K-8")
    await kept.desk.close(agent, other.call.row.id, "abandoned")
    now = await join(kept, "again", reference="K-7")
    found = await kept.desk.earlier(agent, "K-7", leave_out=now.call.row.id)
    [call] = found.calls
    assert (call.call_id, call.outcome, call.cause.en) == (first.call.row.id, "solved", "disk.full")
    assert [(t.title.de, t.state) for t in call.tried] == [("do tidy (de)", "verified")]
    newest = next(iter((await kept.desk.earlier(agent, "K-7")).calls))
    assert newest.call_id == now.call.row.id
    await kept.saver.flush()
    looks = [e for e in await kept.store.audit_trail() if e.detail == "as an earlier call"]
    assert {e.call_id for e in looks} == {first.call.row.id, now.call.row.id}
    kept.clock.at += 15 * 86_400 * 1_000_000
    assert [c.call_id for c in (await kept.desk.earlier(agent, "K-7")).calls] == [now.call.row.id]
    assert not (await kept.desk.earlier(agent, "")).calls


async def test_customers_are_not_recognised_unless_it_is_switched_on(
    kept: Any, join: Any, agent: Actor
) -> None:
    first = await join(kept, reference="K-7")
    kept.manager.around.settings = replace(kept.settings, contact_key=b"")
    await kept.desk.close(agent, first.call.row.id, "abandoned")
    found = await kept.desk.earlier(agent, "K-7")
    assert (found.recognised, list(found.calls)) == (False, [])
    row = await kept.store.wrap_up(first.call.row.id)
    assert row.contact == ""


async def test_a_complaint_can_be_corrected(world: Any, join: Any, agent: Actor, filesystem: Any) -> None:
    probe = await join(world, "the page of localhost:80 is slow")
    probe.tell("filesystems", *filesystem(0.99))
    call = probe.call
    assert not call.engine.causes()[0].relevant
    said = await world.desk.correct_complaint(agent, call.row.id, "  disk full ")
    assert said == call.row.complaint == "disk full" and call.engine.causes()[0].relevant
    assert call.row.first_check == "localhost:80"
    assert ("agent:mia", "complaint.correct", call.row.id, "") in world.store.trail
    with pytest.raises(CallError, match="at most 2000"):
        await world.desk.correct_complaint(agent, call.row.id, "x" * 2001)
    after = await world.crash()
    again = after.manager.live(call.row.id)
    assert again.engine.complaint == again.row.complaint == "disk full"
    assert again.engine.causes()[0].relevant


async def test_a_corrected_complaint_names_the_check(world: Any, join: Any, agent: Actor) -> None:
    probe = await join(world, "it is slow")
    await world.desk.correct_complaint(agent, probe.call.row.id, "localhost:80 does not open")
    assert probe.call.row.first_check == "localhost:80" and probe.call.row.checks == ("localhost:80",)
    assert [frame.check for frame in probe.link.bodies("check")] == ["localhost:80"]
    probe.tell("checks", Fact("check.ok", True, "localhost:80"))
    shown = await world.desk.wrap_up(agent, probe.call.row.id)
    assert (shown.outcome, list(shown.lacking)) == ("solved", [])
