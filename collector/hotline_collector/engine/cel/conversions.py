"""Conversions between the types of CEL; every one checks the range of its target."""

from __future__ import annotations

import math
import re
from decimal import Decimal

from hotline_collector.engine.cel.values import (
    INT_MAX,
    INT_MIN,
    UINT_MAX,
    EvaluationError,
    UInt,
)

_INTEGER = re.compile(r"[+-]?[0-9]+")
_DECIMAL = re.compile(
    r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|[+-]?(?:inf|infinity|nan)", re.I
)
_BOOLEANS = {
    **dict.fromkeys(("1", "t", "true", "TRUE", "True"), True),
    **dict.fromkeys(("0", "f", "false", "FALSE", "False"), False),
}
_DIGITS_OF_64_BITS = 20
# Doubles from 1e6 and below 1e-4 are written with an exponent, as by %g of C and Go.
_WITHOUT_EXPONENT = range(-4, 6)
_SPACES = " \t\n\v\f\r"


def whole(value: int) -> int:
    """Return an int that is known to fit.

    Raises:
        EvaluationError: it has more than 64 bits.
    """
    if not INT_MIN <= value <= INT_MAX:
        raise EvaluationError("integer out of range")
    return value


def unsigned(value: int) -> UInt:
    """Return a uint.

    Raises:
        EvaluationError: it is negative or has more than 64 bits.
    """
    if not 0 <= value <= UINT_MAX:
        raise EvaluationError("unsigned integer out of range")
    return UInt(value)


def double_to_int(value: float) -> int:
    """Return a double without its fraction.

    Raises:
        EvaluationError: it does not fit; the limits themselves are refused, as the published cases demand.
    """
    if not INT_MIN < value < INT_MAX:
        raise EvaluationError("double out of the range of int")
    return int(value)


def double_to_uint(value: float) -> UInt:
    """Return a double without its fraction.

    Raises:
        EvaluationError: it is negative or does not fit.
    """
    if not 0 <= value < UINT_MAX:
        raise EvaluationError("double out of the range of uint")
    return UInt(value)


def text_to_int(text: str) -> int:
    """Return the decimal integer that a text is.

    Raises:
        EvaluationError: it is none, or does not fit.
    """
    return whole(_integer(text))


def text_to_uint(text: str) -> UInt:
    """Return the decimal unsigned integer that a text is.

    Raises:
        EvaluationError: it is none, or does not fit.
    """
    if "-" in text:
        raise EvaluationError(f"{_shown(text)} is not an unsigned integer")
    return unsigned(_integer(text))


def _integer(text: str) -> int:
    stripped = text.strip(_SPACES)
    if not _INTEGER.fullmatch(stripped):
        raise EvaluationError(f"{_shown(text)} is not an integer")
    if len(stripped.lstrip("+-0")) > _DIGITS_OF_64_BITS:
        raise EvaluationError("integer out of range")
    return int(stripped)


def text_to_double(text: str) -> float:
    """Return the double that a text is.

    Raises:
        EvaluationError: it is none.
    """
    stripped = text.strip(_SPACES)
    if not _DECIMAL.fullmatch(stripped):
        raise EvaluationError(f"{_shown(text)} is not a number")
    return float(stripped)


def text_to_bool(text: str) -> bool:
    """Return the bool that a text is: 1, t, true or 0, f, false.

    Raises:
        EvaluationError: it is none of them.
    """
    if text not in _BOOLEANS:
        raise EvaluationError(f"{_shown(text)} is neither true nor false")
    return _BOOLEANS[text]


def bytes_to_text(data: bytes) -> str:
    """Return UTF-8 as a text.

    Raises:
        EvaluationError: it is no valid UTF-8.
    """
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise EvaluationError("invalid UTF-8") from error


def write_double(value: float) -> str:
    """Return the shortest text that is read back as the same double: 0.5, 1e+06, inf."""
    if not math.isfinite(value):
        return str(value)
    exact = Decimal(repr(value))
    magnitude = exact.adjusted() if value else 0
    if magnitude in _WITHOUT_EXPONENT:
        return repr(value).removesuffix(".0")
    sign = "-" if value < 0 else ""
    digits = "".join(map(str, exact.as_tuple().digits)).rstrip("0")
    return f"{sign}{digits[0]}{'.' if digits[1:] else ''}{digits[1:]}e{magnitude:+03}"


def _shown(text: str) -> str:
    return f'"{text}"' if len(text) <= 40 else f'"{text[:40]}…"'
