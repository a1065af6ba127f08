"""The window as a caller starts it, with a real collector behind it and keys that are really pressed."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hotline_probe.texts import LANGUAGES

from tests.e2e.conftest import _PROBE, Process, wait_for
from tests.probe.xserver import PATIENCE, XDOTOOL, press, start_x_server

EN = LANGUAGES["en"]


@pytest.fixture(scope="module")
def display() -> Iterator[str]:
    yield from start_x_server()


def test_a_call_in_the_window_from_the_link_to_the_end(standing: Any, display: str) -> None:
    call = standing.open("everything is slow")
    environ = standing.environ | {"DISPLAY": display}
    place = standing.folder / "window"
    window = Process(_PROBE, [call.link, "--window", "--lang", "en"], place, environ)
    standing.processes.append(window)
    search = (XDOTOOL, "search", "--sync", "--onlyvisible", "--name", EN.window_title)
    subprocess.run((*search, "windowfocus", "--sync"), env=environ, check=True, timeout=PATIENCE)
    assert call.view().state == "created", "nothing happens before the caller goes on"

    def pressed_until(key: str, done: Callable[[], object]) -> None:
        # What the window shows cannot be read from here; a key that nothing listens to does nothing.
        wait_for(lambda: done() or press(display, key))

    def link() -> str:
        return str(call.view().targets[0].link)

    pressed_until("alt+c", lambda: link() == "joined")
    pressed_until("alt+a", lambda: link() == "connected")
    assert list(call.view().targets[0].consent) == ["basic"]
    call.wait(lambda view: list(view.facts), facts=True)
    pressed_until("alt+e", lambda: link() == "ended")
    assert window.popen.poll() is None, "the window says what happened until it is closed"
    pressed_until("alt+c", lambda: window.popen.poll() is not None)
    assert window.ended() == 0
    assert window.log.read_text() == ""
