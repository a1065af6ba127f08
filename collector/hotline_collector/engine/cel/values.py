"""The values of CEL in Python, and what "equal" and "less" mean between them.

bool, int, double, string, bytes, null and list are Python's own; the other types are below. Python's own
equality is not CEL's (`True == 1`, and an object always equals itself), so that evaluation uses `equal`.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final

INT_MIN: Final = -(2**63)
INT_MAX: Final = 2**63 - 1
UINT_MAX: Final = 2**64 - 1


class NoValue:
    """What an expression yields when it has no value: UNKNOWN, or a Failure."""

    __slots__ = ()


class Failure(NoValue):
    """An error of evaluation; `offset` is where in the source, in code points, -1 if that is not known."""

    __slots__ = ("message", "offset")

    def __init__(self, message: str, offset: int = -1) -> None:
        self.message = message
        self.offset = offset

    def __repr__(self) -> str:
        return f"Failure({self.message!r}, {self.offset})"


class _Unknown(NoValue):
    __slots__ = ()

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final[NoValue] = _Unknown()


class EvaluationError(Exception):
    """A function has no result for its arguments; the evaluator turns it into a Failure."""


class UInt(int):
    """An unsigned integer of 64 bits, a type of its own in CEL."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"{int(self)}u"


@dataclass(frozen=True, slots=True, order=True)
class Duration:
    """A length of time in nanoseconds."""

    ns: int


@dataclass(frozen=True, slots=True, order=True)
class Timestamp:
    """A point in time in nanoseconds since 1970-01-01T00:00:00Z."""

    ns: int


@dataclass(frozen=True, slots=True)
class TypeValue:
    """A type as a value, such as the result of type(1)."""

    name: str


class MapValue:
    """A map; keys that are numerically equal are one key, whatever their types."""

    __slots__ = ("_entries",)

    def __init__(self, entries: Sequence[tuple[Any, Any]] = ()) -> None:
        self._entries: dict[object, tuple[Any, Any]] = {}
        for key, value in entries:
            if type(key) not in _KEY_TYPES:
                raise EvaluationError(f"{type_name(key)} cannot be the key of a map")
            canonical = _canonical(key)
            if canonical in self._entries:
                raise EvaluationError("the map has a key twice")
            self._entries[canonical] = (key, value)

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Any]:
        return (key for key, _ in self._entries.values())

    def __contains__(self, key: object) -> bool:
        return _canonical(key) in self._entries

    def __getitem__(self, key: object) -> Any:
        entry = self._entries.get(_canonical(key))
        if entry is None:
            raise EvaluationError("the map has no such key")
        return entry[1]

    def items(self) -> Iterator[tuple[Any, Any]]:
        """Yield keys with their values in the order they were written."""
        yield from self._entries.values()


_KEY_TYPES = frozenset({bool, int, UInt, str})
# A double is no key, but finds the integer that it is equal to.
_LOOKUP_TYPES = frozenset({int, UInt, float, str})
_NAMES: dict[type, str] = {
    bool: "bool",
    int: "int",
    UInt: "uint",
    float: "double",
    str: "string",
    bytes: "bytes",
    list: "list",
    MapValue: "map",
    type(None): "null_type",
    Duration: "google.protobuf.Duration",
    Timestamp: "google.protobuf.Timestamp",
    TypeValue: "type",
}
TYPES: Final = {name: TypeValue(name) for name in _NAMES.values()}
_NUMBERS = frozenset({int, UInt, float})
_ORDERED = frozenset({bool, int, UInt, float, str, bytes, Duration, Timestamp})


def type_name(value: object) -> str:
    """Return the CEL name of a value's type; entities of a list are named so."""
    return _NAMES.get(type(value), "entity")


def is_entity(value: object) -> bool:
    """Tell whether a value is an entity of a list, with its facts as fields."""
    return type(value) not in _NAMES


def type_of(value: object) -> TypeValue:
    """Return the type of a value.

    Raises:
        EvaluationError: it is an entity, whose type has no name in CEL.
    """
    name = _NAMES.get(type(value))
    if name is None:
        raise EvaluationError("an entity has no type in the rule language")
    return TYPES[name]


def _canonical(key: object) -> object:
    """Return a hashable stand-in that is equal exactly for keys that CEL takes for the same."""
    if type(key) in _LOOKUP_TYPES:
        return key
    # True and 1 would be one key in Python.
    if isinstance(key, bool):
        return (key,)
    raise EvaluationError(f"{type_name(key)} cannot be the key of a map")


def equal(left: Any, right: Any) -> bool:
    """Tell whether two values are equal; numbers by their mathematical value, other types only to their own.

    The specification's published cases settle what its text leaves open: NaN equals nothing, and values of
    different types are unequal rather than an error.
    """
    kind, other = type(left), type(right)
    if kind is other:
        if kind is list:
            return len(left) == len(right) and all(map(equal, left, right))
        if kind is MapValue:
            return len(left) == len(right) and all(
                key in right and equal(value, right[key]) for key, value in left.items()
            )
        return bool(left == right)
    if kind in _NUMBERS and other in _NUMBERS:
        return bool(operator.eq(*_alike(left, right)))
    return False


def _alike(left: Any, right: Any) -> tuple[Any, Any]:
    """Return two numbers as doubles if one is a double; Python would compare more exactly than CEL."""
    if float in (type(left), type(right)):
        return float(left), float(right)
    return left, right


def compare(order: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    """Return an ordering of CEL from Python's: within one type, and between numbers of any type."""

    def ordered(left: Any, right: Any) -> bool:
        kind, other = type(left), type(right)
        if kind is other and kind in _ORDERED:
            return order(left, right)
        if kind in _NUMBERS and other in _NUMBERS:
            return order(*_alike(left, right))
        raise EvaluationError(f"{type_name(left)} and {type_name(right)} have no order")

    return ordered


def weigh(value: Any, most: int) -> int:
    """Return how many parts a value has, counting on only until there are more than `most`.

    Lists can hold the same list many times, so that a small value may still take forever to walk through.
    """
    kind = type(value)
    if kind is list:
        parts: Iterable[Any] = value
    elif kind is MapValue:
        parts = chain.from_iterable(value.items())
    else:
        return weigh_top(value, most)
    total = 1
    for part in parts:
        if total > most:
            break
        total += 1 + weigh(part, most - total)
    return total


def weigh_top(value: Any, most: int) -> int:  # noqa: ARG001 - called like weigh
    """Return how many parts a value has, without what its elements hold."""
    return len(value) // _ELEMENTS_A_PART if type(value) in (str, bytes, list, MapValue) else 0


# Copying or searching so many elements costs about as much as evaluating one node.
_ELEMENTS_A_PART = 256
