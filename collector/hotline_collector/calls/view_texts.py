"""Words and values of a call as messages."""

from __future__ import annotations

from hotline_proto.facts import Events, FactValue, UnknownReason
from hotline_proto.v1 import agent_pb2 as pb
from hotline_proto.wording import Words

from hotline_collector.model.rule import Text

_DIGITS = 6


def text(words: Text | Words) -> pb.Text:
    """Return words in both languages as a message."""
    return pb.Text(en=words.en, de=words.de)


def value_text(value: FactValue) -> str:
    """Return a value as plain text in the catalogue's unit."""
    match value:
        case UnknownReason():
            return f"unknown ({value.word})"
        case bool():
            return "true" if value else "false"
        case float():
            return f"{value:.{_DIGITS}g}"
        case Events():
            return f"{len(value)} events"
        case _:
            return str(value)
