"""Asks OpenWrt's ubus, and reads what it answers without trusting its shape."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from hotline_probe.errors import Denied, SourceFailed, Unsupported
from hotline_probe.machine import Machine

TOOL_TIMEOUT = 4.0
# enum ubus_msg_status in libubus.h; ubus(1) ends with it.
_NOT_FOUND, _NO_METHOD, _REFUSED = 4, 3, 6
_OBJECT: Mapping[str, Any] = {}


def call(machine: Machine, path: str, method: str) -> Mapping[str, Any]:
    """Return what `ubus call PATH METHOD` answers.

    Raises:
        Unsupported: the router has nothing of that kind.
        Denied: the user may not ask.
        SourceError: it cannot be asked, or its answer is no object.
    """
    result = machine.run(("ubus", "call", path, method), TOOL_TIMEOUT)
    if result.code in (_NOT_FOUND, _NO_METHOD):
        raise Unsupported(f"the router has no {path}")
    if result.code == _REFUSED or "Failed to connect to ubus" in result.err:
        raise Denied(f"the user may not ask for {path}")
    if result.code:
        raise SourceFailed(f"ubus call {path} {method} ended with {result.code}")
    return parse_object(result.out)


def parse_object(text: str) -> Mapping[str, Any]:
    """Return a JSON object.

    >>> parse_object('{"up": true}')
    {'up': True}

    Raises:
        SourceFailed: it is none.
    """
    try:
        told = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SourceFailed("ubus did not answer in JSON") from error
    if not isinstance(told, dict):
        raise SourceFailed("ubus did not answer with an object")
    return told


def inside(told: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return an object within another, an empty one if there is none."""
    found = told.get(name)
    return found if isinstance(found, dict) else _OBJECT


def objects(told: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """Return the objects of a list, none if there is no such list."""
    found = told.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def word(told: Mapping[str, Any], name: str) -> str:
    """Return a text, empty if there is none."""
    found = told.get(name)
    return found if isinstance(found, str) else ""


def number(told: Mapping[str, Any], name: str, least: float, most: float) -> float | None:
    """Return a number within limits, None if there is none."""
    found = told.get(name)
    if isinstance(found, bool) or not isinstance(found, int | float):
        return None
    if isinstance(found, float) and not math.isfinite(found):
        return None
    return float(found) if least <= found <= most else None
