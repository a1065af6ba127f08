"""What closed calls say about rules, with the real store: verdicts, disagreement, repeat contact."""

from __future__ import annotations

import hashlib
import hmac
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hotline_collector.calls.actor import Actor
from hotline_collector.calls.errors import CallError
from hotline_collector.model.rows import OutsideCause
from hotline_collector.store.store import SqlStore
from hotline_proto.facts import Fact
from hotline_proto.record import EntryKind, unpack_entries
from hotline_proto.v1 import record_pb2 as rec

from tests.new_database import new_database

DAY_S = 86_400
CHECK = "localhost:80"


@pytest.fixture
async def kept(world: Any, tmp_path: Path) -> AsyncIterator[Any]:
    """A collector's middle on a real store that recognises repeat contact."""
    store = SqlStore(new_database(tmp_path / "hotline.db"))
    await store.start()
    settings = replace(world.settings, contact_key=b"k" * 32, repeat_days=14)
    yield type(world)(world.catalogue, world.rules, store=store, settings=settings)
    await store.close()


@pytest.fixture
def full(join: Any, filesystem: Any) -> Any:
    """Return a function that opens a call about a full disk."""

    async def opened(world: Any, **more: Any) -> Any:
        probe = await join(world, **more)
        probe.tell("filesystems", *filesystem(0.99))
        world.pass_time(1)
        return probe

    return opened


def finding(probe: Any, rule: str = "disk.full") -> str:
    return next(f.id for f in probe.call.engine.findings().values() if f.rule == rule)


async def fix(world: Any, agent: Actor, probe: Any, filesystem: Any, *used: float) -> None:
    """Do the steps of the disk's fix and measure what comes of it."""
    fix_id = await world.desk.propose(agent, probe.call.row.id, finding(probe), 1)
    await world.desk.update_fix(agent, probe.call.row.id, fix_id, "done")
    for each in used:
        world.pass_time(1)
        probe.tell("filesystems", *filesystem(each))


async def said(world: Any) -> dict[tuple[str, str], int]:
    return {(row.rule, row.verdict): row.calls for row in await world.store.verdict_counts() if row.calls}


async def close(world: Any, agent: Actor, probe: Any, outcome: str = "solved") -> None:
    await world.desk.close(agent, probe.call.row.id, outcome, caller_confirmed=True)


async def test_a_fix_that_helped_speaks_for_its_rule(
    kept: Any, full: Any, filesystem: Any, agent: Actor
) -> None:
    probe = await full(kept)
    await fix(kept, agent, probe, filesystem, 0.3)
    assert not probe.call.engine.causes()
    assert await said(kept) == {}
    await close(kept, agent, probe)
    assert await said(kept) == {("disk.full", "verified"): 1}


async def test_a_fix_that_did_not_help_speaks_against_it(
    kept: Any, full: Any, filesystem: Any, agent: Actor
) -> None:
    probe = await full(kept)
    await fix(kept, agent, probe, filesystem, *[0.99] * 20)
    await close(kept, agent, probe, "technician")
    assert await said(kept) == {("disk.full", "not_helped"): 1}


async def test_one_fix_that_helped_is_enough(kept: Any, full: Any, filesystem: Any, agent: Actor) -> None:
    probe = await full(kept)
    await fix(kept, agent, probe, filesystem, *[0.99] * 20)
    await fix(kept, agent, probe, filesystem, 0.3)
    await close(kept, agent, probe)
    assert await said(kept) == {("disk.full", "verified"): 1}


async def test_a_cause_that_nobody_proved_is_unsettled_even_after_a_crash(
    kept: Any, full: Any, filesystem: Any, agent: Actor
) -> None:
    probe = await full(kept)
    probe.tell("filesystems", *filesystem(0.3))
    kept.pass_time(5)
    assert not probe.call.engine.causes()
    await kept.journal.durable(len(kept.journal.entries))
    after = await kept.crash()
    await after.desk.close(agent, probe.call.row.id, "abandoned")
    assert await said(after) == {("disk.full", "unsettled"): 1}


async def test_an_agent_disagrees_and_names_a_rule(kept: Any, full: Any, agent: Actor) -> None:
    probe = await full(kept)
    call_id = probe.call.row.id
    await kept.desk.disagree(agent, call_id, finding(probe), "  check.refused ", "the service was off")
    view = await kept.desk.view(agent, call_id, include_facts=False)
    [shown] = view.disagreements
    assert (shown.author, shown.rule, shown.cause, shown.reason) == (
        agent.name,
        "disk.full",
        "check.refused",
        "the service was off",
    )
    [entry] = [e for e in await kept.store.audit_trail() if e.action == "finding.disagree"]
    assert (entry.call_id, entry.detail) == (call_id, "disk.full: check.refused")
    await close(kept, agent, probe, "technician")
    assert await said(kept) == {("disk.full", "disagreed"): 1, ("check.refused", "named"): 1}
    records = {r.rule: r for r in (await kept.desk.rule_records(agent, "")).records}
    assert (records["disk.full"].right, records["disk.full"].wrong) == (0, 1)
    assert (records["check.refused"].right, records["check.refused"].wrong) == (1, 0)
    assert records["disk.full"].confidence == records["disk.full"].prior == 0.9
    # It outlives the call in memory.
    view = await kept.desk.view(agent, call_id, include_facts=False)
    assert [row.cause for row in view.disagreements] == ["check.refused"]


async def test_the_last_word_on_a_finding_counts(kept: Any, full: Any, filesystem: Any, agent: Actor) -> None:
    probe = await full(kept)
    call_id = probe.call.row.id
    await fix(kept, agent, probe, filesystem, 0.3)
    await kept.desk.disagree(agent, call_id, finding(probe), "check.refused", "")
    await kept.desk.disagree(agent, call_id, finding(probe), "a cat\n  on the keyboard", "")
    await close(kept, agent, probe, "abandoned")
    assert await said(kept) == {("disk.full", "disagreed"): 1}
    answer = await kept.desk.rule_records(agent, "disk.")
    assert [r.rule for r in answer.records] == ["disk.full"]
    assert [(c.cause, c.rule, c.calls) for c in answer.outside] == [("a cat on the keyboard", "disk.full", 1)]
    assert await kept.store.outside_causes("check.") == []
    assert await kept.store.outside_causes("disk.") == [OutsideCause("a cat on the keyboard", "disk.full", 1)]
    details = [e.detail for e in await kept.store.audit_trail() if e.action == "finding.disagree"]
    assert details == ["disk.full: check.refused", "disk.full: a cause outside the pack"]


@pytest.mark.parametrize(
    ("cause", "says"),
    [
        ("", "say what it was"),
        (" \n", "say what it was"),
        ("disk.full", "says already"),
        ("check.refuse", "did you mean check.refused"),
        ("zzz.zzz", "no rule 'zzz.zzz'; name a cause outside the pack"),
        ("x" * 201, "at most 200"),
    ],
)
async def test_causes_that_make_no_sense(world: Any, full: Any, agent: Actor, cause: str, says: str) -> None:
    probe = await full(world)
    with pytest.raises(CallError, match=says):
        await world.desk.disagree(agent, probe.call.row.id, finding(probe), cause, "")
    with pytest.raises(CallError, match="no finding"):
        await world.desk.disagree(agent, probe.call.row.id, "nope", "a cat", "")
    assert not probe.call.disagreements


async def test_a_call_is_opened_with_what_thirty_calls_taught(kept: Any, full: Any, agent: Actor) -> None:
    for number in range(30):
        probe = await full(kept)
        view = await kept.desk.view(agent, probe.call.row.id, include_facts=False)
        assert view.causes[0].confidence == 0.9, number
        await kept.desk.disagree(agent, probe.call.row.id, finding(probe), "a loose cable", "")
        await close(kept, agent, probe, "technician")
    probe = await full(kept)
    call_id = probe.call.row.id
    view = await kept.desk.view(agent, call_id, include_facts=False)
    assert view.causes[0].confidence == pytest.approx(9 / 40)
    opened = next(unpack_entries(await kept.journal.read(call_id)))
    assert opened.kind is EntryKind.CALL_OPENED
    assert list(rec.CallOpened.FromString(opened.payload).confidences) == [
        rec.RuleConfidence(rule="disk.full", confidence=9 / 40)
    ]
    # One more call does not change those that are open, nor does a restart; new ones know it.
    other = await full(kept)
    await kept.desk.disagree(agent, other.call.row.id, finding(other), "a loose cable", "")
    await close(kept, agent, other, "technician")
    await kept.journal.durable(len(kept.journal.entries))
    after = await kept.crash()
    assert after.manager.calls[call_id].engine.causes()[0].score[4] == 9 / 40
    view = await after.desk.view(agent, (await full(after)).call.row.id, include_facts=False)
    assert view.causes[0].confidence == pytest.approx(9 / 41)
    [shown] = (await after.desk.rule_records(agent, "disk.")).records
    assert (shown.wrong, shown.prior, shown.confidence) == (31, 0.9, pytest.approx(9 / 41))


async def solved(kept: Any, full: Any, filesystem: Any, agent: Actor, **more: Any) -> Any:
    probe = await full(kept, **more)
    await fix(kept, agent, probe, filesystem, 0.3)
    await close(kept, agent, probe)
    return probe


async def test_who_rings_again_in_time_takes_the_praise_back(
    kept: Any, full: Any, filesystem: Any, agent: Actor
) -> None:
    await solved(kept, full, filesystem, agent, reference="K-1")
    kept.clock.at += 13 * DAY_S * 1_000_000
    probe = await full(kept, reference="K-1")
    await close(kept, agent, probe, "technician")
    assert await said(kept) == {("disk.full", "rang_again"): 1, ("disk.full", "unsettled"): 1}
    [shown] = (await kept.desk.rule_records(agent, "disk.")).records
    assert (shown.right, shown.wrong) == (0, 1)


@pytest.mark.parametrize(("first", "second", "days"), [("K-1", "K-2", 1), ("", "", 1), ("K-1", "K-1", 15)])
async def test_who_is_not_recognised(
    kept: Any, full: Any, filesystem: Any, agent: Actor, first: str, second: str, days: int
) -> None:
    await solved(kept, full, filesystem, agent, reference=first)
    kept.clock.at += days * DAY_S * 1_000_000
    probe = await full(kept, reference=second)
    await close(kept, agent, probe, "technician")
    assert await said(kept) == {("disk.full", "verified"): 1, ("disk.full", "unsettled"): 1}


async def test_the_check_of_the_complaint_recognises_too(
    kept: Any, full: Any, join: Any, filesystem: Any, agent: Actor
) -> None:
    probe = await full(kept, reference="K-1", first_check=CHECK)
    probe.tell("checks", Fact("check.tcp_ok", True, CHECK), Fact("check.ok", True, CHECK))
    await fix(kept, agent, probe, filesystem, 0.3)
    probe.tell("checks", Fact("check.tcp_ok", True, CHECK), Fact("check.ok", True, CHECK))
    await close(kept, agent, probe)
    kept.clock.at += DAY_S * 1_000_000
    again = await join(kept, reference="K-1", first_check=CHECK)
    await close(kept, agent, again, "technician")
    assert await said(kept) == {("disk.full", "rang_again"): 1}


def contacts(kept: Any) -> list[str]:
    raw = sqlite3.connect(kept.store.path)
    found = [row[0] for row in raw.execute("SELECT contact FROM verdicts ORDER BY rowid")]
    raw.close()
    return found


async def test_nobody_is_recognised_unless_it_is_switched_on(
    kept: Any, full: Any, filesystem: Any, agent: Actor
) -> None:
    kept.manager.around.settings = replace(kept.settings, contact_key=b"")
    await solved(kept, full, filesystem, agent, reference="K-1")
    await close(kept, agent, await full(kept, reference="K-1"), "technician")
    assert await said(kept) == {("disk.full", "verified"): 1, ("disk.full", "unsettled"): 1}
    assert contacts(kept) == ["", ""]


async def test_a_customer_is_kept_as_a_keyed_hash(
    kept: Any, full: Any, filesystem: Any, agent: Actor
) -> None:
    await solved(kept, full, filesystem, agent, reference="K-1")
    kept.manager.around.settings = replace(kept.settings, contact_key=b"o" * 32)
    await solved(kept, full, filesystem, agent, reference="K-1")
    assert contacts(kept) == [
        hmac.new(key, b"K-1", hashlib.sha256).hexdigest() for key in (b"k" * 32, b"o" * 32)
    ]
