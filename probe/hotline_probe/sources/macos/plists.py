"""Reads property lists that programs of macOS print."""

from __future__ import annotations

import plistlib
from typing import Any

from hotline_probe.errors import SourceFailed

MAX_BYTES = 1024 * 1024


def parse_plist(text: str) -> dict[str, Any]:
    """Return the dictionary of an XML property list (plist(5)).

    >>> parse_plist("<plist version='1.0'><dict><key>Internal</key><true/></dict></plist>")
    {'Internal': True}

    Raises:
        SourceFailed: it is none, or too large.
    """
    told = read_plist(text, MAX_BYTES, "a property list")
    if not isinstance(told, dict):
        raise SourceFailed("a property list holds no dictionary")
    return told


def read_plist(text: str, limit: int, what: str) -> object:
    """Return what an XML property list of at most `limit` bytes holds; `what` names it.

    Raises:
        SourceFailed: it is none, or too large.
    """
    data = text.encode("utf-8", "replace")
    if len(data) > limit:
        raise SourceFailed(f"{what} is too large")
    try:
        return plistlib.loads(data, fmt=plistlib.FMT_XML)
    except Exception as error:  # whatever the parsers of XML, numbers and dates make of bad input
        raise SourceFailed("this is no property list") from error
