"""A real X server without a screen, and keys that are really pressed on it."""

from __future__ import annotations

import os
import select
import shutil
import subprocess
from collections.abc import Iterator

import pytest

PATIENCE = 20.0
# Found now: a test may give the probe another PATH.
XDOTOOL = shutil.which("xdotool") or "xdotool"


def start_x_server() -> Iterator[str]:
    """Yield the name of a display of our own; skip if there can be none."""
    for program, package in (("Xvfb", "xvfb"), ("xdotool", "xdotool")):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed (apt-get install {package})")
    pytest.importorskip("tkinter", reason="this Python has no Tk")
    reading, writing = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1280x1000x24", "-nolisten", "tcp"],
        pass_fds=(writing,),
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    try:
        with os.fdopen(reading) as told:
            ready, _, _ = select.select([told], [], [], PATIENCE)
            number = told.readline().strip() if ready else ""
        if not number:
            pytest.skip("Xvfb does not start here")
        yield f":{number}"
    finally:
        server.terminate()
        server.wait()


def press(display: str, *keys: str) -> None:
    """Press keys, as xdotool(1) names them, where the focus is."""
    _xdotool(display, "key", "--clearmodifiers", *keys)


def type_text(display: str, text: str) -> None:
    """Type a text where the focus is."""
    _xdotool(display, "type", "--delay", "5", text)


def _xdotool(display: str, *words: str) -> None:
    subprocess.run([XDOTOOL, *words], env={**os.environ, "DISPLAY": display}, check=True, timeout=PATIENCE)
