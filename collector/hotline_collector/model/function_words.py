"""Functions of a fact, such as the rate at which it grows, in words."""

from __future__ import annotations

from collections.abc import Mapping

from hotline_collector.model.rule import Text
from hotline_collector.model.units import Lang, duration

_WORDS: Mapping[str, Text] = {
    "rate": Text("{what}, change per second over {window}", "{what}, Änderung je Sekunde über {window}"),
    "avg": Text("{what}, mean over {window}", "{what}, Mittel über {window}"),
    "min": Text("{what}, lowest within {window}", "{what}, kleinster Wert in {window}"),
    "max": Text("{what}, highest within {window}", "{what}, größter Wert in {window}"),
    "changed": Text("{what}, changed within {window}", "{what}, geändert in den letzten {window}"),
    "count": Text("{what}, number of times within {window}", "{what}, Anzahl in {window}"),
    "age": Text("{what}, age of the measurement", "{what}, Alter der Messung"),
    "known": Text("{what}, known at all", "{what}, überhaupt bekannt"),
    "size": Text("{what}, how many there are", "{what}, Anzahl"),
}


def of_function(what: str, function: str, window: int, lang: Lang) -> str:
    """Return what a function of a fact says over a window (µs), without a function what the fact says."""
    if not function:
        return what
    words = _WORDS[function]
    form = words.de if lang == "de" else words.en
    return form.format(what=what, window=duration(window / 1e6, lang))
