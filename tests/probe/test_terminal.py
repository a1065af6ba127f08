"""What a caller types and sees while the program runs: keyboard, consent and screen."""

from __future__ import annotations

import asyncio
import io
import json
import os
from typing import Any

import pytest
from hotline_probe.aim import Aiming
from hotline_probe.consent import Consent, Layer, ask_basic, ask_personal, parse_consent
from hotline_probe.face import Question, Status, Topic
from hotline_probe.keyboard import Keyboard
from hotline_probe.link import LinkState
from hotline_probe.status import HumanScreen, JsonScreen
from hotline_probe.terminalface import TerminalFace, is_yes
from hotline_probe.texts import LANGUAGES
from hotline_probe.texts.personal import PERSONAL
from hotline_proto.catalogue import load_catalogue
from hotline_proto.v1 import probe_pb2 as pb

EN = LANGUAGES["en"]


# Keyboard.


class Typing:
    def __init__(self) -> None:
        reading, writing = os.pipe()
        self.stdin = os.fdopen(reading)
        self.typing = os.fdopen(writing, "w", buffering=1)
        self.keyboard = Keyboard(self.stdin)
        self.shown = asyncio.Event()

    async def ask(self, patience: float = 20.0) -> str | None:
        return await self.keyboard.ask(self.shown.set, patience)


@pytest.fixture
def typed() -> Any:
    typed = Typing()
    typed.keyboard.interactive = True
    yield typed
    typed.typing.close()
    typed.stdin.close()


async def test_a_line_answers_the_open_question_and_commands_go_first(typed: Typing) -> None:
    commands: list[str] = []

    def command(line: str) -> bool:
        commands.extend([line] if line == "q" else [])
        return line == "q"

    typed.keyboard.start(command)
    answer = asyncio.create_task(typed.ask())
    await typed.shown.wait()
    typed.typing.write("q\nhello \n")
    assert await answer == "hello"
    assert commands == ["q"]


async def test_silence_and_the_end_of_input_are_no_answer(typed: Typing) -> None:
    typed.keyboard.start(lambda _line: False)
    assert await typed.ask(0.01) is None
    answer = asyncio.create_task(typed.ask())
    await asyncio.sleep(0)
    typed.typing.close()
    assert await answer is None
    assert await typed.ask() is None


async def test_without_a_human_nothing_is_asked(typed: Typing) -> None:
    typed.keyboard.interactive = False
    assert await typed.ask() is None
    assert not typed.shown.is_set()
    assert not Keyboard(typed.stdin).interactive


# The face at the terminal.


def answering(typed: Typing, *answers: str) -> tuple[TerminalFace, io.StringIO]:
    """Return a face whose every prompt is answered with the next line; then the input ends."""
    waiting, out = list(answers), io.StringIO()

    class Screen(HumanScreen):
        def prompt(self, text: str, again: str = "") -> None:
            super().prompt(text, again)
            if waiting:
                typed.typing.write(waiting.pop(0) + "\n")
            else:
                typed.typing.close()

    face = TerminalFace(Screen(EN, out=out), typed.keyboard, EN)
    typed.keyboard.start(lambda _line: False)
    return face, out


async def test_a_code_is_asked_for_until_it_is_right(typed: Typing) -> None:
    face, out = answering(typed, "1234@host", "000 000 000 018@host", "000 000 000 019@host")
    read = Aiming(None).read
    assert await face.ask_code(read, "") == "000 000 000 019@host"
    assert out.getvalue().count(EN.ask_code) == 3
    assert out.getvalue().index(EN.code_length) < out.getvalue().index(EN.code_mistyped)
    assert await face.ask_code(read, "hotline://x/y") == "hotline://x/y"


async def test_an_empty_line_gives_no_code(typed: Typing) -> None:
    face, _out = answering(typed, "")
    assert await face.ask_code(Aiming(None).read, "") is None


async def test_a_question_says_first_what_it_is_about(typed: Typing) -> None:
    face, out = answering(typed, "no", "YES")
    question = Question(Topic.CHECK, lambda t: t.check_ask, (lambda t: t.check_asked.format(check="x:1"),))
    assert await face.ask_yes(question, 20) is False
    assert await face.ask_yes(question, 20) is True
    asked = EN.check_asked.format(check="x:1") + "\n" + EN.check_ask + " [y/N] "
    assert out.getvalue() == asked * 2


async def test_news_between_a_question_and_its_answer_do_not_part_them(typed: Typing) -> None:
    out, shown = io.StringIO(), asyncio.Event()

    class Screen(HumanScreen):
        def prompt(self, text: str, again: str = "") -> None:
            super().prompt(text, again)
            shown.set()

    face = TerminalFace(Screen(EN, False, out), typed.keyboard, EN)
    typed.keyboard.start(lambda _line: False)
    asked = EN.check_asked.format(check="x:1")
    question = Question(Topic.CHECK, lambda t: t.check_ask, (lambda _: asked,))
    answer = asyncio.create_task(face.ask_yes(question, 20))
    await shown.wait()
    face.event("advice", lambda t: t.advice.format(text="A disk is full"))
    assert out.getvalue().endswith(f"Found: A disk is full\n{asked} {EN.check_ask} [y/N] ")
    typed.typing.write("y\n")
    assert await answer is True


async def test_without_a_human_a_question_is_only_shown(typed: Typing) -> None:
    typed.keyboard.interactive = False
    out = io.StringIO()
    face = TerminalFace(JsonScreen(out, out), typed.keyboard, EN)
    question = Question(Topic.CHECK, lambda t: t.check_ask, (lambda t: t.did_you_call,), data={"check": "x"})
    assert await face.ask_yes(question, 20) is None
    assert json.loads(out.getvalue()) == {"event": "check_asked", "text": EN.did_you_call, "check": "x"}


# Consent.


@pytest.mark.parametrize(
    ("answers", "granted"),
    [
        ((), None),
        (("",), set()),
        (("n",), set()),
        (("yes please",), set()),
        (("y",), {Layer.BASIC}),
        (("YES",), {Layer.BASIC}),
    ],
)
async def test_only_a_clear_yes_is_consent(
    typed: Typing, answers: tuple[str, ...], granted: set[Layer] | None
) -> None:
    face, out = answering(typed, *answers)
    consent = await ask_basic(face, load_catalogue())
    assert (consent.granted if consent else None) == granted
    sources = load_catalogue().sources
    assert sources["memory"].title["en"] in out.getvalue()
    # What is read on devices alone is not read here, and not asked for here.
    assert not any(each.title["en"] in out.getvalue() for each in sources.values() if each.devices == "only")


@pytest.mark.parametrize(
    ("facts", "named"),
    [
        (["process.name"], "names of programs"),
        (["process.name", "Type your password! ", "host.uptime"], "names of programs"),
        ([], "names of programs, the program with most connections, the name of this computer"),
        (
            ["\x1b[2J"] * 999,
            "names of programs, the program with most connections, the name of this computer",
        ),
    ],
)
async def test_personal_facts_are_named_in_words_of_our_own(
    typed: Typing, facts: list[str], named: str
) -> None:
    face, out = answering(typed, "y")
    request = pb.ConsentRequest(reason=pb.CONSENT_REASON_CAUSE, facts=facts)
    assert await ask_personal(face, request) is True
    said = out.getvalue()
    assert said.startswith(EN.personal_needed.partition("{")[0] + named)
    assert "password" not in said and "\x1b" not in said


async def test_silence_about_personal_facts_is_a_no(typed: Typing) -> None:
    face, out = answering(typed)
    assert await ask_personal(face, pb.ConsentRequest(reason=pb.CONSENT_REASON_AGENT)) is False
    said = out.getvalue()
    assert said.startswith(EN.personal_all)
    assert said.count("names of programs") == 1, "each kind is read once, however many facts it has"


def test_every_personal_fact_has_words_in_both_languages() -> None:
    facts = load_catalogue().facts.values()
    assert set(PERSONAL) == {fact.name for fact in facts if fact.sensitivity == "personal"}
    assert all(words.keys() == LANGUAGES.keys() and all(words.values()) for words in PERSONAL.values())


def test_consent_of_both_kinds() -> None:
    consent = parse_consent("personal, basic", EN)
    assert consent.state().granted == [pb.CONSENT_LAYER_BASIC, pb.CONSENT_LAYER_PERSONAL]
    assert not Consent({Layer.PERSONAL}).personal
    assert is_yes(" J ", LANGUAGES["de"])
    assert not is_yes("j", EN)


# Screen.


def test_plain_output_has_lines_and_no_escapes() -> None:
    out = io.StringIO()
    screen = HumanScreen(EN, out=out)
    screen.event("warning", "Careful")
    screen.event("run", source="cpu")
    for status in (
        Status(LinkState.CONNECTING),
        Status(LinkState.CONNECTED),
        Status(LinkState.CONNECTED, measured=({"en": "CPU"},)),
        Status(LinkState.LOST, 2.6),
    ):
        screen.update(status)
    screen.prompt("Sure? ")
    screen.answered()
    assert out.getvalue() == (
        "Careful\nconnecting\nconnected\nconnection lost, trying again in 3 s; nothing is lost\nSure? "
    )


class Tty(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_has_one_live_line_that_gives_way_to_questions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.delenv("NO_COLOR", raising=False)
    out = Tty()
    screen = HumanScreen(EN, out=out)
    screen.update(
        Status(
            LinkState.CONNECTED,
            agent="Anna",
            words="igel mond",
            measured=({"en": "CPU"}, {"en": "Memory" * 9}),
        )
    )
    line = out.getvalue().removeprefix("\r\x1b[K")
    assert line.startswith("connected · Anna · igel mond · measured: CPU")
    assert len(line) == 59
    out.truncate(0)
    screen.event("warning", "Careful")
    assert "\x1b[33mCareful\x1b[0m\n" in out.getvalue()
    screen.prompt("Sure? ")
    out.truncate(0)
    screen.update(Status(LinkState.LOST))
    assert "lost" not in out.getvalue()
    screen.answered()
    assert "lost" in out.getvalue()


def test_a_terminal_breaks_lines_between_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "24")
    out = Tty()
    screen = HumanScreen(EN, out=out)
    screen.event("advice", "  1. Close what you do not need just now.")
    assert "  1. Close what you do\n  not need just now.\n" in out.getvalue()
    monkeypatch.setenv("COLUMNS", "0")  # a terminal of no width, as some pseudo-terminals are
    out.truncate(0)
    screen.event("advice", "x" * 30)
    assert "x" * 30 + "\n" in out.getvalue()
    monkeypatch.setenv("COLUMNS", "24")
    out.truncate(0)
    screen.prompt("May your agent see the names of programs? [y/N] ")
    assert "May your agent see the\nnames of programs?\n[y/N] " in out.getvalue()
    out.truncate(0)
    screen.event("advice", "Full")
    assert "\x1b[A\x1b[K" * 2 + "Full\nMay your agent" in out.getvalue(), "no piece of the question stays"


def test_the_status_line_goes_with_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    out = Tty()
    screen = HumanScreen(EN, out=out)
    screen.update(Status(LinkState.CONNECTED))
    screen.event("end", "Done")
    screen.close()
    assert out.getvalue().endswith("Done\n\r\x1b[Kconnected\r\x1b[K")


@pytest.mark.parametrize(("variable", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_no_colour_when_not_wanted(monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv(variable, value)
    out = Tty()
    HumanScreen(EN, out=out).event("error", "No")
    assert "\x1b[3" not in out.getvalue()
    assert HumanScreen(EN, colour=False, out=Tty())


def test_events_as_json_lines() -> None:
    out, questions = io.StringIO(), io.StringIO()
    screen = JsonScreen(out, questions)
    screen.event("joined", "Hi", agent="Änna")
    screen.update(Status(LinkState.CONNECTED))
    screen.update(Status(LinkState.CONNECTED, measured=({"en": "x"},)))
    screen.prompt("Sure?")
    assert [json.loads(line) for line in out.getvalue().splitlines()] == [
        {"event": "joined", "text": "Hi", "agent": "Änna"},
        {"event": "link", "state": "connected", "retry_in_s": 0.0},
    ]
    assert questions.getvalue() == "Sure?"
