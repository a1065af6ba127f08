"""Arguments of `hotline call`: an id that may be left out, names, ages, severities."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import click
from hotline_proto.v1 import agent_pb2 as pb

from hotline_collector.console.errors import UsageFault
from hotline_collector.console.pick import ONLY

SEVERITIES = ("info", "warning", "critical")
DONT_KNOW = "?"
_PRESENT = ("active", "clearing")
_AGE = re.compile(r"(\d+(?:\.\d+)?)\s*(s|min|m|h|d)")
_SECONDS = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86_400}
_MIN_FINDING = 3


def id_and_words(metavar: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Give a command arguments of which the first, the call's id, may be left out."""
    return click.argument("words", nargs=-1, required=True, metavar=metavar)


def split_id(words: tuple[str, ...], needed: int, usage: str) -> tuple[str, tuple[str, ...]]:
    """Return the typed id, `-` if it was left out, and the other words.

    Raises:
        UsageFault: there are too few or too many.
    """
    if len(words) == needed:
        return ONLY, words
    if len(words) == needed + 1:
        return words[0], words[1:]
    raise UsageFault(f"usage: {usage} (put quotes around a text with spaces)")


def split_proposal(words: tuple[str, ...]) -> tuple[str, str, int]:
    """Return id, finding and index of `[ID] FINDING [FIX_INDEX]`.

    A finding is named by at least three characters, so that a short number can only be an index.

    Raises:
        UsageFault: the words are something else.
    """
    index = 0
    if len(words) > 1 and words[-1].isascii() and words[-1].isdigit() and len(words[-1]) < _MIN_FINDING:
        words, index = words[:-1], int(words[-1])
    typed, (finding,) = split_id(words, 1, "hotline call propose [ID] FINDING [FIX_INDEX]")
    if len(finding) < _MIN_FINDING:
        raise UsageFault(f"{finding!r} is too short for a finding; type at least {_MIN_FINDING} characters")
    return typed, finding, index


def parse_fact(text: str) -> tuple[str, str]:
    """Return name and value of NAME=VALUE.

    Raises:
        UsageFault: one of them is missing.
    """
    name, equals, value = (part.strip() for part in text.partition("="))
    if not equals or not name or not value:
        raise UsageFault(f'{text!r} is not NAME=VALUE, such as "contract.rate_down=100 Mbit/s"')
    return name, value


def parse_age(text: str) -> float:
    """Return an age such as 90s, 15min, 2h or 3d in seconds.

    Raises:
        UsageFault: it is none.
    """
    found = _AGE.fullmatch(text.strip())
    seconds = float(found[1]) * _SECONDS[found[2]] if found else math.nan
    if not math.isfinite(seconds):
        raise UsageFault(f"{text!r} is no age; write it as 90s, 15min, 2h or 3d")
    return seconds


def parse_answer(text: str) -> str:
    """Return an answer as the wire has it: empty for "don't know"."""
    return "" if text.strip() == DONT_KNOW else text.strip()


def write_new(name: str, data: bytes) -> Path:
    """Write a file that does not exist yet and that only its owner may read, and return its path.

    Raises:
        UsageFault: it exists, or cannot be written.
    """
    path = Path(name)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
    except OSError as error:
        raise UsageFault(f"{path}: {error.strerror}") from error
    return path


def has_cause(findings: Iterable[pb.FindingView], least: str) -> bool:
    """Tell whether one of the causes is present now and at least that severe."""
    counted = SEVERITIES[SEVERITIES.index(least) :]
    return any(each.state in _PRESENT and each.severity in counted for each in findings)
