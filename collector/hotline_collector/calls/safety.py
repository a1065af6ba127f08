"""Safety first: as long as a hazard stands or is still asked about, nothing else is asked or tried."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hotline_collector.calls.errors import locked
from hotline_collector.model.finding import QuestionState
from hotline_collector.model.rule import Rule

if TYPE_CHECKING:
    from hotline_collector.calls.runtime import CallRuntime


def comes_first(call: CallRuntime, states: Sequence[QuestionState]) -> bool:
    """Tell whether everything that is not about safety waits; `states` are the questions of the call."""
    return standing(call) is not None or _asked(states) is not None


def respect_for_fix(call: CallRuntime, rule: Rule) -> None:
    """Make sure that nothing about safety comes before a fix of a rule.

    Raises:
        CallError: something does; the message says what.
    """
    if not rule.hazard:
        _respect(call, "nothing else is tried")


def respect_for_answer(call: CallRuntime, fact: str) -> None:
    """Make sure that nothing about safety comes before an answer; what is no question always passes.

    Raises:
        CallError: something does; the message says what.
    """
    question = call.rules.pack.questions.get(fact)
    if question is not None and not question.hazard:
        _respect(call, "no other question is answered")


def _respect(call: CallRuntime, what: str) -> None:
    rule = standing(call)
    if rule is not None:
        raise locked(f"safety first: as long as “{rule.title.en}” stands, {what}")
    asked = _asked(call.engine.questions())
    if asked is not None:
        text = call.rules.pack.questions[asked.fact].text.en
        raise locked(f"safety first: until “{text}” ({asked.fact}) is answered, {what}")


def standing(call: CallRuntime) -> Rule | None:
    """Return the rule of the first danger that stands, None if there is none."""
    for finding in call.engine.findings().values():
        rule = call.rules.pack.rules.get(finding.rule)
        if rule is not None and rule.hazard and not finding.gone:
            return rule
    return None


def _asked(states: Sequence[QuestionState]) -> QuestionState | None:
    return next((state for state in states if state.hazard and state.answer is None), None)
