"""Quantities such as "500 ms" or "1 GiB": numbers with a unit, folded to the catalogue's base units."""

from __future__ import annotations

import re
from typing import NamedTuple

_TIME = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "min": 60.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_BYTES = {
    "B": 1.0,
    "By": 1.0,
    "kB": 1e3,
    "MB": 1e6,
    "GB": 1e9,
    "TB": 1e12,
    "KiB": 2.0**10,
    "MiB": 2.0**20,
    "GiB": 2.0**30,
    "TiB": 2.0**40,
}
_BITS = {"bit": 1.0, "kbit": 1e3, "Mbit": 1e6, "Gbit": 1e9}
UNITS: dict[str, tuple[str, float]] = {
    **{name: ("s", factor) for name, factor in _TIME.items()},
    **{name: ("By", factor) for name, factor in _BYTES.items()},
    **{f"{name}/s": ("By/s", factor) for name, factor in _BYTES.items()},
    **{f"{name}/s": ("bit/s", factor) for name, factor in _BITS.items()},
    "/s": ("1/s", 1.0),
    "1/s": ("1/s", 1.0),
    "/min": ("1/s", 1 / 60),
    "%": ("1", 0.01),
    "Hz": ("Hz", 1.0),
    "MHz": ("Hz", 1e6),
    "GHz": ("Hz", 1e9),
    "Cel": ("Cel", 1.0),
    "°C": ("Cel", 1.0),
    "dB": ("dB", 1.0),
    "dBm": ("dBm", 1.0),
}
_FORM = re.compile(r"\s*([+-]?\d+(?:\.\d+)?)(?:\s*([^\s\d.]\S*)|\s+(1/s))\s*", re.ASCII)


class Quantity(NamedTuple):
    """A number in a base unit of the catalogue."""

    value: float
    unit: str


class QuantityError(ValueError):
    """A text is no quantity; the message says what would be."""


def parse_quantity(text: str) -> Quantity:
    """Return the quantity that a text such as "150 ms" means.

    Raises:
        QuantityError: no number, or an unknown unit.
    """
    match = _FORM.fullmatch(text)
    if match is None:
        raise QuantityError(f'"{text}" is not a number with a unit, such as "150 ms"')
    number, name = match[1], match[2] or match[3]
    if name not in UNITS:
        raise QuantityError(f'"{name}" is not a unit; known are {", ".join(sorted(UNITS))}')
    unit, factor = UNITS[name]
    return Quantity(float(number) * factor, unit)


def parse_window(text: str) -> int:
    """Return a length of time such as "30s" in microseconds.

    Raises:
        QuantityError: it is no positive length of time.
    """
    quantity = parse_quantity(text)
    if quantity.unit != "s" or quantity.value <= 0:
        raise QuantityError(f'"{text}" is not a length of time such as "30s" or "10m"')
    return round(quantity.value * 1e6)
