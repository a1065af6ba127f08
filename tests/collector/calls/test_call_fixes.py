"""Fixes in a running call: locked until the words match, exactly once, proven only by fresh facts."""

from __future__ import annotations

from typing import Any

import pytest
from hotline_collector.calls import linking
from hotline_collector.calls.actor import Actor
from hotline_collector.calls.errors import CallError, CallErrorKind
from hotline_collector.errors import StoreError
from hotline_proto.facts import Fact
from hotline_proto.v1 import probe_pb2 as pb
from hotline_proto.words import commit, two_words

NONCE = bytes(range(16))
PROBE = pb.ProbeInfo(version="0.1.0", platform="linux", catalogue_digest="x", language="de")


def finding_of(probe: Any, rule: str) -> Any:
    return next(f for f in probe.call.engine.findings().values() if f.rule == rule)


def state(probe: Any, fix_id: str) -> str:
    return str(probe.call.fixes.rows[fix_id].state)


async def full_disk(world: Any, join: Any, filesystem: Any, **more: Any) -> tuple[Any, Any]:
    probe = await join(world, **more)
    probe.tell("filesystems", *filesystem(0.99))
    world.pass_time(1)
    return probe, finding_of(probe, "disk.full")


async def test_an_action_is_locked_until_the_words_are_confirmed(
    world: Any, join: Any, filesystem: Any, agent: Actor
) -> None:
    probe, finding = await full_disk(world, join, filesystem, words=False)
    call_id = probe.call.row.id
    with pytest.raises(CallError, match="two words") as refused:
        await world.desk.propose(agent, call_id, finding.id, 0)
    assert refused.value.kind is CallErrorKind.LOCKED
    assert not probe.link.bodies("action")

    assert not await world.desk.confirm_words(agent, call_id, "anker apfel")
    row = probe.session.row
    right = two_words(world.settings.ca_fingerprint, row.probe_nonce, row.collector_nonce)
    assert await world.desk.confirm_words(agent, call_id, f"  {right.upper()} ")
    assert probe.link.bodies("call")[-1].words_confirmed
    await world.desk.propose(agent, call_id, finding.id, 0)
    [proposal] = probe.link.bodies("action")
    assert proposal.action == "storage.set_aside_temp"
    assert [(p.name, p.entity_key) for p in proposal.parameters] == [("filesystem", "/")]


async def test_human_steps_need_no_words(world: Any, join: Any, filesystem: Any, agent: Actor) -> None:
    probe, finding = await full_disk(world, join, filesystem, words=False)
    fix_id = await world.desk.propose(agent, probe.call.row.id, finding.id, 1)
    assert await world.desk.update_fix(agent, probe.call.row.id, fix_id, "accepted") == "running"
    assert await world.desk.update_fix(agent, probe.call.row.id, fix_id, "done") == "verifying"
    world.pass_time(2)
    probe.tell("filesystems", *filesystem(0.5))
    assert state(probe, fix_id) == "verified"


async def test_an_action_is_proven_by_facts_measured_after_it(
    world: Any, join: Any, filesystem: Any, agent: Actor
) -> None:
    probe, finding = await full_disk(world, join, filesystem)
    fix_id = await world.desk.propose(agent, probe.call.row.id, finding.id, 0)
    assert state(probe, fix_id) == "proposed"
    probe.report(fix_id, pb.ACTION_STATE_ACCEPTED)
    probe.report(fix_id, pb.ACTION_STATE_RUNNING)
    assert state(probe, fix_id) == "running"
    probe.report(fix_id, pb.ACTION_STATE_DONE, undoable=True)
    assert state(probe, fix_id) == "verifying"
    assert "filesystems" in [s for f in probe.link.bodies("follow_up") for s in f.sources]
    world.pass_time(1)
    probe.tell("filesystems", *filesystem(0.4))
    assert state(probe, fix_id) == "verified"


async def test_an_action_without_effect_is_not_believed(
    world: Any, join: Any, filesystem: Any, agent: Actor
) -> None:
    probe, finding = await full_disk(world, join, filesystem)
    fix_id = await world.desk.propose(agent, probe.call.row.id, finding.id, 0)
    probe.report(fix_id, pb.ACTION_STATE_DONE, undoable=True)
    for _ in range(20):
        world.pass_time(1)
        probe.tell("filesystems", *filesystem(0.99))
    assert state(probe, fix_id) == "still_present"


async def test_without_fresh_facts_nothing_is_proven(
    world: Any, join: Any, filesystem: Any, agent: Actor
) -> None:
    probe, finding = await full_disk(world, join, filesystem)
    fix_id = await world.desk.propose(agent, probe.call.row.id, finding.id, 0)
    probe.report(fix_id, pb.ACTION_STATE_DONE)
    world.pass_time(60)
    assert state(probe, fix_id) == "could_not_verify"


async def test_one_fix_that_changes_something_at_a_time(
    world: Any, join: Any, filesystem: Any, agent: Actor
) -> None:
    probe, finding = await full_disk(world, join, filesystem)
    call_id = probe.call.row.id
    first = await world.desk.propose(agent, call_id, finding.id, 0)
    with pytest.raises(CallError, match="another fix"):
        await world.desk.propose(agent, call_id, finding.id, 1)
    with pytest.raises(CallError, match="already"):
        await world.desk.propose(agent, call_id, finding.id, 0)
    await world.desk.propose(agent, call_id, finding.id, 2)
    probe.report(first, pb.ACTION_STATE_DECLINED)
    assert await world.desk.propose(agent, call_id, finding.id, 1)


async def test_a_hazard_locks_every_other_fix(world: Any, join: Any, filesystem: Any, agent: Actor) -> None:
    probe, finding = await full_disk(world, join, filesystem)
    call_id = probe.call.row.id
    await world.desk.answer(agent, call_id, "ask.smell", "true")
    with pytest.raises(CallError, match="safety first") as refused:
        await world.desk.propose(agent, call_id, finding.id, 1)
    assert refused.value.kind is CallErrorKind.LOCKED
    view = await world.desk.view(agent, call_id, include_facts=False)
    assert view.causes[0].rule == "burning"
    assert view.say_now.en == "Safety first: do pull.plug"
    assert await world.desk.propose(agent, call_id, finding_of(probe, "burning").id, 0)


async def test_an_unanswered_proposal_expires_and_a_late_yes_still_counts(
    world: Any, join: Any, filesystem: Any, agent: Actor
) -> None:
    probe, finding = await full_disk(world, join, filesystem)
    fix_id = await world.desk.propose(agent, probe.call.row.id, finding.id, 0)
    world.pass_time(181)
    assert state(probe, fix_id) == "expired"
    probe.report(fix_id, pb.ACTION_STATE_ACCEPTED)
    assert state(probe, fix_id) == "accepted"


async def test_a_proposal_is_sent_again_until_it_is_reported(
    world: Any, join: Any, filesystem: Any, agent: Actor
) -> None:
    probe, finding = await full_disk(world, join, filesystem)
    probe.lose()
    fix_id = await world.desk.propose(agent, probe.call.row.id, finding.id, 0)
    probe.connect()
    assert [p.proposal_id for p in probe.link.bodies("action")] == [fix_id]
    probe.report(fix_id, pb.ACTION_STATE_ACCEPTED)
    probe.lose()
    probe.connect()
    assert not probe.link.bodies("action")


async def test_an_action_can_be_taken_back_even_across_a_lost_link(
    world: Any, join: Any, filesystem: Any, agent: Actor
) -> None:
    probe, finding = await full_disk(world, join, filesystem)
    call_id = probe.call.row.id
    fix_id = await world.desk.propose(agent, call_id, finding.id, 0)
    with pytest.raises(CallError, match="cannot be taken back"):
        await world.desk.update_fix(agent, call_id, fix_id, "undo")
    probe.report(fix_id, pb.ACTION_STATE_DONE, undoable=True)
    probe.lose()
    await world.desk.update_fix(agent, call_id, fix_id, "undo")
    probe.connect()
    assert [u.proposal_id for u in probe.link.bodies("undo")] == [fix_id]
    probe.report(fix_id, pb.ACTION_STATE_UNDONE)
    assert state(probe, fix_id) == "undone"
    probe.lose()
    probe.connect()
    assert not probe.link.bodies("undo")


async def test_the_agent_cannot_say_that_an_action_is_done(
    world: Any, join: Any, filesystem: Any, agent: Actor
) -> None:
    probe, finding = await full_disk(world, join, filesystem)
    fix_id = await world.desk.propose(agent, probe.call.row.id, finding.id, 0)
    with pytest.raises(CallError, match="their own screen"):
        await world.desk.update_fix(agent, probe.call.row.id, fix_id, "done")
    with pytest.raises(CallError, match="not 'explode'"):
        await world.desk.update_fix(agent, probe.call.row.id, fix_id, "explode")


async def test_a_proposal_that_cannot_be_kept_is_not_sent(
    world: Any, join: Any, filesystem: Any, agent: Actor
) -> None:
    probe, finding = await full_disk(world, join, filesystem)
    world.store.broken = StoreError("disk full")
    with pytest.raises(StoreError, match="disk full"):
        await world.desk.propose(agent, probe.call.row.id, finding.id, 0)
    assert not probe.link.bodies("action")
    assert not probe.call.fixes.rows
    world.store.broken = None
    assert await world.desk.propose(agent, probe.call.row.id, finding.id, 0)


async def test_a_report_for_a_fix_of_nobody_changes_nothing(world: Any, join: Any, filesystem: Any) -> None:
    probe, _ = await full_disk(world, join, filesystem)
    probe.report("no-such-fix", pb.ACTION_STATE_DONE)
    assert not probe.call.fixes.rows


async def test_a_missing_parameter_is_said(world: Any, join: Any, agent: Actor) -> None:
    probe = await join(world)
    probe.tell("processes", Fact("process.cpu", 0.99, "7@1"), Fact("process.name", "firefox", "7@1"))
    world.pass_time(1)
    finding = finding_of(probe, "process.busy")
    with pytest.raises(CallError, match="no fix 7"):
        await world.desk.propose(agent, probe.call.row.id, finding.id, 7)
    with pytest.raises(CallError, match="no finding"):
        await world.desk.propose(agent, probe.call.row.id, "nothing", 0)


async def rejoin(world: Any, probe: Any) -> Any:
    """Return the probe that takes an earlier one's place; its words are confirmed."""
    _token, call, session = await world.manager.join(probe.call.row.id, PROBE, commit(NONCE))
    after = type(probe)(world, call, session)
    after.connect()
    call.row.words_confirmed = True
    return after


async def begun(world: Any, join: Any, filesystem: Any, agent: Actor, reported: int) -> tuple[Any, Any, str]:
    """Return a probe that began with a fix and did not say how it ended."""
    probe, finding = await full_disk(world, join, filesystem)
    fix_id = await world.desk.propose(agent, probe.call.row.id, finding.id, 0)
    probe.report(fix_id, reported)
    return probe, finding, fix_id


@pytest.mark.parametrize("reported", [pb.ACTION_STATE_ACCEPTED, pb.ACTION_STATE_RUNNING])
async def test_an_action_whose_probe_was_replaced_has_failed_and_blocks_nothing(
    world: Any, join: Any, filesystem: Any, agent: Actor, reported: int
) -> None:
    probe, finding, fix_id = await begun(world, join, filesystem, agent, reported)
    probe.lose()
    assert state(probe, fix_id) in ("accepted", "running"), "it may come back and say how it ended"
    after = await rejoin(world, probe)
    row = probe.call.fixes.rows[fix_id]
    assert (row.state, row.detail, row.undoable) == (
        "failed",
        "the probe ended before it reported",
        False,
    )
    assert row.settled
    assert not after.link.bodies("action")
    after.tell("filesystems", *filesystem(0.99))
    world.pass_time(1)
    again = await world.desk.propose(agent, probe.call.row.id, finding.id, 0)
    assert [p.proposal_id for p in after.link.bodies("action")] == [again]


async def test_an_action_of_a_probe_that_said_goodbye_has_failed(
    world: Any, join: Any, filesystem: Any, agent: Actor
) -> None:
    probe, _, fix_id = await begun(world, join, filesystem, agent, pb.ACTION_STATE_RUNNING)
    linking.end(probe.call, probe.session, "caller_ended")
    assert state(probe, fix_id) == "failed"


async def test_a_call_can_always_be_abandoned(world: Any, join: Any, filesystem: Any, agent: Actor) -> None:
    probe, _, fix_id = await begun(world, join, filesystem, agent, pb.ACTION_STATE_RUNNING)
    with pytest.raises(CallError, match="wait until it has ended"):
        await world.desk.close(agent, probe.call.row.id, "technician")
    assert await world.desk.close(agent, probe.call.row.id, "abandoned") == "closed"
    view = await world.desk.view(agent, probe.call.row.id, include_facts=False)
    assert [(fix.fix_id, fix.state) for fix in view.fixes] == [(fix_id, "failed")]


async def test_an_action_of_the_probe_that_is_there_goes_on_after_a_crash(
    world: Any, join: Any, filesystem: Any, agent: Actor
) -> None:
    probe, _, fix_id = await begun(world, join, filesystem, agent, pb.ACTION_STATE_RUNNING)
    await world.journal.durable(probe.session.ticket)
    after = await world.crash()
    assert after.manager.calls[probe.call.row.id].fixes.rows[fix_id].state == "running"


async def test_a_join_that_was_kept_without_its_effects_takes_hold_after_a_crash(
    world: Any, join: Any, filesystem: Any, agent: Actor
) -> None:
    probe, _, fix_id = await begun(world, join, filesystem, agent, pb.ACTION_STATE_RUNNING)
    await world.journal.durable(probe.session.ticket)
    await world.saver.flush()
    token, _, session = await world.manager.join(probe.call.row.id, PROBE, commit(NONCE))
    after = await world.crash()
    call = after.manager.calls[probe.call.row.id]
    assert call.fixes.rows[fix_id].state == "failed"
    assert call.sessions[1].row.id == session.row.id
    assert after.manager.session(token) is not None
    await after.saver.flush()
    ended = [row.id for row in await after.store.sessions(probe.call.row.id) if row.ended]
    assert ended == [probe.session.row.id]


async def test_an_undo_that_the_new_probe_cannot_do_is_said_and_not_asked_for_ever(
    world: Any, join: Any, filesystem: Any, agent: Actor
) -> None:
    probe, _, fix_id = await begun(world, join, filesystem, agent, pb.ACTION_STATE_RUNNING)
    probe.report(fix_id, pb.ACTION_STATE_DONE, undoable=True)
    probe.lose()
    await world.desk.update_fix(agent, probe.call.row.id, fix_id, "undo")
    after = await rejoin(world, probe)
    assert [undo.proposal_id for undo in after.link.bodies("undo")] == [fix_id]
    why = "this run of the probe did not do it"
    after.report(fix_id, pb.ACTION_STATE_FAILED, code="precondition", detail=why)
    row = probe.call.fixes.rows[fix_id]
    assert (row.undo_asked, row.undoable, row.detail) == (False, False, f"precondition: {why}")
    view = await world.desk.view(agent, probe.call.row.id, include_facts=False)
    assert [fix.detail for fix in view.fixes] == [f"precondition: {why}"]
    after.connect()
    assert not after.link.bodies("undo")
