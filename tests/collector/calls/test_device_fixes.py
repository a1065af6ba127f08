"""Actions on devices: offered if the catalogue has them for devices, done over the device's own session."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hotline_collector.calls import linking
from hotline_collector.calls.actor import Actor
from hotline_collector.calls.errors import CallError
from hotline_collector.engine.ruleset import RuleSet
from hotline_collector.model.rule import Fix
from hotline_proto.facts import Fact
from hotline_proto.v1 import agent_pb2
from hotline_proto.v1 import probe_pb2 as pb
from hotline_proto.words import commit

PROBE = pb.ProbeInfo(platform="linux")
NONCE = b"n" * 16
ADDRESS = "ssh://root@192.168.1.5"
ACTION = "storage.remount_writable"


@pytest.fixture
def room(world: Any, rules: RuleSet) -> Any:
    """A world whose rule for filesystems offers an action for devices beside one that is none."""
    rule = rules.pack.rules["disk.full"]
    fix = Fix(ACTION, {"filesystem": "filesystem"}, (), "caller", "medium")
    changed = {**rules.pack.rules, rule.id: replace(rule, fixes=(*rule.fixes, fix))}
    pack = replace(rules.pack, rules=changed, digest="1" * 64)
    return type(world)(world.catalogue, RuleSet(pack, world.catalogue))


@pytest.fixture
def read(room: Any, join: Any, agent: Actor) -> Any:
    """Return a function that has a device read in a call, with a full filesystem /srv; and its probe."""

    async def begin(*, words: bool = True) -> tuple[Any, Any]:
        probe = await join(room)
        probe.call.words_confirmed()
        await room.desk.add_target(agent, probe.call.row.id, ADDRESS)
        _, call, session = await room.manager.join(probe.call.row.id, PROBE, commit(NONCE), 2)
        device = type(probe)(room, call, session)
        device.connect(pb.CONSENT_LAYER_BASIC)
        tell_full(device, 0.99)
        probe.call.row.words_confirmed = words
        return probe, device

    return begin


def tell_full(device: Any, share: float) -> None:
    from tests.collector.conftest import fs

    device.tell("filesystems", *fs(share, "/srv"))


def cause_of(room: Any, call: Any) -> agent_pb2.FindingView:
    [cause] = room.desk.look(call, include_facts=False).causes
    assert isinstance(cause, agent_pb2.FindingView) and cause.target == 2
    return cause


def view_of(room: Any, call: Any) -> agent_pb2.FixView:
    [fix] = room.desk.look(call, include_facts=False).fixes
    assert isinstance(fix, agent_pb2.FixView)
    return fix


async def test_only_what_fits_devices_is_offered_and_done(room: Any, read: Any, agent: Actor) -> None:
    probe, device = await read()
    call = probe.call
    cause = cause_of(room, call)
    assert [fix.action for fix in cause.fixes] == ["", "", ACTION]
    with pytest.raises(CallError, match="not done on a device"):
        await room.desk.propose(agent, call.row.id, cause.finding_id, 0)

    fix_id = await room.desk.propose(agent, call.row.id, cause.finding_id, 3)
    [proposal] = device.link.bodies("action")
    assert (proposal.action, proposal.parameters[0].entity_key) == (ACTION, "/srv")
    assert probe.link.bodies("action") == [], "the computer is not asked to do it"
    assert view_of(room, call).target == 2
    device.report(fix_id, pb.ACTION_STATE_DONE, undoable=True)
    tell_full(device, 0.5)
    room.pass_time(1)
    assert view_of(room, call).state == "verified"

    await room.desk.update_fix(agent, call.row.id, fix_id, "undo")
    assert [undo.proposal_id for undo in device.link.bodies("undo")] == [fix_id]
    assert probe.link.bodies("undo") == []
    device.report(fix_id, pb.ACTION_STATE_UNDONE)
    assert view_of(room, call).state == "undone"


async def test_what_the_collector_reads_itself_is_only_read(room: Any, read: Any, agent: Actor) -> None:
    probe, _ = await read()
    probe.call.devices[2].from_collector = True
    cause = cause_of(room, probe.call)
    assert [fix.action for fix in cause.fixes] == ["", ""]
    with pytest.raises(CallError, match="only read"):
        await room.desk.propose(agent, probe.call.row.id, cause.finding_id, 3)


async def test_facts_of_the_computer_prove_nothing_on_a_device(room: Any, read: Any, agent: Actor) -> None:
    probe, device = await read()
    cause = cause_of(room, probe.call)
    fix_id = await room.desk.propose(agent, probe.call.row.id, cause.finding_id, 3)
    device.report(fix_id, pb.ACTION_STATE_DONE, undoable=True)
    tell_full(probe, 0.5)
    room.pass_time(1)
    assert view_of(room, probe.call).state == "verifying"


async def test_a_device_that_is_gone_takes_no_action(room: Any, read: Any, agent: Actor) -> None:
    probe, device = await read()
    cause = cause_of(room, probe.call)
    device.lose()
    with pytest.raises(CallError, match="the device is not connected"):
        await room.desk.propose(agent, probe.call.row.id, cause.finding_id, 3)


async def test_without_the_two_words_no_action_is_proposed(room: Any, read: Any, agent: Actor) -> None:
    probe, _ = await read(words=False)
    cause = cause_of(room, probe.call)
    with pytest.raises(CallError, match="two words"):
        await room.desk.propose(agent, probe.call.row.id, cause.finding_id, 3)


async def test_what_was_done_over_a_connection_that_ended_stays(room: Any, read: Any, agent: Actor) -> None:
    probe, device = await read()
    call = probe.call
    fix_id = await room.desk.propose(agent, call.row.id, cause_of(room, call).finding_id, 3)
    device.report(fix_id, pb.ACTION_STATE_RUNNING)
    with pytest.raises(CallError, match=ADDRESS):
        await room.desk.close(agent, call.row.id, "technician")
    device.report(fix_id, pb.ACTION_STATE_DONE, undoable=True)
    linking.end(call, device.session, "device_lost")
    by_hand = rf"{ADDRESS} has ended: have .* read again .* mount the filesystem /srv read-only again"
    with pytest.raises(CallError, match=by_hand):
        await room.desk.update_fix(agent, call.row.id, fix_id, "undo")
    call.devices[2].from_collector = True
    with pytest.raises(CallError, match=rf"{ADDRESS} has ended, so it cannot.* mount the filesystem /srv"):
        await room.desk.update_fix(agent, call.row.id, fix_id, "undo")
    assert not view_of(room, call).detail


async def test_an_undo_is_never_just_forgotten(room: Any, read: Any, agent: Actor) -> None:
    probe, device = await read()
    call = probe.call
    fix_id = await room.desk.propose(agent, call.row.id, cause_of(room, call).finding_id, 3)
    device.report(fix_id, pb.ACTION_STATE_DONE, undoable=True)
    await room.desk.update_fix(agent, call.row.id, fix_id, "undo")
    # The device is lost before it has done so.
    device.lose()
    with pytest.raises(CallError, match=r"lost right now; .* mount the filesystem /srv read-only again"):
        await room.desk.update_fix(agent, call.row.id, fix_id, "undo")
    linking.end(call, device.session, "device_lost")
    by_hand = f"the connection over which this was done on {ADDRESS} has ended"
    assert view_of(room, call).detail.startswith(by_hand)
    assert "mount the filesystem /srv read-only again" in view_of(room, call).detail
    # Nobody else is told to do it.
    _, _, session = await room.manager.join(call.row.id, PROBE, commit(NONCE), 2)
    later = type(probe)(room, call, session)
    later.connect(pb.CONSENT_LAYER_BASIC)
    assert later.link.bodies("undo") == []


async def test_only_who_has_done_it_takes_it_back(room: Any, read: Any, agent: Actor) -> None:
    probe, device = await read()
    call = probe.call
    fix_id = await room.desk.propose(agent, call.row.id, cause_of(room, call).finding_id, 3)
    device.report(fix_id, pb.ACTION_STATE_DONE, undoable=True)
    linking.end(call, device.session, "device_lost")
    _, _, session = await room.manager.join(call.row.id, PROBE, commit(NONCE), 2)
    later = type(probe)(room, call, session)
    later.connect(pb.CONSENT_LAYER_BASIC)
    with pytest.raises(CallError, match=r"knows nothing of it; .* mount the filesystem /srv read-only again"):
        await room.desk.update_fix(agent, call.row.id, fix_id, "undo")
    assert later.link.bodies("undo") == []
    # A probe that still knows what it did over an earlier connection says so once more.
    later.report(fix_id, pb.ACTION_STATE_DONE, undoable=True)
    await room.desk.update_fix(agent, call.row.id, fix_id, "undo")
    assert [undo.proposal_id for undo in later.link.bodies("undo")] == [fix_id]


async def test_an_action_whose_device_was_lost_has_failed(room: Any, read: Any, agent: Actor) -> None:
    probe, device = await read()
    call = probe.call
    fix_id = await room.desk.propose(agent, call.row.id, cause_of(room, call).finding_id, 3)
    device.report(fix_id, pb.ACTION_STATE_RUNNING)
    device.report(fix_id, pb.ACTION_STATE_FAILED, code="lost", detail="the connection ended")
    assert view_of(room, call).detail == "lost: the connection ended"
    again = await room.desk.propose(agent, call.row.id, cause_of(room, call).finding_id, 3)
    device.report(again, pb.ACTION_STATE_RUNNING)
    linking.end(call, device.session, "device_lost")
    fixes = {fix.fix_id: fix.state for fix in room.desk.look(call, include_facts=False).fixes}
    assert fixes == {fix_id: "failed", again: "failed"}


async def test_an_action_is_offered_once_its_fact_is_known(
    world: Any, join: Any, rules: RuleSet, agent: Actor
) -> None:
    rule = rules.pack.rules["one.device"]
    fix = Fix("interface.restart", {"interface": "router.wan.interface"}, (), "caller", "medium")
    when = "router.conntrack.utilization > 0.9"
    changed = {**rules.pack.rules, rule.id: replace(rule, fixes=(fix,), when=when)}
    pack = replace(rules.pack, rules=changed, digest="2" * 64)
    room = type(world)(world.catalogue, RuleSet(pack, world.catalogue))
    probe = await join(room)
    full = Fact("router.conntrack.utilization", 0.95)
    probe.tell("openwrt", full)
    view = room.desk.look(probe.call, include_facts=False)
    [cause] = (*view.causes, *view.also_noticed)
    assert list(cause.fixes) == []
    with pytest.raises(CallError, match="needs a fact"):
        await room.desk.propose(agent, probe.call.row.id, cause.finding_id, 0)
    probe.tell("openwrt", full, Fact("router.wan.interface", "eth1"))
    view = room.desk.look(probe.call, include_facts=False)
    [cause] = (*view.causes, *view.also_noticed)
    assert [option.action for option in cause.fixes] == ["interface.restart"]
