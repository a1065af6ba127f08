"""The headings and standing sentences of a rule's page, in German and English, for every face."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from hotline_collector.model.units import Lang

_EN = {
    "symptom": "What the caller notices",
    "when": "Recognised by",
    "for_each": "One finding for each {kind}.",
    "hold": "It must hold for {time} before it is confirmed, and be gone for {release} to be cleared.",
    "above": "Can itself be caused by",
    "below": "Explains",
    "look_alikes": "Not to be confused with",
    "questions": "May ask",
    "fixes": "Cures",
    "by": "{number}. {who}, risk: {risk}",
    "undo": "Taken back: {text}",
    "undoable": "Can be taken back.",
    "proof": "Proof within {time}",
    "no_expect": "The condition is known not to hold any more.",
    "references": "Sources",
}
_DE = {
    "symptom": "Was der Anrufer bemerkt",
    "when": "Woran es erkannt wird",
    "for_each": "Je ein Befund für jeden Eintrag unter {kind}.",
    "hold": "Bestätigt nach {time}, behoben, wenn es {release} lang weg ist.",
    "above": "Kann selbst verursacht sein durch",
    "below": "Erklärt",
    "look_alikes": "Nicht zu verwechseln mit",
    "questions": "Fragt gegebenenfalls",
    "fixes": "Abhilfen",
    "by": "{number}. {who}, Risiko: {risk}",
    "undo": "Zurücknehmen: {text}",
    "undoable": "Lässt sich zurücknehmen.",
    "proof": "Nachweis innerhalb von {time}",
    "no_expect": "Die Bedingung gilt nachweislich nicht mehr.",
    "references": "Quellen",
}
RULE_HEADINGS: Mapping[Lang, Mapping[str, str]] = MappingProxyType(
    {"en": MappingProxyType(_EN), "de": MappingProxyType(_DE)}
)
