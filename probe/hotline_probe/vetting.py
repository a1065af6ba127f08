"""Holds what a source yields against the catalogue, so that a faulty source cannot harm the rest."""

from __future__ import annotations

import math
import unicodedata
from collections import Counter
from collections.abc import Sequence

from hotline_proto.catalogue import Catalogue, FactSpec
from hotline_proto.facts import Events, Fact, FactValue, UnknownReason

MAX_TEXT = 512
MAX_KEY = 128
MAX_ENTITIES = 200
MAX_EVENTS = 4096
MAX_NOTE = 200
_INT64 = range(-(2**63), 2**63)
_UNREMARKABLE = {UnknownReason.PENDING, UnknownReason.UNSUPPORTED, UnknownReason.NOT_COLLECTED}
# Controls, format characters (bidi overrides among them), lone surrogates, line and paragraph separators.
_STRIPPED = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def clean(text: str, limit: int) -> str:
    """Return a text without control characters and not longer than `limit`."""
    if not text.isprintable():
        text = "".join(char for char in text if unicodedata.category(char) not in _STRIPPED)
    return text if len(text) <= limit else text[: limit - 1] + "…"


class Vetting:
    """The facts of one run of one source, as they come in."""

    def __init__(self, catalogue: Catalogue, source: str) -> None:
        self._specs = {spec.name: spec for spec in catalogue.facts_of_source.get(source, ())}
        self._facts: dict[tuple[str, str], Fact] = {}
        self._keys: dict[str, set[str]] = {}
        self._refused: Counter[str] = Counter()

    def admit(self, fact: object) -> None:
        """Take a fact, or count why not; of two values for one thing the later holds."""
        try:
            admitted = self._check(fact)
        except ValueError as error:
            self._refused[str(error)] += 1
            return
        self._facts[admitted.name, admitted.key] = admitted

    @property
    def facts(self) -> Sequence[Fact]:
        """What was admitted."""
        return tuple(self._facts.values())

    @property
    def note(self) -> str:
        """What is missing or was refused, in one line; empty when everything is well."""
        unknown = Counter(
            fact.value.word
            for fact in self._facts.values()
            if isinstance(fact.value, UnknownReason) and fact.value not in _UNREMARKABLE
        )
        parts = [f"refused: {reason}" + _times(count) for reason, count in self._refused.items()]
        parts += [f"unknown: {reason}" + _times(count) for reason, count in unknown.items()]
        return clean("; ".join(parts), MAX_NOTE)

    def _check(self, fact: object) -> Fact:
        if not isinstance(fact, Fact):
            raise ValueError(f"{type(fact).__name__} is not a fact")
        spec = self._specs.get(fact.name) if isinstance(fact.name, str) else None
        if spec is None:
            raise ValueError(f"{clean(str(fact.name), 64)} is not a fact of this source")
        return Fact(spec.name, _value(spec, fact.value), self._key(spec, fact.key))

    def _key(self, spec: FactSpec, key: object) -> str:
        if not isinstance(key, str):
            raise ValueError(f"{spec.name} has a key of type {type(key).__name__}")
        key = clean(key, MAX_KEY + 1)
        if bool(key) != bool(spec.entity):
            raise ValueError(f"{spec.name} {'needs a' if spec.entity else 'has no'} key")
        if len(key) > MAX_KEY:
            raise ValueError(f"a key of {spec.name} is longer than {MAX_KEY} characters")
        if not key:
            return key
        known = self._keys.setdefault(spec.entity, set())
        if key not in known and len(known) >= MAX_ENTITIES:
            raise ValueError(f"more than {MAX_ENTITIES} {spec.entity} entities")
        known.add(key)
        return key


def _value(spec: FactSpec, value: object) -> FactValue:
    match spec.type, value:
        case _, UnknownReason():
            return value
        case "bool", bool():
            return value
        case "int", int() if not isinstance(value, bool) and value in _INT64:
            return int(value)
        case "double", int() | float() if not isinstance(value, bool) and _finite(value):
            return float(value)
        case "text", str():
            return clean(value, MAX_TEXT)
        case "events", Events() if all(_is_age(age) for age in value):
            return Events(value[:MAX_EVENTS])
    raise ValueError(f"{spec.name} is not {clean(repr(value), 40)}, but a {spec.type}")


def _finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


def _is_age(age: object) -> bool:
    return isinstance(age, int | float) and not isinstance(age, bool) and _finite(age) and age >= 0


def _times(count: int) -> str:
    return f" ({count} times)" if count > 1 else ""
