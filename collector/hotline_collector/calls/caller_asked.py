"""What a caller's own page asks and says about safety: the question of the desk, no other one.

What comes from there is typed by the caller, and hostile: only an answer to the very question that is asked
is believed, in the form that the question has.
"""

from __future__ import annotations

from dataclasses import dataclass

from hotline_proto.record import EntryKind
from hotline_proto.v1 import agent_pb2 as pb
from hotline_proto.v1 import record_pb2 as rec

from hotline_collector.calls import entering, safety, turn
from hotline_collector.calls.errors import conflict
from hotline_collector.calls.runtime import CallRuntime
from hotline_collector.calls.said_steps import said_steps
from hotline_collector.calls.view_questions import open_question
from hotline_collector.model.rule import Text
from hotline_collector.model.targets import COMPUTER


@dataclass(frozen=True, slots=True)
class Danger:
    """A danger that stands, and what the caller does about it right now."""

    title: Text
    steps: tuple[Text, ...]


def asked(call: CallRuntime) -> pb.QuestionView | None:
    """Return the question that the caller is asked now, None if there is none or it is the agent's alone."""
    if not call.around.settings.ask_caller or call.row.state == "closed":
        return None
    return open_question(call, turn.asked_now(call, turn.in_turn(call)))


def danger(call: CallRuntime) -> Danger | None:
    """Return the first danger that stands with what a caller does, whatever else may be shown to them."""
    rule = safety.standing(call)
    if rule is None:
        return None
    fix = next((fix for fix in rule.fixes if fix.by == "caller"), None)
    steps = said_steps(call, fix) if fix is not None else []
    return Danger(rule.title, tuple(step.text for step in steps))


async def answer(call: CallRuntime, question: str, value: str, who: str) -> None:
    """Take an answer to the question that is asked now; an empty value means "don't know".

    Raises:
        CallError: another question is asked now, or this is none of its answers.
        StoreError: it cannot be kept.
    """
    now = asked(call)
    if now is None or now.question != question:
        raise conflict("this question is not asked any more")
    fact = entering.answer(call.rules.pack.questions, question, value)
    fact.target, fact.origin = COMPUTER, rec.ORIGIN_CALLER_TYPED
    call.input(EntryKind.FACT_STATED, COMPUTER, fact)
    await call.around.journal.durable(call.ticket)
    call.around.saver.audit(who, "question.answer", call.row.id, question)
