"""Devices without any computer: from the first question to a verified fix, on the command line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from click.testing import CliRunner
from hotline_collector.console.cli import hotline

from tests.e2e.conftest import wait_for

SAFE = {
    "ask.hazard.burning": "nein",
    "ask.hazard.water": "no",
    "ask.hazard.shock": "nein",
    "ask.hazard.battery": "nein",
    "ask.hazard.fuse_trips": "nein",
    "ask.hazard.trapped": "nein",
    "ask.hazard.open_machine": "nein",
    "ask.power.others": "all",
    "ask.scope.other_devices": "works",
}
COURSES: dict[str, tuple[str, dict[str, str], str, dict[str, str]]] = {
    "bathroom scale": (
        "Meine Personenwaage zeigt nichts an",
        {"appl.scale.display": "Nichts", "appl.scale.hard_floor": "ja", "appl.scale.app": "unused"},
        "appl.scale.battery",
        {"appl.scale.display": "Das richtige Gewicht"},
    ),
    "tv box": (
        "My TV shows no picture",
        {
            "ask.tv.picture": "no_signal",
            "ask.tv.box_light": "on",
            "ask.tv.right_input": "no",
            "ask.tv.remote_reacts": "yes",
            "ask.router.power_light": "on",
        },
        "tv.input.wrong",
        {"ask.tv.picture": "ok"},
    ),
    "router lights": (
        "Am Router blinkt das DSL-Licht",
        {
            "ask.router.power_light": "Es leuchtet",
            "ask.router.line_light": "Es blinkt",
            "ask.router.internet_light": "off",
            "ask.router.wifi_light": "on",
            "ask.router.info_light": "off",
            "ask.router.blinking_long": "ja",
            "ask.fibre.lights": "none",
        },
        "router.line.no_sync",
        {"ask.router.line_light": "Es leuchtet ruhig"},
    ),
}
WASHER = {
    **SAFE,
    "appl.washer.display": "code",
    "appl.washer.brand": "lg",
    "appl.washer.code": "le",
    "appl.washer.stage": "?",
    "appl.washer.notice": "?",
}
Run = Callable[..., str]


@pytest.fixture
def run(standing: Any) -> Run:
    """Run the command `hotline` against the real collector, as an agent who has logged in."""
    environ = {"HOTLINE_HOME": str(standing.folder / "by-answers"), "HOTLINE_PASSWORD": standing.password}

    def typed(*words: str, code: int = 0) -> str:
        done = CliRunner().invoke(hotline, words, env=environ)
        assert done.exit_code == code, done.output
        return done.output

    typed(
        *("login", "--server", f"localhost:{standing.grpc_port}", "--user", "admin"),
        *("--fingerprint", standing.started["fingerprint"], "--web-port", str(standing.started["web_port"])),
    )
    return typed


def waiting(view: Any) -> list[Any]:
    return [question for question in view.questions if not question.answer and not question.locked]


def interview(run: Run, call: Any, answers: Mapping[str, str]) -> list[str]:
    """Answer what is asked, one question after the other, until a cause stands; return what was asked."""
    asked: list[str] = []
    while not (view := call.view()).causes:
        [question, *_] = waiting(view)
        assert question.question not in asked, "nothing is asked twice"
        assert view.say_now.de == f"Fragen Sie: {question.text.de}"
        assert question.how.de and question.how.en
        asked.append(question.question)
        said = run("call", "answer", call.id, question.question, answers[question.question])
        assert "SAY NOW: " in said
    return asked


@pytest.mark.parametrize("device", COURSES)
def test_from_the_first_question_to_solved(run: Run, standing: Any, device: str) -> None:
    complaint, answers, rule, proof = COURSES[device]
    call = standing.open(complaint)
    assert call.view().by_answers and "Code" not in call.view().say_now.de
    shown = run("call", "show", call.id, "--lang", "de")
    assert "So finden Sie es heraus" in shown or waiting(call.view())[0].how.de[:40] in shown
    asked = interview(run, call, {**SAFE, **answers})
    hazards = [name.startswith("ask.hazard.") for name in asked]
    assert hazards == sorted(hazards, reverse=True), asked
    assert call.view().causes[0].rule == rule, asked

    run("call", "propose", call.id, rule)
    [fix] = call.view().fixes
    run("call", "done", call.id, fix.fix_id)
    [question, *_] = waiting(call.view())
    assert question.question in proof, "the proof is a question"
    assert call.view().say_now.de == f"Fragen Sie: {question.text.de}"
    run("call", "answer", call.id, question.question, proof[question.question])
    call.fix(fix.fix_id, "verified")
    assert not call.view().causes
    assert "schließen Sie ab" in call.view().say_now.de
    assert "solved" in run("call", "close", call.id, "solved", "--caller-confirmed", "--lang", "en").lower()


def test_the_same_code_means_another_thing_on_another_brand_and_answers_are_corrected(
    run: Run, standing: Any
) -> None:
    call = standing.open("The washing machine shows an error code")
    interview(run, call, WASHER)
    assert call.view().causes[0].rule == "appl.washer.motor"
    run("call", "propose", call.id, "appl.washer.motor")
    assert call.view().say_now.en.startswith("Say to the caller")

    run("call", "answer", call.id, "appl.washer.brand", "Samsung")
    call.finding("appl.washer.motor", "cleared")
    view = call.view()
    assert view.causes[0].rule == "appl.washer.leak"
    assert view.say_now.en.startswith("The cause is: Water runs out"), "the steps of the other are void"
    run("call", "propose", call.id, "appl.washer.leak")
    states = {fix.rule: fix.state for fix in call.view().fixes}
    assert states == {"appl.washer.motor": "expired", "appl.washer.leak": "proposed"}
    given = {question.question: question for question in call.view().questions}
    assert given["appl.washer.brand"].answer == "samsung" and given["appl.washer.code"].answer == "LE"
    assert given["appl.washer.brand"].answered_by == "agent"


def test_a_hazard_locks_the_command_line_until_it_is_over(run: Run, standing: Any) -> None:
    call = standing.open("Die Waschmaschine pumpt nicht ab, in der Trommel steht Wasser")
    first = waiting(call.view())
    assert first and all(question.hazard for question in first)
    refused = run("call", "answer", call.id, "appl.washer.display", "normal", code=4)
    assert "safety first" in refused
    run("call", "answer", call.id, "ask.hazard.water", "ja")
    view = call.view()
    assert view.causes[0].rule == "hazard.water"
    assert view.say_now.de.startswith("Sicherheit zuerst: Fassen Sie weder Gerät noch Stecker an")
    assert "Sicherheit zuerst" in run("call", "show", call.id, "--lang", "de")
    assert "safety first" in run("call", "answer", call.id, "appl.washer.display", "normal", code=4)

    run("call", "propose", call.id, "hazard.water")
    [fix] = call.view().fixes
    run("call", "done", call.id, fix.fix_id)
    assert call.view().say_now.de == "Fragen Sie: Ist das Gerät ohne Strom, und halten alle Abstand?"
    run("call", "answer", call.id, "ask.hazard.made_safe", "ja")
    call.fix(fix.fix_id, "verified")
    left = [question for question in waiting(call.view()) if question.hazard]
    for question in left:
        run("call", "answer", call.id, question.question, "nein")
    run("call", "answer", call.id, "appl.washer.display", "normal")


def test_an_order_asks_for_model_and_serial_number(run: Run, standing: Any) -> None:
    call = standing.open("The washing machine shows an error code")
    interview(run, call, {**WASHER, "appl.washer.brand": "miele", "appl.washer.code": "F 10"})
    assert call.view().causes[0].rule == "appl.washer.inlet"
    technician = next(fix.index for fix in call.view().causes[0].fixes if fix.by == "agent")
    call.client.propose_fix(call.id, call.view().causes[0].finding_id, technician)
    for name, typed, kept in (
        ("appl.warranty", "Yes, there is a warranty", "valid"),
        ("appl.model", "wsd 323 wps", "WSD 323 WPS"),
        ("appl.serial", "42/133 07-819", "42/133 07-819"),
        ("appl.bought", "3/2025", "2025-03"),
    ):
        asked = waiting(call.view())[0]
        assert asked.question == name
        assert call.view().say_now.de == f"Fragen Sie: {asked.text.de}"
        run("call", "answer", call.id, name, typed)
        [given] = [each for each in call.view().questions if each.question == name]
        assert given.answer == kept
    assert call.view().say_now.en.startswith("Your turn: There is a warranty: call the maker's service first")
    [fix] = call.view().fixes
    assert [step.en[:11] for step in fix.steps] == ["There is a ", "Nobody else"]
    run("call", "answer", call.id, "appl.warranty", "over")
    assert call.view().say_now.en.startswith("Your turn: Book a technician")
    assert "what the visit costs" in call.view().fixes[0].steps[-1].en
    run("call", "done", call.id, call.view().fixes[0].fix_id)
    run("call", "answer", call.id, "appl.warranty", "valid")
    assert "what the visit costs" in call.view().fixes[0].steps[-1].en, "what was said stays"
    assert "is a month" in run("call", "answer", call.id, "appl.bought", "<b>", code=4)


def test_the_caller_answers_the_question_of_the_desk_on_their_own_screen(standing: Any) -> None:
    call = standing.open("My TV shows no picture")
    probe = standing.probe(call.link, consent="")
    wait_for(lambda: "[y/N]" in probe.log.read_text(), what=probe.lines)
    probe.type("y")
    call.linked("connected")
    shown = probe.event("question")
    first = waiting(call.view())[0]
    assert shown["question"] == first.question and first.hazard
    wait_for(lambda: "(?: " in probe.log.read_text(), what=probe.lines)
    said = " ".join(event["text"] for event in probe.lines() if event["event"] == "question")
    assert first.text.en in said and first.how.en in said and "2  No" in said
    so_far = len(probe.lines())
    probe.type("2")

    def typed(view: Any) -> Any:
        by_caller = [q for q in view.questions if q.answered_by == "caller"]
        return next((q for q in by_caller if q.question == first.question), None)

    assert call.wait(typed).answer == "false"
    following = probe.event("question", after=so_far)["question"]
    assert following == waiting(call.view())[0].question != first.question
    so_far = len(probe.lines())
    call.client.answer(call.id, following, "")
    assert probe.event("question", after=so_far)["question"] == waiting(call.view())[0].question != following
    probe.type("q")
    assert probe.ended() == 0
