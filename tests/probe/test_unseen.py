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
from hotline_probe.status import JsonScreen
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
