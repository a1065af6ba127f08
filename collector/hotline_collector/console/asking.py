"""What `hotline call answer` makes of a typed answer, and what it shows to go on with."""

from __future__ import annotations

from hotline_proto.v1 import agent_pb2 as pb

from hotline_collector.console import arguments, steering
from hotline_collector.console.texts import Texts
from hotline_collector.model.safe import harmless

_LONG = 600
_NAME = 120


def meant_answer(call: pb.CallView, question: str, typed: str) -> str:
    """Return the wire's value of a typed answer; what fits none is left for the collector to refuse."""
    asked = next((each for each in call.questions if each.question == question), None)
    meant = steering.typed_answer(asked, typed) if asked is not None else None
    return arguments.parse_answer(typed) if meant is None else meant


def next_lines(call: pb.CallView, texts: Texts) -> list[str]:
    """Return what to say now and, if a question is open, how the answer is found and what to type."""
    lines = [texts.say_now.format(text=harmless(texts.text(call.say_now), _LONG))]
    question = steering.open_question(call)
    if question is None or texts.text(question.text) not in texts.text(call.say_now):
        return lines
    if how := harmless(texts.text(question.how), _LONG):
        lines.append("  " + texts.how.format(text=how))
    values = [harmless(value, _NAME) for value in question.values] or [texts.any_text]
    lines.append(f"  hotline call answer {harmless(question.question, _NAME)} {'|'.join([*values, '?'])}")
    return lines
