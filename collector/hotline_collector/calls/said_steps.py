"""Which steps of a fix are said: some depend on an answer, such as whether there is still a warranty."""

from __future__ import annotations

from hotline_proto.facts import UnknownReason

from hotline_collector.calls.runtime import CallRuntime
from hotline_collector.model.rows import FixRow
from hotline_collector.model.rule import UNKNOWN, Fix, Step


def said_steps(call: CallRuntime, fix: Fix) -> list[Step]:
    """Return the steps of a fix that are said as the answers stand, in their order."""
    return [step for step in fix.steps if all(_answer(call, q) in with_ for q, with_ in step.only.items())]


def follow_answers(call: CallRuntime, row: FixRow) -> bool:
    """Tell whether answers decide what is said of a fix that somebody has taken up."""
    rule = call.rules.pack.rules.get(row.rule)
    fix = rule.fixes[row.index] if rule is not None and row.index < len(rule.fixes) else None
    return fix is not None and any(step.only for step in fix.steps)


def _answer(call: CallRuntime, question: str) -> str:
    value = call.engine.answer(question)
    if value is None or isinstance(value, UnknownReason):
        return UNKNOWN
    return str(value).lower() if isinstance(value, bool) else str(value)
