"""Asking Windows PowerShell, and reading its JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any

from hotline_probe.errors import SourceFailed
from hotline_probe.machine import Machine

MAX_ROWS = 4096
_MAX_TEXT = 1024
_LARGEST = 2**63
_WORDS = ("powershell", "-NoLogo", "-NoProfile", "-NonInteractive", "-Command")
# JSON may write every character as \uXXXX (RFC 8259, section 7): what is plain ASCII reads alike in the
# character set of any console, and needs none that can be set.
_BEFORE = "$ErrorActionPreference='SilentlyContinue';$ProgressPreference='SilentlyContinue';"
_AFTER = (
    ";$j=ConvertTo-Json -InputObject $r -Depth 6 -Compress;"
    "[Console]::Out.Write([regex]::Replace($j,'[^\\x20-\\x7e]',"
    "{param($m)'\\u{0:x4}' -f [int][char]$m.Value}))"
)

Row = Mapping[str, Any]


def command(script: str) -> tuple[str, ...]:
    """Return the words that run a script which leaves what it tells in `$r`; it holds no double quotes."""
    return (*_WORDS, _BEFORE + script + _AFTER)


def ask(machine: Machine, script: str, timeout: float) -> Row:
    """Return the object that a script tells.

    Raises:
        MissingTool: there is no PowerShell.
        SourceFailed: it took too long or did not print a JSON object.
    """
    result = machine.run(command(script), timeout)
    return parse_object(result.out)


def parse_object(text: str) -> Row:
    r"""Return the JSON object in what PowerShell printed, whatever mark (BOM) stands before it.

    >>> parse_object('\ufeff{"a":1}\r\n')
    {'a': 1}

    Raises:
        SourceFailed: it is none.
    """
    try:
        told = json.loads(text.strip().lstrip("\ufeff"))
    except (ValueError, RecursionError) as error:
        raise SourceFailed("PowerShell did not print JSON") from error
    if not isinstance(told, dict):
        raise SourceFailed("PowerShell did not print an object")
    return told


def rows(told: Row, name: str) -> Iterator[Row]:
    """Yield the objects of a list; PowerShell makes a single one no list."""
    for row in _listed(told.get(name)):
        if isinstance(row, dict):
            yield row


def integer(row: Row, name: str) -> int | None:
    """Return a whole number, None if it is something else."""
    value = row.get(name)
    whole = isinstance(value, int) and not isinstance(value, bool) and abs(value) < _LARGEST
    return value if whole else None


def number(row: Row, name: str) -> float | None:
    """Return a number, None if it is something else."""
    value = row.get(name)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) < _LARGEST:
        return None
    return float(value) if math.isfinite(value) else None


def flag(row: Row, name: str) -> bool | None:
    """Return a truth value, None if it is something else."""
    value = row.get(name)
    return value if isinstance(value, bool) else None


def text(row: Row, name: str) -> str:
    """Return a text, empty if it is something else."""
    value = row.get(name)
    return value[:_MAX_TEXT].replace("\0", "") if isinstance(value, str) else ""


def texts(row: Row, name: str) -> list[str]:
    """Return a list of texts; PowerShell makes a single one no list."""
    return [one[:_MAX_TEXT] for one in _listed(row.get(name)) if isinstance(one, str)]


def _listed(value: Any) -> list[Any]:
    """Return a list as such; version 5.1 writes some as {"value": […], "Count": 2}."""
    if isinstance(value, dict) and isinstance(value.get("value"), list):
        value = value["value"]
    return value[:MAX_ROWS] if isinstance(value, list) else [value]
