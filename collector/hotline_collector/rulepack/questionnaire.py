"""What a new rule needs to be told: each question with its default and how its answer is checked at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass

from hotline_proto.catalogue import Catalogue

from hotline_collector.engine.cel.environment import ConditionError, Environment
from hotline_collector.engine.cel.parse import parse_condition
from hotline_collector.engine.cel.quantity import QuantityError, parse_window
from hotline_collector.model.hints import did_you_mean
from hotline_collector.model.rule import Pack
from hotline_collector.rulepack.reach import doubts, vacuous
from hotline_collector.rulepack.schema import ID_FORM, ID_PATTERN
from hotline_collector.rulepack.template import parameters

Given = dict[str, str]
_SEVERITIES = ("critical", "warning", "info")
_MAX_TEXT = 600


@dataclass(frozen=True, slots=True)
class Ask:
    """One question: `name` as the option is called, `check` returns what is wrong with an answer."""

    name: str
    text: str
    default: str | None
    check: Callable[[str, Given], str]


class Questionnaire:
    """Asks for a new rule of a pack; `steps` are the ids of the pack's step library."""

    def __init__(self, pack: Pack, steps: Collection[str], catalogue: Catalogue) -> None:
        self._pack = pack
        self._steps = steps
        self._catalogue = catalogue
        self._environment = Environment(catalogue, pack.questions)

    def questions(self, given: Given) -> list[Ask]:
        """Return the questions in their order; what was given decides which of them are asked."""
        kinds = ", ".join(self._catalogue.entities)
        asks = [
            Ask("id", "Id, subject.thing.fault", None, self._id),
            Ask("severity", "Severity (critical, warning, info)", "warning", self._severity),
            Ask("title-en", "Title, English", None, self._text),
            Ask("title-de", "Title, German", None, self._text),
            Ask("symptom-en", "Symptom in the caller's words, English", None, self._text),
            Ask("symptom-de", "Symptom in the caller's words, German", None, self._text),
            Ask("for-each", f"One finding for each ({kinds}; empty: one for the machine)", "", self._kind),
            Ask("when", "Condition", None, self._when),
            Ask("hold", "How long it must hold before it is confirmed", "0s", self._hold),
            Ask(
                "expect", "What must be seen after the fix (empty: the condition is false)", "", self._expect
            ),
        ]
        if not given.get("step"):
            asks.append(Ask("action", "Action that cures it (empty: steps for a human)", "", self._action))
        if not given.get("action"):
            asks.append(Ask("step", "Step for the caller, such as router.restart", None, self._step))
        if given.get("step") and given["step"] not in self._steps:
            asks.append(Ask("step-en", "That step as a sentence, English", None, self._text))
            asks.append(Ask("step-de", "That step as a sentence, German", None, self._text))
        return asks

    def _id(self, answer: str, _given: Given) -> str:
        if not re.fullmatch(ID_PATTERN, answer):
            return f"{answer!r} is no id; {ID_FORM}"
        return f"there is a rule {answer} already" if answer in self._pack.rules else ""

    def _severity(self, answer: str, _given: Given) -> str:
        return _one_of(answer, _SEVERITIES)

    def _text(self, answer: str, _given: Given) -> str:
        if not answer.strip():
            return "a text is needed"
        return "" if len(answer) <= _MAX_TEXT else f"at most {_MAX_TEXT} characters"

    def _kind(self, answer: str, _given: Given) -> str:
        return _one_of(answer, self._catalogue.entities) if answer else ""

    def _when(self, answer: str, given: Given) -> str:
        return self._condition(answer, given, clears=True)

    def _expect(self, answer: str, given: Given) -> str:
        return self._condition(answer, given, clears=False) if answer else ""

    def _condition(self, source: str, given: Given, *, clears: bool) -> str:
        if not source.strip():
            return "a condition is needed"
        try:
            root = parse_condition(self._environment, source, given.get("for-each", "")).root
        except ConditionError as error:
            return "\n".join(f"column {fault.column}: {fault.message}" for fault in error.faults)
        found = doubts(root, self._catalogue, self._pack.questions, clears=clears)
        return "\n".join([*(doubt.message for doubt in found), *vacuous(root, self._catalogue)])

    def _hold(self, answer: str, _given: Given) -> str:
        if answer == "0s":
            return ""
        try:
            parse_window(answer)
        except QuantityError as error:
            return str(error)
        return ""

    def _action(self, answer: str, given: Given) -> str:
        if not answer:
            return ""
        if problem := _one_of(answer, self._catalogue.actions):
            return problem
        try:
            parameters(answer, given.get("for-each", ""), self._catalogue)
        except ValueError as error:
            return str(error)
        return ""

    def _step(self, answer: str, given: Given) -> str:
        if answer in self._steps or (given.get("step-en") and given.get("step-de")):
            return ""
        if not re.fullmatch(ID_PATTERN, answer):
            return f"{answer!r} is no id of a step{did_you_mean(answer, self._steps)}"
        return ""


def _one_of(answer: str, known: Collection[str]) -> str:
    if answer in known:
        return ""
    hint = did_you_mean(answer, known) or f"; there is {', '.join(known)}"
    return f"there is no {answer!r}{hint}"
