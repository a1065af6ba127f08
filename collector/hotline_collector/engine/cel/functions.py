"""The standard functions of CEL by name and types of their arguments.

Source: the list of standard definitions in github.com/google/cel-spec, doc/langdef.md.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final

from cel_expr_python import cel

from hotline_collector.engine.cel.conversions import (
    bytes_to_text,
    double_to_int,
    double_to_uint,
    text_to_bool,
    text_to_double,
    text_to_int,
    text_to_uint,
    unsigned,
    whole,
    write_double,
)
from hotline_collector.engine.cel.moments import (
    SECOND,
    Civil,
    in_range,
    length,
    milliseconds_of,
    parse_duration,
    parse_timestamp,
    truncated,
    write_duration,
    write_timestamp,
)
from hotline_collector.engine.cel.values import (
    Duration,
    EvaluationError,
    MapValue,
    Timestamp,
    UInt,
    compare,
    equal,
    type_name,
    type_of,
)

Function = Callable[..., Any]
Overloads = Mapping[tuple[type, ...], Function]
ORDERS: Final = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
LONGEST: Final = 100_000


def _checked_length(value: Any) -> Any:
    if len(value) > LONGEST:
        raise EvaluationError(f"a value may have at most {LONGEST} characters or elements")
    return value


def _divide(left: int, right: int) -> int:
    if right == 0:
        raise EvaluationError("division by zero")
    # CEL truncates towards zero, Python floors.
    quotient = abs(left) // abs(right)
    return whole(quotient if (left < 0) == (right < 0) else -quotient)


def _divide_doubles(left: float, right: float) -> float:
    if right:
        return left / right
    # IEEE 754, as CEL wants; Python would raise.
    if left == 0 or math.isnan(left):
        return math.nan
    return math.copysign(math.inf, left) * math.copysign(1, right)


def _modulo(left: int, right: int) -> int:
    return left - right * _divide(left, right)


def _divide_unsigned(left: UInt, right: UInt) -> UInt:
    if right == 0:
        raise EvaluationError("division by zero")
    return UInt(int(left) // int(right))


def _modulo_unsigned(left: UInt, right: UInt) -> UInt:
    if right == 0:
        raise EvaluationError("division by zero")
    return UInt(int(left) % int(right))


def _at(items: list[Any], index: int | float) -> Any:
    position = int(index) if math.isfinite(index) else -1
    if position != index or not 0 <= position < len(items):
        raise EvaluationError(f"a list of {len(items)} has no element {index!r}")
    return items[position]


def _among(item: Any, items: Any) -> bool:
    if type(items) is list:
        return any(equal(item, other) for other in items)
    if type(items) is MapValue:
        return item in items
    raise EvaluationError(f"in takes a list or a map, not {type_name(items)}")


@cache
def _regex() -> Any:
    # RE2 of the official library: linear time whatever the pattern.
    environment = cel.NewEnv(variables={"text": cel.Type.STRING, "pattern": cel.Type.STRING})
    return environment.compile("text.matches(pattern)")


def _matches(text: str, pattern: str) -> bool:
    value = _regex().eval(data={"text": text, "pattern": pattern}).value()
    if not isinstance(value, bool):
        raise EvaluationError(str(value).partition(": ")[2] or str(value))
    return value


_PARTS: dict[str, Callable[[Civil], int]] = {
    "getFullYear": lambda c: c.year,
    "getMonth": lambda c: c.moment.month - 1,
    "getDate": lambda c: c.moment.day,
    "getDayOfMonth": lambda c: c.moment.day - 1,
    "getDayOfWeek": lambda c: c.moment.isoweekday() % 7,
    "getDayOfYear": lambda c: c.moment.timetuple().tm_yday - 1,
    "getHours": lambda c: c.moment.hour,
    "getMinutes": lambda c: c.moment.minute,
    "getSeconds": lambda c: c.moment.second,
    "getMilliseconds": lambda c: c.milliseconds,
}


def _date_part(part: Callable[[Civil], int]) -> dict[tuple[type, ...], Function]:
    return {
        (Timestamp,): lambda timestamp: part(Civil(timestamp)),
        (Timestamp, str): lambda timestamp, zone: part(Civil(timestamp, zone)),
    }


_ACCESSORS: dict[str, dict[tuple[type, ...], Function]] = {
    name: _date_part(part) for name, part in _PARTS.items()
}
for _name, _unit in (("getHours", 3600 * SECOND), ("getMinutes", 60 * SECOND), ("getSeconds", SECOND)):
    _ACCESSORS[_name][(Duration,)] = lambda duration, unit=_unit: truncated(duration, unit)
_ACCESSORS["getMilliseconds"][(Duration,)] = milliseconds_of

# Functions that take values of any type.
_ANY: dict[str, Function] = {
    "==": equal,
    "!=": lambda left, right: not equal(left, right),
    **{name: compare(python) for name, python in ORDERS.items()},
    "@in": _among,
    "type": type_of,
    "dyn": lambda value: value,
}

_OVERLOADS: dict[str, Overloads] = {
    "_+_": {
        (int, int): lambda a, b: whole(a + b),
        (UInt, UInt): lambda a, b: unsigned(int(a) + int(b)),
        (float, float): operator.add,
        (str, str): lambda a, b: _checked_length(a + b),
        (bytes, bytes): lambda a, b: _checked_length(a + b),
        (list, list): lambda a, b: _checked_length(a + b),
        (Timestamp, Duration): lambda t, d: in_range(t.ns + d.ns),
        (Duration, Timestamp): lambda d, t: in_range(t.ns + d.ns),
        (Duration, Duration): lambda a, b: length(a.ns + b.ns),
    },
    "_-_": {
        (int, int): lambda a, b: whole(a - b),
        (UInt, UInt): lambda a, b: unsigned(int(a) - int(b)),
        (float, float): operator.sub,
        (Timestamp, Duration): lambda t, d: in_range(t.ns - d.ns),
        (Timestamp, Timestamp): lambda a, b: length(a.ns - b.ns),
        (Duration, Duration): lambda a, b: length(a.ns - b.ns),
    },
    "_*_": {
        (int, int): lambda a, b: whole(a * b),
        (UInt, UInt): lambda a, b: unsigned(int(a) * int(b)),
        (float, float): operator.mul,
    },
    "_/_": {(int, int): _divide, (UInt, UInt): _divide_unsigned, (float, float): _divide_doubles},
    "_%_": {(int, int): _modulo, (UInt, UInt): _modulo_unsigned},
    "-_": {(int,): lambda a: whole(-a), (float,): operator.neg},
    "_[_]": {
        **{(list, kind): _at for kind in (int, UInt, float)},
        **{(MapValue, kind): operator.getitem for kind in (bool, int, UInt, float, str)},
    },
    "size": {(kind,): len for kind in (str, bytes, list, MapValue)},
    "contains": {(str, str): lambda text, part: part in text},
    "startsWith": {(str, str): str.startswith},
    "endsWith": {(str, str): str.endswith},
    "matches": {(str, str): _matches},
    "bool": {(bool,): bool, (str,): text_to_bool},
    "int": {
        (int,): int,
        (UInt,): lambda value: whole(int(value)),
        (float,): double_to_int,
        (str,): text_to_int,
        (Timestamp,): lambda t: t.ns // SECOND,
    },
    "uint": {(UInt,): UInt, (int,): unsigned, (float,): double_to_uint, (str,): text_to_uint},
    "double": {(float,): float, (int,): float, (UInt,): float, (str,): text_to_double},
    "string": {
        (str,): str,
        (bool,): lambda value: "true" if value else "false",
        (int,): str,
        (UInt,): lambda value: str(int(value)),
        (float,): write_double,
        (bytes,): bytes_to_text,
        (Timestamp,): write_timestamp,
        (Duration,): write_duration,
    },
    "bytes": {(bytes,): bytes, (str,): lambda text: text.encode("utf-8")},
    "duration": {(Duration,): lambda d: d, (str,): parse_duration},
    "timestamp": {
        (Timestamp,): lambda t: t,
        (str,): parse_timestamp,
        (int,): lambda seconds: in_range(seconds * SECOND),
    },
    **_ACCESSORS,
}


def standard(name: str) -> Function | None:
    """Return a standard function by its name in the checked tree, None if CEL has none so named.

    It raises EvaluationError if it does not take its arguments or has no result for them.
    """
    if name in _ANY:
        return _ANY[name]
    overloads = _OVERLOADS.get(name)
    return None if overloads is None else _dispatch(name, overloads)


def _dispatch(name: str, overloads: Overloads) -> Function:
    def call(*values: Any) -> Any:
        implementation = overloads.get(tuple(map(type, values)))
        if implementation is None:
            kinds = ", ".join(type_name(value) for value in values)
            raise EvaluationError(f"{name.strip('_@')} does not take ({kinds})")
        return implementation(*values)

    return call
