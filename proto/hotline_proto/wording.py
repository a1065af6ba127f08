"""What the catalogue says to people, in English and German."""

from __future__ import annotations

from typing import NamedTuple

from hotline_proto.errors import CatalogueError

_SHAPE = '{ en = "…", de = "…" }'


class Words(NamedTuple):
    """The same in English and German."""

    en: str
    de: str


NO_WORDS = Words("", "")


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
