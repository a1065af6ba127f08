"""Which question is asked now: one at a time, the same at the desk and on the caller's own screen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from hotline_proto.v1 import probe_pb2 as pb
from hotline_proto.v1 import record_pb2 as rec

from hotline_collector.calls import entering, frames, safety
from hotline_collector.calls.errors import CallError
from hotline_collector.calls.fixes import FixState
from hotline_collector.calls.session import Session
from hotline_collector.model.finding import QuestionState
from hotline_collector.model.targets import COMPUTER

if TYPE_CHECKING:
    from hotline_collector.calls.runtime import CallRuntime

_BEGUN = (FixState.PROPOSED, FixState.ACCEPTED, FixState.RUNNING)


def in_turn(call: CallRuntime) -> list[QuestionState]:
    """Return the questions as they are asked one after the other, and those that were answered.

    The one that is being asked stays first until it is settled or a more pressing kind comes up: nobody's
    question changes while they read it.
    """
    states = _with_needed(call, call.engine.questions())
    kept = next((state for state in states if state.fact == call.asked and state.answer is None), None)
    if kept is not None and _pressing(kept) >= _pressing(states[0]):
        states.remove(kept)
        states.insert(0, kept)
    return states


def _with_needed(call: CallRuntime, states: list[QuestionState]) -> list[QuestionState]:
    """Put what the fix that is under way must know behind what is about safety or a proof."""
    settled = {state.fact for state in states}
    names = [name for name in _needed(call) if name not in settled and name in call.rules.pack.questions]
    place = sum(state.answer is None and _pressing(state) > 0 for state in states)
    needed = [
        QuestionState(name, (), False, None, seconds=call.rules.pack.questions[name].seconds, awaited=True)
        for name in names
    ]
    return [*states[:place], *needed, *states[place:]]


def _needed(call: CallRuntime) -> Iterator[str]:
    for row in call.fixes.rows.values():
        rule = call.rules.pack.rules.get(row.rule)
        if row.state in _BEGUN and rule is not None and row.index < len(rule.fixes):
            yield from rule.fixes[row.index].ask


def asked_now(call: CallRuntime, states: list[QuestionState]) -> str:
    """Return the question to ask now, empty if there is none or safety lets none be asked."""
    first = states[0] if states and states[0].answer is None else None
    if first is None or (not first.hazard and safety.comes_first(call, states)):
        return ""
    return first.fact


def ask(call: CallRuntime) -> None:
    """Settle which question is asked now, and show it to the caller in place of the one before."""
    call.asked = asked_now(call, in_turn(call))
    session = call.sessions.get(COMPUTER)
    if not call.around.settings.ask_caller or session is None or session.link is None:
        return
    if session.asked == call.asked:
        return
    if session.asked:
        session.send(frames.question_gone(session.asked))
    session.asked = call.asked
    if call.asked:
        session.send(frames.question(call.rules.pack.questions[call.asked]))


def by_answers(call: CallRuntime, states: Iterable[QuestionState]) -> bool:
    """Tell whether a call goes by answers, without a computer of the caller.

    What is complained of has none, or nobody has joined and something else than safety was answered.
    """
    if call.sessions:
        return False
    return call.engine.by_answers() or any(state.answer is not None and not state.hazard for state in states)


def stated(call: CallRuntime, session: Session, answer: pb.Answer) -> rec.FactStated | None:
    """Return what the caller has answered on their screen, None if that is not asked there or no answer."""
    if not session.asked or answer.question != session.asked:
        return None
    question = call.rules.pack.questions[session.asked]
    if question.type == "bool" and answer.value not in ("", "true", "false"):
        return None
    try:
        fact = entering.answer({question.fact: question}, question.fact, answer.value)
    except CallError:
        return None
    fact.target, fact.origin = COMPUTER, rec.ORIGIN_CALLER_TYPED
    return fact


def _pressing(state: QuestionState) -> int:
    return 2 if state.hazard else int(state.awaited)
