"""The values of facts that people and the operator's systems state."""

from __future__ import annotations

from collections.abc import Mapping

from hotline_proto.facts import FactValue, UnknownReason
from hotline_proto.v1 import record_pb2 as rec

from hotline_collector.engine.errors import FrameError, InputError
from hotline_collector.model.rule import Question


def answered_value(questions: Mapping[str, Question], question: str, value: str) -> FactValue:
    """Return the value of an answer as the probe sends it; an empty one means that nobody knows.

    Raises:
        FrameError: there is no such question, or it has no such answer.
    """
    spec = questions.get(question)
    if spec is None:
        raise FrameError(f"there is no question {question[:64]}")
    if not value:
        return UnknownReason.DECLINED
    if spec.type == "bool":
        if value not in ("true", "false"):
            raise FrameError(f"{question} is answered with true or false")
        return value == "true"
    if spec.values and value not in spec.values:
        raise FrameError(f"{question} has no answer {value[:64]}")
    return value


def stated_value(message: rec.FactStated) -> FactValue:
    """Return the value of a stated fact, or why it is unknown.

    Raises:
        InputError: it has neither.
    """
    match message.WhichOneof("value"):
        case "number":
            return message.number
        case "integer":
            return message.integer
        case "truth":
            return message.truth
        case "text":
            return message.text
        case "unknown":
            return UnknownReason(message.unknown)
        case _:
            raise InputError(f"the stated fact {message.fact} has no value")
