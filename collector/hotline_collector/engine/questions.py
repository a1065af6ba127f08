"""The questions of a call in the order in which a human should ask them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from hotline_collector.engine.asking import Option
from hotline_collector.engine.complaint import Relevance
from hotline_collector.engine.ruleset import RuleSet
from hotline_collector.model.finding import Answered, PlanState, QuestionState

_QUESTION = "question:"


def in_order(
    rules: RuleSet,
    relevance: Relevance,
    deciding: Iterable[Option],
    proving: Sequence[str],
    plan: PlanState | None,
    answers: Mapping[str, Answered],
) -> list[QuestionState]:
    """Return open questions first, then those answered.

    Hazards come before all; then what the proof of a fix waits for, the current step of a plan, the
    complaint's own first question, and what decides most per second.
    """
    worth = {option.name: option for option in deciding}
    first = [entry.first_question for entry in relevance.entries if entry.first_question in worth]
    awaited = dict.fromkeys([*proving, *_of_plan(plan)])
    names = dict.fromkeys([*awaited, *first, *worth])
    waiting = [name for name in names if name not in answers or name in proving]
    waiting.sort(key=lambda name: not rules.pack.questions[name].hazard)
    open_ = [_state(name, rules, worth.get(name), None, awaited=name in awaited) for name in waiting]
    done = [
        _state(name, rules, None, given) for name, given in sorted(answers.items()) if name not in waiting
    ]
    return open_ + done


def _of_plan(plan: PlanState | None) -> list[str]:
    if plan is None or plan.current == len(plan.steps):
        return []
    missing = plan.steps[plan.current][1]
    return [item.fact for item in missing if item.settle.startswith(_QUESTION)]


def _state(
    name: str, rules: RuleSet, option: Option | None, given: Answered | None, *, awaited: bool = False
) -> QuestionState:
    question = rules.pack.questions[name]
    return QuestionState(
        name,
        option.rules if option else (),
        question.hazard,
        given,
        option.gain if option else 0.0,
        question.seconds,
        awaited,
    )
