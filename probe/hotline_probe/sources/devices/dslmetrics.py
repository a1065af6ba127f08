"""What OpenWrt tells of its DSL modem: `ubus call dsl metrics` (ltq-vdsl-app and ltq-adsl-app)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hotline_probe.sources.devices.ubus import inside, number, word

_MAX_RATE = 100e9
_MAX_DB = 150.0
_MAX_COUNT = 2.0**32
# Words of the modem's state while it looks for the other side (lib of the DSL CPE API, line states).
_TRAINING = ("handshake", "training", "full init", "initial", "short init")


@dataclass(frozen=True, slots=True)
class Line:
    """A DSL line; rates in bit/s, margins and attenuation in dB, None where the modem does not tell."""

    link: str
    rate_down: float | None
    rate_up: float | None
    margin_down: float | None
    margin_up: float | None
    attenuation: float | None
    errored_seconds: float | None


def read_metrics(told: Mapping[str, Any]) -> Line:
    """Return the state of the line.

    Rates, margins and attenuation hold only while it is in sync: what is left of before is passed over.

    >>> read_metrics({"up": True, "downstream": {"snr": 5.9, "data_rate": 109999000}}).margin_down
    5.9
    """
    up = told.get("up") is True
    state = word(told, "state").lower()
    down, back = (inside(told, name) if up else {} for name in ("downstream", "upstream"))
    near = inside(inside(told, "errors"), "near")
    return Line(
        link="up" if up else "initializing" if any(one in state for one in _TRAINING) else "down",
        rate_down=number(down, "data_rate", 1, _MAX_RATE),
        rate_up=number(back, "data_rate", 1, _MAX_RATE),
        margin_down=number(down, "snr", -_MAX_DB, _MAX_DB),
        margin_up=number(back, "snr", -_MAX_DB, _MAX_DB),
        attenuation=number(down, "latn", 0, _MAX_DB),
        errored_seconds=number(near, "es", 0, _MAX_COUNT),
    )
