"""One question at a time, the same at the desk and on the caller's screen; safety before everything."""

from __future__ import annotations

from typing import Any

import pytest
from hotline_collector.calls.actor import Actor
from hotline_collector.calls.errors import CallError
from hotline_collector.calls.turn import in_turn
from hotline_collector.calls.views import call_view
from hotline_proto.facts import Fact
from hotline_proto.v1 import probe_pb2 as pb

HAZARD = "burning page"


@pytest.fixture
def lexicon_names_the_hazard(rules: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the complaint of a web page name the hazard, so that its question is asked."""
    entry = next(each for each in rules.pack.lexicon if each.id == "web")
    monkeypatch.setitem(entry.symptoms, "burning", 1)


def view(world: Any, probe: Any) -> Any:
    return call_view(probe.call, world.clock.now(), include_facts=True)


def open_at_the_desk(world: Any, probe: Any) -> list[str]:
    return [question.question for question in view(world, probe).questions if not question.answer]


def on_screen(probe: Any) -> str:
    """Return the question that the caller's screen shows after all frames."""
    shown = ""
    for frame in probe.link.sent:
        if frame.HasField("question"):
            shown = frame.question.id
        elif frame.HasField("question_gone") and frame.question_gone.id == shown:
            shown = ""
    return shown


async def test_the_caller_sees_the_question_of_the_desk_with_all_its_words(world: Any, join: Any) -> None:
    probe = await join(world)
    probe.tell("ping", Fact("net.gateway.reachable", True))
    [question] = probe.link.bodies("question")
    assert open_at_the_desk(world, probe) == [question.id] == ["ask.scope"]
    assert (question.text_en, question.text_de) == ("Other devices?", "Other devices? (de)")
    assert list(question.values) == ["works", "fails"]
    assert list(question.labels_de) == ["works (de)", "fails (de)"]
    assert not question.hazard


async def test_what_the_agent_answers_leaves_the_callers_screen(world: Any, join: Any, agent: Actor) -> None:
    probe = await join(world)
    probe.tell("ping", Fact("net.gateway.reachable", True))
    assert on_screen(probe) == "ask.scope"
    await world.desk.answer(agent, probe.call.row.id, "ask.scope", "fails")
    assert on_screen(probe) == ""
    [question] = view(world, probe).questions
    assert (question.answer, question.answered_by) == ("fails", "agent")
    assert question.answered_us == world.clock.now()


async def test_what_the_caller_types_is_told_as_theirs_and_can_be_corrected(
    world: Any, join: Any, agent: Actor
) -> None:
    probe = await join(world)
    probe.tell("ping", Fact("net.gateway.reachable", True))
    probe.frame(answer=pb.Answer(question="ask.scope", value="works"))
    shown = view(world, probe)
    assert [cause.finding.rule for cause in probe.call.engine.causes()] == ["one.device"]
    assert [(q.answer, q.answered_by) for q in shown.questions] == [("works", "caller")]
    assert [fact.origin for fact in shown.facts if fact.fact == "ask.scope"] == ["caller_typed"]
    await world.saver.flush()
    told = (f"caller:{probe.session.row.id}", "question.answer", probe.call.row.id, "ask.scope")
    assert told in world.store.trail

    await world.desk.answer(agent, probe.call.row.id, "ask.scope", "fails")
    shown = view(world, probe)
    assert not probe.call.engine.causes()
    assert [(q.answer, q.answered_by) for q in shown.questions] == [("fails", "agent")]


async def test_dont_know_on_the_callers_screen_is_an_answer_and_not_asked_again(
    world: Any, join: Any
) -> None:
    probe = await join(world)
    probe.tell("ping", Fact("net.gateway.reachable", True))
    probe.frame(answer=pb.Answer(question="ask.scope", value=""))
    assert on_screen(probe) == ""
    probe.connect()
    assert on_screen(probe) == ""
    assert [question.answer for question in view(world, probe).questions] == ["don't know"]


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("ask.smell", "true"),
        ("ask.scope", "perhaps"),
        ("ask.scope", "WORKS"),
        ("ask.scope", "x" * 5000),
        ("ask.scope", "\x1b[2J"),
        ("operator.outage", "true"),
        ("net.gateway.reachable", "false"),
        ("", ""),
    ],
)
async def test_the_collector_believes_only_an_answer_to_what_is_asked(
    world: Any, join: Any, question: str, value: str
) -> None:
    probe = await join(world)
    probe.tell("ping", Fact("net.gateway.reachable", True))
    before = len(world.journal.entries)
    probe.frame(answer=pb.Answer(question=question, value=value))
    assert open_at_the_desk(world, probe) == ["ask.scope"]
    assert on_screen(probe) == "ask.scope"
    assert not probe.call.engine.causes()
    assert probe.session.seq == probe.seq, "the probe must not send it for ever"
    kept = [entry for _call, entry in world.journal.entries[before:]]
    assert len(kept) == 1
    assert not value.strip() or value.encode() not in kept[0]


@pytest.mark.usefixtures("lexicon_names_the_hazard")
async def test_a_question_of_safety_comes_first_and_locks_the_rest(
    world: Any, join: Any, agent: Actor
) -> None:
    probe = await join(world, "the page fails")
    probe.tell("ping", Fact("net.gateway.reachable", True))
    call_id = probe.call.row.id
    assert open_at_the_desk(world, probe)[0] == on_screen(probe) == "ask.smell"
    assert [q.locked for q in view(world, probe).questions] == [False, True]
    for entered in (
        world.desk.answer(agent, call_id, "ask.scope", "works"),
        world.desk.enter_fact(agent, call_id, "ask.scope", "works"),
    ):
        with pytest.raises(CallError, match=r"safety first: until “Does it smell of burning\?”") as caught:
            await entered
        assert caught.value.kind.value == "locked"
    probe.frame(answer=pb.Answer(question="ask.scope", value="works"))
    assert open_at_the_desk(world, probe) == ["ask.smell", "ask.scope"]

    await world.desk.answer(agent, call_id, "ask.smell", "true")
    assert on_screen(probe) == "", "nothing but safety is talked about"
    with pytest.raises(CallError, match="as long as “burning” stands"):
        await world.desk.answer(agent, call_id, "ask.scope", "works")

    await world.desk.answer(agent, call_id, "ask.smell", "false")
    assert on_screen(probe) == "ask.scope"
    await world.desk.answer(agent, call_id, "ask.scope", "works")
    assert [cause.finding.rule for cause in probe.call.engine.causes()] == ["one.device"]


@pytest.mark.usefixtures("lexicon_names_the_hazard")
async def test_no_fix_is_proposed_while_safety_is_asked_about(
    world: Any, join: Any, agent: Actor, filesystem: Any
) -> None:
    probe = await join(world, "the page fails")
    probe.tell("filesystems", *filesystem(0.99))
    world.pass_time(1)
    call_id = probe.call.row.id
    [cause] = probe.call.engine.causes()
    assert on_screen(probe) == "ask.smell"
    with pytest.raises(CallError, match=r"safety first: until .* is answered, nothing else is tried"):
        await world.desk.propose(agent, call_id, cause.finding.id, 1)
    await world.desk.answer(agent, call_id, "ask.smell", "false")
    assert await world.desk.propose(agent, call_id, cause.finding.id, 1)


async def test_a_question_stays_while_it_is_read(
    world: Any, join: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    probe = await join(world)
    probe.tell("ping", Fact("net.gateway.reachable", True))
    [state] = probe.call.engine.questions()
    other = type(state)("ask.smell", ("x",), False, None, decides=0.9)
    monkeypatch.setattr(probe.call.engine, "questions", lambda: [other, state])
    assert [each.fact for each in in_turn(probe.call)] == ["ask.scope", "ask.smell"]
    urgent = type(state)("ask.smell", ("x",), True, None)
    monkeypatch.setattr(probe.call.engine, "questions", lambda: [urgent, state])
    assert [each.fact for each in in_turn(probe.call)] == ["ask.smell", "ask.scope"]
    proof = type(state)("ask.smell", ("x",), False, None, awaited=True)
    monkeypatch.setattr(probe.call.engine, "questions", lambda: [proof, state])
    assert [each.fact for each in in_turn(probe.call)] == ["ask.smell", "ask.scope"]


async def test_an_answer_given_while_the_link_was_away_still_counts(world: Any, join: Any) -> None:
    probe = await join(world)
    probe.tell("ping", Fact("net.gateway.reachable", True))
    probe.lose()
    probe.connect()
    probe.frame(answer=pb.Answer(question="ask.scope", value="works"))
    assert [question.answer for question in view(world, probe).questions] == ["works"]
