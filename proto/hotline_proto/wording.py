"""What the catalogue says to people, in English and German."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from hotline_proto.errors import CatalogueError

_SHAPE = '{ en = "…", de = "…" }'


class Words(NamedTuple):
    """The same in English and German."""

    en: str
    de: str


NO_WORDS = Words("", "")
NO_VALUES: Mapping[str, Words] = MappingProxyType({})


def in_both(where: str, given: object) -> Words:
    """Return words as a catalogue file has them: a table with `en` and `de` and nothing else.

    Raises:
        CatalogueError: a language is missing or something else stands there; the message begins with `where`.
    """
    if given is None:
        raise CatalogueError(f"{where} is missing; write {_SHAPE}")
    if not isinstance(given, dict):
        raise CatalogueError(f"{where} must be {_SHAPE}, not {given!r}")
    lacking = [
        name for name in Words._fields if not isinstance(given.get(name), str) or not given[name].strip()
    ]
    if lacking:
        raise CatalogueError(f"{where} lacks {' and '.join(lacking)}; write {_SHAPE}")
    if len(given) > len(Words._fields):
        odd = ", ".join(sorted(set(given) - set(Words._fields)))
        raise CatalogueError(f"{where} has {odd}, which is no language; write {_SHAPE}")
    return Words(given["en"], given["de"])


def of_values(where: str, values: Sequence[str], given: object) -> Mapping[str, Words]:
    """Return the words of every value that a fact can have; a name alone is the same in both languages.

    Raises:
        CatalogueError: a value has no words, words have no value, or they are not as `in_both` wants them.
    """
    table = {} if given is None else given
    if not isinstance(table, dict):
        raise CatalogueError(f"{where} must be a table of values, not {given!r}")
    lacking = [value for value in values if value not in table]
    if lacking:
        raise CatalogueError(f"{where} lacks {', '.join(lacking)}; write VALUE = {_SHAPE} for each")
    odd = [value for value in table if value not in values]
    if odd:
        raise CatalogueError(f"{where} has {', '.join(odd)}, which the fact's values do not")
    return {value: _of_value(f"{where}.{value}", table[value]) for value in values}


def _of_value(where: str, given: object) -> Words:
    if isinstance(given, str) and given.strip():
        return Words(given, given)
    return in_both(where, given)
