"""Single values in the small files of /sys."""

from __future__ import annotations

import re

from hotline_probe.errors import SourceError, SourceFailed
from hotline_probe.machine import Machine

MAX_WORD = 60


def word(machine: Machine, path: str) -> str:
    """Return a short text; raises like `Machine.read`."""
    return machine.read(path)[:MAX_WORD].strip()


def label_of(machine: Machine, path: str, otherwise: str) -> str:
    """Return a short text, or another where there is none."""
    try:
        return word(machine, path) or otherwise
    except SourceError:
        return otherwise


def integer(machine: Machine, path: str) -> int:
    """Return a whole number; raises like `Machine.read`.

    Raises:
        SourceFailed: it is no number of at most 18 digits.
    """
    text = word(machine, path)
    if not re.fullmatch(r"-?\d{1,18}", text, re.ASCII):
        raise SourceFailed(f"{path} is not a number")
    return int(text)
