"""Questions as an agent sees them."""

from __future__ import annotations

from collections.abc import Mapping

from hotline_proto.facts import UnknownReason
from hotline_proto.v1 import agent_pb2 as pb
from hotline_proto.v1 import record_pb2 as rec

from hotline_collector.calls.runtime import CallRuntime
from hotline_collector.calls.view_texts import text, value_text
from hotline_collector.model.finding import QuestionState

_MAX_TITLES = 6
_TYPED_BY: Mapping[int, str] = {
    rec.ORIGIN_CALLER_TYPED: "caller",
    rec.ORIGIN_CALLER: "agent",
    rec.ORIGIN_AGENT: "agent",
    rec.ORIGIN_OPERATOR: "operator",
}


def question_view(call: CallRuntime, state: QuestionState, *, locked: bool = False) -> pb.QuestionView:
    """Return a question with its possible answers, what it would decide, and its answer if there is one."""
    rules = call.rules.pack.rules
    view = pb.QuestionView(
        question=state.fact,
        rules=state.rules,
        hazard=state.hazard,
        decides=state.decides,
        seconds=state.seconds,
        locked=locked,
        awaited=state.awaited,
        rule_titles=[text(rules[rule].title) for rule in state.rules[:_MAX_TITLES] if rule in rules],
    )
    _put_words(call, view)
    if state.given is not None:
        given = state.given
        view.answer = "don't know" if isinstance(given.value, UnknownReason) else value_text(given.value)
        view.answered_by, view.answered_us = _TYPED_BY.get(given.origin, ""), given.at
    return view


def open_question(call: CallRuntime, fact: str) -> pb.QuestionView | None:
    """Return a question of the pack as it could be asked now, None if there is none."""
    asked = call.rules.pack.questions.get(fact)
    if asked is None:
        return None
    view = pb.QuestionView(question=fact, hazard=asked.hazard, seconds=asked.seconds)
    _put_words(call, view)
    return view


def _put_words(call: CallRuntime, view: pb.QuestionView) -> None:
    asked = call.rules.pack.questions.get(view.question)
    if asked is None:
        return
    view.text.CopyFrom(text(asked.text))
    if asked.how is not None:
        view.how.CopyFrom(text(asked.how))
    if asked.type == "bool":
        view.values.extend(("true", "false"))
        view.value_labels.extend((pb.Text(en="yes", de="ja"), pb.Text(en="no", de="nein")))
    view.values.extend(asked.values)
    view.value_labels.extend(text(label) for label in asked.values.values())
