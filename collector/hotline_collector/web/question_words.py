"""What a call's page says about questions and answers, in German and English."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from hotline_collector.model.units import Lang

_EN = {
    "questions_later": "Further questions",
    "answers_given": "Answers so far",
    "answered_by_caller": "typed by the caller",
    "how": "How to find out: {text}",
    "answer_correct": "Correct",
    "answer_correct_this": "Correct the answer to: {question}",
    "answer_label": "What the caller reads out",
    "answer_send": "Enter",
    "question_locked": "Safety first: all other questions and fixes wait until the danger is over.",
    "code_if_needed": "Join code, in case the caller has a computer at hand",
}
_DE = {
    "questions_later": "Weitere Fragen",
    "answers_given": "Bisherige Antworten",
    "answered_by_caller": "vom Anrufer getippt",
    "how": "So finden Sie es heraus: {text}",
    "answer_correct": "Berichtigen",
    "answer_correct_this": "Die Antwort berichtigen auf: {question}",
    "answer_label": "Was der Anrufer vorliest",
    "answer_send": "Eintragen",
    "question_locked": "Sicherheit zuerst: Andere Fragen und Abhilfen warten, bis die Gefahr vorbei ist.",
    "code_if_needed": "Code, falls der Anrufer einen Computer zur Hand hat",
}
QUESTION_WORDS: Mapping[Lang, Mapping[str, str]] = MappingProxyType(
    {"en": MappingProxyType(_EN), "de": MappingProxyType(_DE)}
)
