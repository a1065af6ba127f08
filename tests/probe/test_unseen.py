"""Passwords: nothing of them shows, at a real terminal."""

from __future__ import annotations

import asyncio
import io
import os
import termios
from collections.abc import Iterator
from typing import TextIO

import pytest
from hotline_probe.face import Question, Topic
from hotline_probe.keyboard import Keyboard
from hotline_probe.status import HumanScreen, JsonScreen
from hotline_probe.terminalface import TerminalFace
from hotline_probe.texts import LANGUAGES

QUESTION = Question(Topic.PASSWORD, lambda _: "Password: ", data={"device": "nas"})


class Controls:
    in_call = True

    def __init__(self) -> None:
        self.did: list[str] = []

    def end(self) -> None:
        self.did.append("end")

    def revoke_personal(self) -> None:
        self.did.append("revoke")


@pytest.fixture
def terminal() -> Iterator[tuple[int, TextIO]]:
    outer, inner = os.openpty()
    with os.fdopen(inner) as stream:
        yield outer, stream
    os.close(outer)


def echoes(stream: TextIO) -> bool:
    return bool(termios.tcgetattr(stream.fileno())[3] & termios.ECHO)


async def test_what_is_typed_does_not_show_and_is_no_command(terminal: tuple[int, TextIO]) -> None:
    outer, stream = terminal
    keyboard, controls, out, asked = Keyboard(stream), Controls(), io.StringIO(), io.StringIO()
    keyboard.interactive = True
    face = TerminalFace(JsonScreen(out, asked), keyboard, LANGUAGES["en"])
    face.start(controls)
    for secret in ("q", "p", "correct horse"):
        task = asyncio.create_task(face.ask_secret(QUESTION, 20))
        async with asyncio.timeout(20):
            while echoes(stream):  # noqa: ASYNC110 - the terminal tells nobody
                await asyncio.sleep(0.005)
        os.write(outer, secret.encode() + b"\n")
        assert await task == secret
        assert echoes(stream)
    assert controls.did == []
    assert os.read(outer, 4096).decode().split() == []
    assert "horse" not in out.getvalue() + asked.getvalue()


async def test_silence_gives_the_terminal_back(terminal: tuple[int, TextIO]) -> None:
    _, stream = terminal
    keyboard = Keyboard(stream)
    keyboard.interactive = True
    keyboard.start(lambda _line: False)
    assert await keyboard.ask(lambda: None, 0.01, hidden=True) is None
    assert echoes(stream)


async def test_where_it_would_show_nobody_is_asked() -> None:
    inner, outer = os.pipe()
    with os.fdopen(inner) as stream:
        keyboard, shown = Keyboard(stream), asyncio.Event()
        keyboard.interactive = True
        assert await keyboard.ask(shown.set, 5, hidden=True) is None
        assert not shown.is_set()
    os.close(outer)


async def test_what_was_begun_as_a_secret_answers_nothing_else(terminal: tuple[int, TextIO]) -> None:
    outer, stream = terminal
    keyboard, asked = Keyboard(stream), io.StringIO()
    keyboard.interactive = True
    face = TerminalFace(JsonScreen(io.StringIO(), asked), keyboard, LANGUAGES["en"])
    face.start(Controls())
    lamp = Question(Topic.QUESTION, lambda _: "Which lamp? ", gives_way=True)
    question = asyncio.create_task(face.ask_text(lamp, 20))
    async with asyncio.timeout(20):
        while "Which lamp?" not in asked.getvalue():  # noqa: ASYNC110
            await asyncio.sleep(0.005)
        secret = asyncio.create_task(face.ask_secret(QUESTION, 20))
        while echoes(stream):  # noqa: ASYNC110 - the terminal tells nobody
            await asyncio.sleep(0.005)
        os.write(outer, b"correct ")
        secret.cancel()
        while asked.getvalue().count("Which lamp?") < 2:  # noqa: ASYNC110
            await asyncio.sleep(0.005)
        os.write(outer, b"horse\n")
        while asked.getvalue().count("Which lamp?") < 3:  # noqa: ASYNC110
            await asyncio.sleep(0.005)
        assert not question.done()
        os.write(outer, b"the red one\n")
        assert await question == "the red one"


async def test_a_yes_that_may_have_been_meant_for_another_question_is_none(
    terminal: tuple[int, TextIO], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hotline_probe.keyboard.HASTE_S", 3600.0)
    outer, stream = terminal
    keyboard, out = Keyboard(stream), io.StringIO()
    keyboard.interactive = True
    face = TerminalFace(HumanScreen(LANGUAGES["en"], False, out), keyboard, LANGUAGES["en"])
    face.start(Controls())
    keyboard._left = -3600.0
    first, second = (Question(Topic.DEVICE, lambda _, n=n: n) for n in ("first? ", "second? "))
    asking = asyncio.create_task(face.ask_yes(first, 20))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    asking.cancel()
    async with asyncio.timeout(20):
        asking = asyncio.create_task(face.ask_yes(second, 20))
        os.write(outer, b"y\n")
        while LANGUAGES["en"].question_changed not in out.getvalue():  # noqa: ASYNC110
            await asyncio.sleep(0.005)
        assert not asking.done()
        monkeypatch.setattr("hotline_probe.keyboard.HASTE_S", 0.0)
        os.write(outer, b"y\n")
        assert await asking is True
