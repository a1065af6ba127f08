"""Running calls change over to another rule pack: journalled, replayed, and nobody waits for all."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import replace
from typing import Any

import pytest
from hotline_collector.calls.actor import Actor
from hotline_collector.calls.views import call_view
from hotline_collector.engine.ruleset import RuleSet
from hotline_collector.model.rule import Text
from hotline_collector.rulepack.faults import Fault
from hotline_proto.record import EntryKind, unpack_entries
from hotline_proto.v1 import probe_pb2 as pb


def edited(rules: RuleSet, **whens: str) -> RuleSet:
    """Return the rules with other conditions, "" for a rule that is gone."""
    kept = {
        rule_id: replace(rule, when=whens.get(rule_id.replace(".", "_"), rule.when))
        for rule_id, rule in rules.pack.rules.items()
        if whens.get(rule_id.replace(".", "_")) != ""
    }
    digest = hashlib.sha256(repr(whens).encode()).hexdigest()
    return RuleSet(replace(rules.pack, version="2", digest=digest, rules=kept), rules.catalogue)


def causes(world: Any, call: Any) -> list[tuple[str, str, int]]:
    view = call_view(call, world.clock.now())
    return [(c.rule, c.finding_id, c.onset_us) for c in [*view.causes, *view.also_noticed]]


async def test_a_running_call_is_judged_by_the_new_rules_and_its_findings_carry_on(
    world: Any, join: Any, filesystem: Any, rules: RuleSet
) -> None:
    probe = await join(world)
    probe.tell("filesystems", *filesystem(0.97))
    before = causes(world, probe.call)
    world.pass_time(1)
    changed = edited(rules, disk_full="filesystem.utilization > 0.9")
    await world.change_rules(changed, "ops")
    assert causes(world, probe.call) == before
    await world.saver.flush()
    [row] = await world.store.findings(probe.call.row.id)
    assert (row.pack_digest, row.pack_version) == (changed.pack.digest, "2")
    [shown] = call_view(probe.call, world.clock.now()).causes
    assert (shown.pack_digest, shown.pack_version) == (changed.pack.digest, "2")


async def test_a_finding_of_a_rule_that_is_gone_is_cleared_and_still_readable(
    world: Any, join: Any, filesystem: Any, rules: RuleSet
) -> None:
    probe = await join(world)
    probe.tell("filesystems", *filesystem(0.97))
    await world.change_rules(edited(rules, disk_full=""))
    view = call_view(probe.call, world.clock.now())
    assert not view.causes
    assert [(c.rule, c.title.en) for c in view.cleared] == [("disk.full", "disk.full")]
    await world.saver.flush()
    assert [row.state for row in await world.store.findings(probe.call.row.id)] == ["cleared"]


async def test_a_fix_whose_rule_is_gone_could_not_be_verified(
    world: Any, join: Any, filesystem: Any, rules: RuleSet, agent: Actor
) -> None:
    probe = await join(world)
    probe.tell("filesystems", *filesystem(0.97))
    call_id, [(_, finding, _)] = probe.call.row.id, causes(world, probe.call)
    fix = await world.desk.propose(agent, call_id, finding, 0)
    probe.report(fix, pb.ACTION_STATE_DONE, undoable=True)
    assert call_view(probe.call, world.clock.now()).fixes[0].state == "verifying"
    await world.change_rules(edited(rules, disk_full=""))
    [shown] = call_view(probe.call, world.clock.now()).fixes
    assert (shown.state, shown.detail) == ("could_not_verify", "its rule was taken out of the pack")
    assert shown.title.en, "what was done stays readable"


async def test_a_fix_keeps_the_words_with_which_it_was_proposed(
    world: Any, join: Any, filesystem: Any, rules: RuleSet, agent: Actor
) -> None:
    probe = await join(world)
    probe.tell("filesystems", *filesystem(0.97))
    [(_, finding, _)] = causes(world, probe.call)
    await world.desk.propose(agent, probe.call.row.id, finding, 1)
    [before] = call_view(probe.call, world.clock.now()).fixes
    assert before.steps
    rule = rules.pack.rules["disk.full"]
    step = replace(rule.fixes[1].steps[0], text=Text("Other", "Anderes"))
    fixes = (rule.fixes[0], replace(rule.fixes[1], steps=(step,)))
    pack = replace(rules.pack, digest="e" * 64, rules={"disk.full": replace(rule, fixes=fixes)})
    await world.change_rules(RuleSet(pack, rules.catalogue))
    [after] = call_view(probe.call, world.clock.now()).fixes
    assert (after.title, list(after.steps)) == (before.title, list(before.steps))


async def test_a_restart_replays_every_change_of_the_rules(
    world: Any, join: Any, filesystem: Any, rules: RuleSet
) -> None:
    probe = await join(world)
    probe.tell("filesystems", *filesystem(0.97))
    for when in ("filesystem.utilization > 0.5", "filesystem.utilization > 0.6"):
        world.pass_time(1)
        await world.change_rules(edited(rules, disk_full=when))
        probe.tell("filesystems", *filesystem(0.7))
    await world.journal.durable(probe.session.ticket)
    before = causes(world, probe.call)
    assert before
    kinds = [entry.kind for entry in unpack_entries(await world.journal.read(probe.call.row.id))]
    assert kinds.count(EntryKind.PACK_CHANGED) == 2
    after = await world.crash()
    call = after.manager.calls[probe.call.row.id]
    assert causes(after, call) == before
    assert call.rules.pack.digest == probe.call.rules.pack.digest
    # The collector was started with the first pack: that is what it judges by from now on.
    await after.manager.hand_over()
    assert call.rules.pack.digest == rules.pack.digest
    assert set(after.manager.around.packs) == {rules.pack.digest}, "rules that judge nobody are let go"


async def test_a_closed_call_is_shown_by_the_rules_it_ended_with(
    world: Any, join: Any, filesystem: Any, rules: RuleSet, agent: Actor
) -> None:
    probe = await join(world)
    call_id = probe.call.row.id
    await world.change_rules(edited(rules, disk_full="filesystem.utilization > 0.5"))
    probe.tell("filesystems", *filesystem(0.7))
    shown = causes(world, probe.call)
    await world.desk.close(agent, call_id, "abandoned")
    await world.change_rules(rules)
    assert causes(world, await world.manager.get(call_id)) == shown != []


async def test_a_full_journal_is_tried_again(
    world: Any, join: Any, rules: RuleSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hotline_collector.calls.packs._RETRY_S", 0.01)
    probe = await join(world)
    world.journal.full = True
    changed = edited(rules, disk_full="filesystem.utilization > 0.5")
    task = asyncio.create_task(world.change_rules(changed))
    await asyncio.sleep(0.05)
    assert probe.call.rules.pack.digest == rules.pack.digest
    world.journal.full = False
    await asyncio.wait_for(task, 5)
    assert probe.call.rules.pack.digest == changed.pack.digest


async def test_others_are_served_between_two_calls(world: Any, join: Any, rules: RuleSet) -> None:
    for _ in range(5):
        await join(world)
    turns, done = 0, False

    async def somebody_else() -> None:
        nonlocal turns
        while not done:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(somebody_else())
    await world.change_rules(edited(rules, disk_full="filesystem.utilization > 0.5"))
    done = True
    await task
    assert turns >= 5


async def test_an_agent_is_told_which_rules_are_in_use_and_what_was_refused(
    world: Any, rules: RuleSet, agent: Actor
) -> None:
    changed = edited(rules, disk_full="filesystem.utilization > 0.5")
    await world.change_rules(changed, "test: ops (0123)")
    world.manager.refuse_rules([Fault("a.yaml", 3, 1, "unknown key")])
    told = world.desk.rule_pack(agent)
    assert (told.name, told.version, told.digest) == ("test", "2", changed.pack.digest)
    assert (told.rules, told.signer, told.refused_us) == (5, "test: ops (0123)", world.clock.now())
    assert [(f.file, f.line, f.column, f.message) for f in told.faults] == [("a.yaml", 3, 1, "unknown key")]
    await world.change_rules(rules)
    told = world.desk.rule_pack(agent)
    assert (told.refused_us, list(told.faults)) == (0, [])
