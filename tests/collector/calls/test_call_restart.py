"""A call after a crash of the collector is the call before it."""

from __future__ import annotations

from typing import Any

from hotline_collector.calls.actor import Actor
from hotline_collector.calls.views import call_view
from hotline_proto.v1 import probe_pb2 as pb
from hotline_proto.words import commit

NONCE = bytes(range(16))


async def test_everything_durable_is_there_after_a_crash(
    world: Any, join: Any, filesystem: Any, agent: Actor
) -> None:
    probe = await join(world)
    probe.tell("filesystems", *filesystem(0.99))
    world.pass_time(1)
    await world.desk.note(agent, probe.call.row.id, "sounds worried")
    await world.journal.durable(probe.session.ticket)
    await world.saver.flush()
    before = call_view(probe.call, world.clock.now(), include_facts=True)

    after = await world.crash()
    call = after.manager.calls[probe.call.row.id]
    view = call_view(call, world.clock.now(), include_facts=True)
    assert [c.finding_id for c in view.causes] == [c.finding_id for c in before.causes]
    assert [n.text for n in view.notes] == ["sounds worried"]
    assert [(f.fact, f.entity, f.value) for f in view.facts] == [
        (f.fact, f.entity, f.value) for f in before.facts
    ]
    assert view.targets[0].link == "lost"
    assert view.targets[0].consent == ["basic", "personal"]
    assert call.sessions[1].seq == probe.seq


async def test_what_was_not_durable_is_asked_for_again(world: Any, join: Any, filesystem: Any) -> None:
    probe = await join(world)
    probe.tell("filesystems", *filesystem(0.5))
    await world.journal.durable(probe.session.ticket)
    acked = probe.seq
    probe.tell("filesystems", *filesystem(0.99))
    after = await world.crash()
    call = after.manager.calls[probe.call.row.id]
    assert call.sessions[1].seq == acked
    assert not call.engine.causes()


async def test_the_same_token_resumes_after_a_crash(world: Any, agent: Actor) -> None:
    row, _ = await world.desk.open(agent, "disk full")
    token, call, session = await world.manager.join(row.id, pb.ProbeInfo(platform="linux"), commit(NONCE))
    await world.journal.durable(call.ticket)
    after = await world.crash()
    found = after.manager.session(token)
    assert found is not None
    assert found[1].row.id == session.row.id
    assert after.manager.session(b"x" * 16) is None


async def test_a_done_action_is_proven_after_a_crash(
    world: Any, join: Any, filesystem: Any, agent: Actor
) -> None:
    probe = await join(world)
    probe.tell("filesystems", *filesystem(0.99))
    world.pass_time(1)
    [cause] = probe.call.engine.causes()
    fix_id = await world.desk.propose(agent, probe.call.row.id, cause.finding.id, 0)
    probe.report(fix_id, pb.ACTION_STATE_DONE, undoable=True)
    # The report is durable, the input that starts the proof and the row are not.
    await world.journal.durable(probe.session.ticket)

    after = await world.crash()
    call = after.manager.calls[probe.call.row.id]
    assert call.fixes.rows[fix_id].state == "verifying"
    assert list(call.engine.verifications()) == [fix_id]
    again = await after.crash()
    assert again.manager.calls[probe.call.row.id].fixes.rows[fix_id].state in ("verifying", "done")


async def test_a_proposal_survives_a_crash_and_is_sent_again(
    world: Any, join: Any, filesystem: Any, agent: Actor
) -> None:
    probe = await join(world)
    probe.tell("filesystems", *filesystem(0.99))
    world.pass_time(1)
    [cause] = probe.call.engine.causes()
    fix_id = await world.desk.propose(agent, probe.call.row.id, cause.finding.id, 0)
    await world.journal.durable(probe.session.ticket)
    after = await world.crash()
    call = after.manager.calls[probe.call.row.id]
    probe.world, probe.call, probe.session = after, call, call.sessions[1]
    probe.connect()
    assert [p.proposal_id for p in probe.link.bodies("action")] == [fix_id]


async def test_a_closed_call_can_be_looked_at_but_not_joined(
    world: Any, join: Any, filesystem: Any, agent: Actor
) -> None:
    probe = await join(world)
    probe.tell("filesystems", *filesystem(0.99))
    world.pass_time(1)
    await world.desk.close(agent, probe.call.row.id, "technician", note="visit on Monday")
    assert probe.link.ended == ["bye agent_closed"]
    assert world.manager.session(b"") is None
    view = await world.desk.view(agent, probe.call.row.id, include_facts=True)
    assert (view.state, view.outcome) == ("closed", "technician")
    assert [c.rule for c in view.causes] == ["disk.full"]
    assert [n.text for n in view.notes] == ["visit on Monday"]
    after = await world.crash()
    assert not after.manager.calls


async def test_a_replay_of_the_record_gives_the_same_findings(world: Any, join: Any, filesystem: Any) -> None:
    probe = await join(world)
    for used in (0.5, 0.99, 0.97, 0.3, 0.96):
        probe.tell("filesystems", *filesystem(used), *filesystem(used / 2, "/home"))
        world.pass_time(3)
    probe.lose()
    world.pass_time(40)
    await world.journal.durable(len(world.journal.entries))
    before = repr(list(probe.call.engine.findings().values()))
    after = await world.crash()
    assert repr(list(after.manager.calls[probe.call.row.id].engine.findings().values())) == before


async def test_a_regress_after_the_last_save_survives_a_crash(
    world: Any, join: Any, filesystem: Any, agent: Actor
) -> None:
    probe = await join(world)
    probe.tell("filesystems", *filesystem(0.99))
    world.pass_time(1)
    [cause] = probe.call.engine.causes()
    fix_id = await world.desk.propose(agent, probe.call.row.id, cause.finding.id, 0)
    probe.report(fix_id, pb.ACTION_STATE_DONE, undoable=True)
    world.pass_time(1)
    for _ in range(5):
        probe.tell("filesystems", *filesystem(0.3))
        world.pass_time(2)
    row = probe.call.fixes.rows[fix_id]
    assert row.state == "verified"
    await world.saver.flush()
    saved = dict(world.store.rows)
    probe.tell("filesystems", *filesystem(0.99))
    world.pass_time(1)
    assert row.state == "regressed"
    # The readings are durable, the row is not.
    await world.journal.durable(probe.session.ticket)
    world.store.rows = saved
    after = await world.crash()
    assert after.manager.calls[probe.call.row.id].fixes.rows[fix_id].state == "regressed"
