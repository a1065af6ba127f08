"""What happened in a call, in order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hotline_proto.v1 import agent_pb2 as pb

from hotline_collector.console.texts import Texts
from hotline_collector.model.safe import harmless

_MAX = 200
_LONG = 4000
_NAME = 64


@dataclass(frozen=True, slots=True)
class Moment:
    """One event: when (µs since the epoch), what kind (a word of the page), who and what."""

    at: int
    kind: str
    who: str
    text: str


def timeline(view: pb.CallView, texts: Texts) -> list[Moment]:
    """Return what happened, newest first; of very many events only the newest."""
    moments = sorted(_moments(view, texts), key=lambda moment: moment.at, reverse=True)
    return moments[:_MAX]


def _moments(view: pb.CallView, texts: Texts) -> Iterator[Moment]:
    yield Moment(view.opened_us, "event_opened", harmless(view.agent, _NAME), "")
    for note in view.notes:
        yield Moment(note.at_us, "event_note", harmless(note.author, _NAME), harmless(note.text, _LONG))
    for said in view.disagreements:
        words = texts.disagreed.partition(": ")[2].format(
            rule=harmless(said.rule, _NAME), cause=harmless(said.cause, 200)
        )
        reason = f" ({harmless(said.reason, 1000)})" if said.reason else ""
        yield Moment(said.at_us, "event_disagreed", harmless(said.author, _NAME), words + reason)
    for finding in (*view.causes, *view.also_noticed, *view.cleared):
        title = harmless(texts.text(finding.title) or finding.rule, 200)
        yield Moment(finding.onset_us, "event_found", "", title)
    for fix in view.fixes:
        yield from _of_fix(fix, texts)


def _of_fix(fix: pb.FixView, texts: Texts) -> Iterator[Moment]:
    title = harmless(texts.text(fix.title) or fix.action or fix.rule, 200)
    yield Moment(fix.proposed_us, "event_proposed", "", title)
    if fix.done_us:
        yield Moment(fix.done_us, "event_done", "", title)
    if fix.settled_us:
        yield Moment(fix.settled_us, "event_settled", "", f"{title}: {texts.word(fix.state)}")
