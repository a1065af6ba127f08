"""What an agent sees of a call."""

from __future__ import annotations

from typing import Any

import pytest
from hotline_collector.calls.actor import Actor
from hotline_collector.calls.errors import CallError
from hotline_proto.facts import Fact
from hotline_proto.v1 import probe_pb2 as pb
from hotline_proto.words import commit

NONCE = bytes(range(16))
PROBE = pb.ProbeInfo(version="0.1.0", platform="linux", catalogue_digest="x", language="de")


async def look(world: Any, probe: Any, agent: Actor, *, facts: bool = False) -> Any:
    return await world.desk.view(agent, probe.call.row.id, include_facts=facts)


async def test_a_cause_comes_with_evidence_texts_and_fixes(
    world: Any, join: Any, filesystem: Any, agent: Actor
) -> None:
    probe = await join(world)
    probe.tell("filesystems", *filesystem(0.987))
    world.pass_time(1)
    view = await look(world, probe, agent)
    [cause] = view.causes
    assert (cause.rule, cause.entity, cause.state) == ("disk.full", "/", "active")
    assert cause.title.de == "disk.full (de)"
    [evidence] = cause.evidence
    assert evidence.fact.endswith("filesystem.utilization")
    assert (evidence.value, evidence.unit) == ("0.987", "1")
    action, steps, _ = cause.fixes
    assert action.title.en == "Move old temporary files aside"
    assert action.undo.en
    assert steps.steps[0].en == "do tidy"
    assert steps.undo.en == "undo tidy"


async def test_what_has_nothing_to_do_with_the_complaint_is_also_noticed(
    world: Any, join: Any, agent: Actor
) -> None:
    probe = await join(world)
    probe.tell("processes", Fact("process.cpu", 0.99, "7@1"), Fact("process.name", "firefox", "7@1"))
    world.pass_time(1)
    view = await look(world, probe, agent)
    assert [f.rule for f in view.also_noticed] == ["process.busy"]
    assert not view.causes


async def test_the_agent_asks_for_the_address_that_a_complaint_is_about(
    world: Any, join: Any, agent: Actor
) -> None:
    probe = await join(world, "a page does not open")
    assert "Ask which page or server it is" in (await look(world, probe, agent)).say_now.en
    await world.desk.answer(agent, probe.call.row.id, "ask.scope", "fails")
    assert "Ask which page" not in (await look(world, probe, agent)).say_now.en


async def test_an_address_that_is_known_is_not_asked_for(world: Any, join: Any, agent: Actor) -> None:
    probe = await join(world, "the page https://shop.example.org does not open")
    view = await look(world, probe, agent)
    assert view.say_now.en == f"Ask: {view.questions[0].text.en}"
    assert view.questions[0].question == "ask.scope"


async def test_personal_values_are_hidden_until_the_words_are_confirmed(
    world: Any, join: Any, agent: Actor
) -> None:
    probe = await join(world, words=False)
    probe.tell("processes", Fact("process.cpu", 0.99, "7@1"), Fact("process.name", "firefox", "7@1"))
    world.pass_time(1)
    view = await look(world, probe, agent, facts=True)
    assert "firefox" not in str(view)
    assert "hidden until the words are confirmed" in str(view)
    assert "two words" in view.say_now.en
    probe.call.row.words_confirmed = True
    assert "firefox" in str(await look(world, probe, agent, facts=True))


async def test_a_lost_link_is_said_with_its_time_and_findings_turn_stale(
    world: Any, join: Any, filesystem: Any, agent: Actor
) -> None:
    probe = await join(world)
    probe.tell("filesystems", *filesystem(0.99))
    world.pass_time(1)
    lost_at = world.clock.now()
    probe.lose()
    world.pass_time(60)
    view = await look(world, probe, agent)
    assert (view.targets[0].link, view.targets[0].link_since_us) == ("lost", lost_at)
    assert [(c.rule, c.stale) for c in view.causes] == [("disk.full", True)]
    assert "lost" in view.say_now.en


async def test_the_sentence_follows_the_call(world: Any, join: Any, filesystem: Any, agent: Actor) -> None:
    row, _ = await world.desk.open(agent, "disk full")
    view = await world.desk.view(agent, row.id, include_facts=False)
    assert view.targets[0].link == "waiting"
    assert "read the code out" in view.say_now.en
    assert "lesen Sie den Code vor" in view.say_now.de

    probe = await join(world)
    probe.tell("filesystems", *filesystem(0.99))
    world.pass_time(1)
    assert "The cause is: disk.full" in (await look(world, probe, agent)).say_now.en
    [cause] = probe.call.engine.causes()
    fix_id = await world.desk.propose(agent, probe.call.row.id, cause.finding.id, 0)
    assert "allow “Move old" in (await look(world, probe, agent)).say_now.en
    probe.report(fix_id, pb.ACTION_STATE_RUNNING)
    assert "is running" in (await look(world, probe, agent)).say_now.en
    probe.report(fix_id, pb.ACTION_STATE_DONE)
    assert "Fresh readings" in (await look(world, probe, agent)).say_now.en
    world.pass_time(1)
    probe.tell("filesystems", *filesystem(0.1))
    view = await look(world, probe, agent)
    assert view.say_now.en == "Measured: the fault is gone. Ask the caller to try again."
    assert [f.rule for f in view.cleared] == ["disk.full"]


async def test_between_joining_and_consent_the_agent_hears_what_the_caller_does(
    world: Any, agent: Actor
) -> None:
    row, _ = await world.desk.open(agent, "disk full")
    _, call, session = await world.manager.join(row.id, PROBE, commit(NONCE))
    view = await world.desk.view(agent, row.id, include_facts=False)
    assert view.targets[0].link == "joined"
    assert view.say_now.en == "Ask the caller to read the first page and allow the basic readings."
    with pytest.raises(CallError, match="has joined and is reading the consent page") as early:
        await world.desk.confirm_words(agent, row.id, "anker apfel")
    assert "confirm the words once they have allowed" in str(early.value)

    version = call.version
    world.pass_time(59)
    assert call.version == version
    world.pass_time(2)
    assert call.version > version, "who watches hears of it"
    view = await world.desk.view(agent, row.id, include_facts=False)
    assert "allow the basic readings" in view.say_now.en
    assert "make a new code" in view.say_now.en
    assert "neuen Code" in view.say_now.de
    session.row.ended = world.clock.now()
    view = await world.desk.view(agent, row.id, include_facts=False)
    assert view.targets[0].link == "ended"


async def test_time_that_passes_and_changes_nothing_is_no_news(
    world: Any, join: Any, filesystem: Any, agent: Actor
) -> None:
    probe = await join(world)
    probe.tell("filesystems", *filesystem(0.1))
    due = probe.call.engine.next_deadline()
    assert due is not None
    world.pass_time((due - world.clock.now()) / 2e6)
    probe.tell("filesystems", *filesystem(0.1))
    version = probe.call.version
    world.pass_time((due - world.clock.now()) / 1e6)
    assert probe.call.engine.next_deadline() != due, "it was looked whether the facts are still fresh"
    assert probe.call.version == version


async def test_a_code_that_nobody_used_in_its_time_wants_a_new_one(world: Any, agent: Actor) -> None:
    row, _ = await world.desk.open(agent, "disk full")
    call = world.manager.calls[row.id]
    world.pass_time(599)
    view = await world.desk.view(agent, row.id, include_facts=False)
    assert "read the code out" in view.say_now.en
    version = call.version
    world.pass_time(2)
    assert call.version > version, "who watches hears of it"
    view = await world.desk.view(agent, row.id, include_facts=False)
    assert (view.targets[0].link, "Make a new code" in view.say_now.en) == ("waiting", True)
    await world.desk.renew_code(agent, row.id)
    view = await world.desk.view(agent, row.id, include_facts=False)
    assert "read the code out" in view.say_now.en


async def test_the_wait_for_consent_goes_on_after_a_crash(world: Any, agent: Actor) -> None:
    row, _ = await world.desk.open(agent, "disk full")
    await world.manager.join(row.id, PROBE, commit(NONCE))
    after = await world.crash()
    call = after.manager.calls[row.id]
    version = call.version
    after.pass_time(61)
    assert call.version > version
    view = await after.desk.view(agent, row.id, include_facts=False)
    assert (view.targets[0].link, "make a new code" in view.say_now.en) == ("joined", True)


async def test_the_version_grows_with_every_change(
    world: Any, join: Any, filesystem: Any, agent: Actor
) -> None:
    probe = await join(world)
    first = (await look(world, probe, agent)).version
    probe.tell("filesystems", *filesystem(0.99))
    second = (await look(world, probe, agent)).version
    await world.desk.note(agent, probe.call.row.id, "hm")
    assert first < second < (await look(world, probe, agent)).version


async def test_the_caller_sees_the_top_causes_once(world: Any, join: Any, filesystem: Any) -> None:
    probe = await join(world)
    probe.tell("filesystems", *filesystem(0.99))
    world.pass_time(1)
    probe.tell("filesystems", *filesystem(0.991))
    lines = [[line.text_en for line in advice.lines] for advice in probe.link.bodies("advice")]
    assert lines == [["disk.full"]]


async def test_every_look_and_change_is_audited(world: Any, join: Any, filesystem: Any, agent: Actor) -> None:
    probe = await join(world)
    probe.tell("filesystems", *filesystem(0.99))
    world.pass_time(1)
    call_id = probe.call.row.id
    await look(world, probe, agent)
    await world.desk.confirm_words(agent, call_id, "wrong words")
    [cause] = probe.call.engine.causes()
    fix_id = await world.desk.propose(agent, call_id, cause.finding.id, 0)
    probe.report(fix_id, pb.ACTION_STATE_DECLINED)
    await world.desk.close(agent, call_id, "abandoned")
    actions = [(actor.split(":")[0], action) for actor, action, _, _ in world.store.trail]
    assert actions == [
        ("agent", "call.open"),
        ("caller", "join"),
        ("caller", "consent"),
        ("agent", "call.look"),
        ("agent", "words.confirm"),
        ("agent", "fix.propose"),
        ("caller", "fix.report"),
        ("agent", "call.close"),
    ]


async def test_a_plan_is_followed_step_by_step(world: Any, join: Any, agent: Actor) -> None:
    probe = await join(world, "please set up my network")
    call_id = probe.call.row.id
    with pytest.raises(CallError, match=r"no plan 'plan.other'; there are: plan.net"):
        await world.desk.follow_plan(agent, call_id, "plan.other")
    await world.desk.follow_plan(agent, call_id, "plan.net")
    view = await look(world, probe, agent)
    assert [step.state for step in view.plan.steps] == ["unknown", "unknown"]
    assert view.questions[0].question == "ask.scope"
    assert view.say_now.en == "Ask: Other devices?"
    await world.desk.answer(agent, call_id, "ask.scope", "works")
    probe.tell("routes", Fact("net.route.default", False))
    view = await look(world, probe, agent)
    assert ([step.state for step in view.plan.steps], view.plan.current) == (["met", "unmet"], 1)
    assert view.say_now.en == "Next step: do pull.plug"
    probe.tell("routes", Fact("net.route.default", True))
    view = await look(world, probe, agent)
    assert view.plan.current == 2
    assert "All steps of the plan are met" in view.say_now.en
    await world.desk.follow_plan(agent, call_id, "")
    assert not (await look(world, probe, agent)).plan.steps
