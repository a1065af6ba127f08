"""Values as CEL would write them."""

from __future__ import annotations

import math
from typing import Any

from hotline_collector.engine.cel.conversions import write_double
from hotline_collector.engine.cel.moments import write_duration, write_timestamp
from hotline_collector.engine.cel.values import Duration, MapValue, Timestamp, TypeValue, UInt

_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def literal(value: Any) -> str:
    """Return an expression that has this value."""
    match value:
        case bool():
            return "true" if value else "false"
        case None:
            return "null"
        case UInt():
            return f"{int(value)}u"
        case float():
            return _double(value)
        case str():
            return f'"{"".join(_escaped(sign) for sign in value)}"'
        case bytes():
            return f'b"{"".join(_octet(octet) for octet in value)}"'
        case list():
            return f"[{', '.join(literal(item) for item in value)}]"
        case MapValue():
            return f"{{{', '.join(f'{literal(key)}: {literal(item)}' for key, item in value.items())}}}"
        case Duration():
            return f'duration("{write_duration(value)}")'
        case Timestamp():
            return f'timestamp("{write_timestamp(value)}")'
        case TypeValue(name):
            return name
        case _:
            return str(value)


def _double(value: float) -> str:
    text = write_double(value)
    if not math.isfinite(value):
        return f'double("{text}")'
    return text if "." in text or "e" in text else f"{text}.0"


def _escaped(sign: str) -> str:
    if sign in _ESCAPES:
        return _ESCAPES[sign]
    return sign if sign.isprintable() else f"\\U{ord(sign):08x}"


def _octet(octet: int) -> str:
    sign = chr(octet)
    if sign in _ESCAPES:
        return _ESCAPES[sign]
    return sign if sign.isascii() and sign.isprintable() else f"\\x{octet:02x}"
