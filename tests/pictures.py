"""Reads picture codes as a phone does: with a program that somebody else wrote (zbar)."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Sequence

import pytest

_SCALE = 6
_MODULES = {" ": "00", "▀": "10", "▄": "01", "█": "11"}


def read_picture(rows: Sequence[str]) -> str:
    """Return the text of a code given as rows of "1" (dark) and "0"."""
    if shutil.which("zbarimg") is None:
        pytest.skip("needs zbarimg (Debian: zbar-tools) to read a picture code")
    wide = [
        "".join(("0" if module == "1" else "255") + " " for module in row for _ in range(_SCALE))
        for row in rows
    ]
    lines = [line for line in wide for _ in range(_SCALE)]
    image = f"P2 {len(rows[0]) * _SCALE} {len(lines)} 255\n" + "\n".join(lines)
    done = subprocess.run(
        ["zbarimg", "--quiet", "--raw", "-"],
        input=image.encode(),
        capture_output=True,
        check=False,
        timeout=30,
    )
    return done.stdout.decode().strip()


def seen_in(screen: str) -> list[str]:
    """Return the rows of the code that a terminal shows in half blocks, black on white."""
    lines = re.findall(r"\x1b\[0;30;47m([ ▀▄█]+)\x1b\[0m", screen)
    return ["".join(_MODULES[block][half] for block in line) for line in lines for half in (0, 1)]
