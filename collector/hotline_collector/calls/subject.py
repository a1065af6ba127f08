"""Everything that is kept of a call as a text that the caller can read (GDPR Art. 15).

What the probe measured stands there as it was known last; every value over time is in the record file, which
belongs to it (`hotline call export`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType

from hotline_proto.v1 import agent_pb2 as pb

from hotline_collector.calls.ports import AuditRecord
from hotline_collector.calls.reports.words import REPORT_WORDS
from hotline_collector.calls.runtime import CallRuntime
from hotline_collector.model.rows import DeliveryRow, SessionRow, WrapUpRow
from hotline_collector.model.units import Lang, human, lang_of

_WORDS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "en": {
            "title": "Everything that is kept about the call {id}",
            "made": "As of",
            "call": "The call",
            "state": "State",
            "opened": "Opened",
            "closed": "Closed",
            "outcome": "Outcome",
            "complaint": "What you told us",
            "reference": "Customer reference",
            "checks": "To be checked",
            "agent": "Agent",
            "waited": "Waited from",
            "back_number": "Number to be called back at",
            "wrap_up": "Texts written when the call ended",
            "deliveries": "What the ticket system was told",
            "computers": "Your computer, each time it joined",
            "findings": "What was found",
            "facts": "What was measured or said, as known last",
            "fixes": "What was proposed and came of it",
            "questions": "Questions that were answered",
            "notes": "Notes of the agents",
            "disagreements": "Where an agent saw it differently",
            "trail": "Who did what in this call",
            "none": "nothing",
            "unknown": "not known",
            "erased": "erased",
            "more": "The record file of the call holds every measured value over time, for programs to read.",
        },
        "de": {
            "title": "Alles, was zum Anruf {id} gespeichert ist",
            "made": "Stand",
            "call": "Der Anruf",
            "state": "Zustand",
            "opened": "Eröffnet",
            "closed": "Geschlossen",
            "outcome": "Ergebnis",
            "complaint": "Was Sie uns gesagt haben",
            "reference": "Kundennummer",
            "checks": "Zu prüfen",
            "agent": "Bearbeitet von",
            "waited": "Gewartet ab",
            "back_number": "Nummer für den Rückruf",
            "wrap_up": "Texte vom Ende des Anrufs",
            "deliveries": "Was dem Ticketsystem gemeldet wurde",
            "computers": "Ihr Computer, jedes Mal, wenn er sich verbunden hat",
            "findings": "Was gefunden wurde",
            "facts": "Was gemessen oder gesagt wurde, wie zuletzt bekannt",
            "fixes": "Was vorgeschlagen wurde und was daraus wurde",
            "questions": "Beantwortete Fragen",
            "notes": "Notizen der Bearbeiter",
            "disagreements": "Wo ein Bearbeiter es anders sah",
            "trail": "Wer was in diesem Anruf getan hat",
            "none": "nichts",
            "unknown": "nicht bekannt",
            "erased": "gelöscht",
            "more": "Alle Messwerte im Verlauf stehen in der Aufzeichnung des Anrufs, die Programme lesen.",
        },
    }
)


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of a call besides what its view shows."""

    sessions: Sequence[SessionRow]
    wrap_up: WrapUpRow | None
    deliveries: Sequence[DeliveryRow]
    trail: Sequence[AuditRecord]


def written_down(call: CallRuntime, view: pb.CallView, kept: Kept, lang: str) -> str:
    """Return the text in German (`de`) or English; times are UTC, facts have their names besides."""
    spoken = lang_of(lang)
    words = _WORDS[spoken]
    parts = [
        (words["call"], _call(call, words)),
        (words["computers"], [_session(row) for row in kept.sessions]),
        (words["findings"], [_finding(each, words) for each in _findings(view)]),
        (words["facts"], [_fact(each, words, spoken) for each in view.facts]),
        (words["fixes"], [_fix(each, words) for each in view.fixes]),
        (words["questions"], [_answer(each, spoken) for each in view.questions if each.answer]),
        (words["notes"], [f"{_at(each.at_us)} {each.author}: {each.text}" for each in view.notes]),
        (words["disagreements"], [_disagreement(each) for each in view.disagreements]),
        (words["wrap_up"], _wrap_up(kept.wrap_up)),
        (words["deliveries"], [_delivery(row) for row in kept.deliveries]),
        (words["trail"], [_entry(each, words) for each in kept.trail]),
    ]
    lines = [words["title"].format(id=call.row.id), f"{words['made']}: {_at(view.now_us)}", "", words["more"]]
    for title, content in parts:
        lines += ["", title, "-" * len(title), *(_clean(line) for line in content or [words["none"]])]
    return "\n".join(lines) + "\n"


def _call(call: CallRuntime, words: Mapping[str, str]) -> list[str]:
    row = call.row
    values = {
        "state": row.state,
        "opened": _at(row.opened),
        "closed": _at(row.closed) if row.closed else "",
        "outcome": row.outcome,
        "complaint": row.complaint,
        "reference": row.customer_reference,
        "checks": ", ".join(row.checks),
        "agent": row.agent,
        "waited": _at(row.waited_from) if row.waited_from else "",
        "back_number": row.back_number,
    }
    return [f"{words[name]}: {value or words['none']}" for name, value in values.items()]


def _session(row: SessionRow) -> str:
    layers = ", ".join(str(layer) for layer in row.consent)
    return f"{_at(row.joined)} {row.platform}, {row.version}, {row.language}, consent: {layers or '-'}"


def _findings(view: pb.CallView) -> Iterator[pb.FindingView]:
    for cause in (*view.causes, *view.also_noticed):
        yield cause
        yield from cause.explains
    yield from view.suspected
    yield from view.cleared


def _finding(each: pb.FindingView, words: Mapping[str, str]) -> str:
    title = each.title.de if words is _WORDS["de"] else each.title.en
    return f"{_at(each.onset_us)} {title} ({each.rule} {each.entity}): {each.state}"


def _fact(each: pb.FactView, words: Mapping[str, str], lang: Lang) -> str:
    meaning, label = _said(each.meaning, lang), _said(each.label, lang)
    value = label or _value(each.value, each.unit, lang)
    if each.unknown:
        value = f"{words['unknown']} ({REPORT_WORDS[lang].get(each.unknown, each.unknown)})"
    return f"{_at(each.measured_us)} {meaning} ({each.fact} {each.entity}): {value} [{each.origin}]"


def _answer(each: pb.QuestionView, lang: Lang) -> str:
    labels = dict(zip(each.values, each.value_labels, strict=False))
    label = _said(labels[each.answer], lang) if each.answer in labels else ""
    return f"{_said(each.text, lang)} ({each.question}): {label or _value(each.answer, '', lang)}"


def _value(value: str, unit: str, lang: Lang) -> str:
    # Words of people are kept whole, however long they are.
    return human(value, unit, lang) if unit or value in ("true", "false") else value


def _said(text: pb.Text, lang: Lang) -> str:
    return text.de if lang == "de" else text.en


def _fix(each: pb.FixView, words: Mapping[str, str]) -> str:
    title = each.title.de if words is _WORDS["de"] else each.title.en
    return f"{_at(each.proposed_us)} {title} {each.action} {each.entity}: {each.state} {each.detail}"


def _disagreement(each: pb.DisagreementView) -> str:
    return f"{_at(each.at_us)} {each.author}: {each.rule} -> {each.cause} {each.reason}"


def _wrap_up(row: WrapUpRow | None) -> list[str]:
    return [text for text in (row.ticket, row.summary) if text] if row is not None else []


def _delivery(row: DeliveryRow) -> str:
    return f"{_at(row.created)} {row.event}: {row.state} {row.detail} {row.payload}"


def _entry(each: AuditRecord, words: Mapping[str, str]) -> str:
    detail = words["erased"] if each.detail is None else each.detail
    return f"{_at(each.at)} {each.actor} {each.action} {detail}"


def _at(micros: int) -> str:
    return f"{datetime.fromtimestamp(micros / 1e6, UTC):%Y-%m-%d %H:%M:%S} UTC" if micros else "-"


def _clean(line: str) -> str:
    # What a probe or caller sent must not steer whatever shows the text.
    return " ".join("".join(c if c.isprintable() else " " for c in line).split())
