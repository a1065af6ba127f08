"""Builds the report of a call from its view; pure, so that the same call gives the same report."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from hotline_proto.catalogue import Catalogue
from hotline_proto.v1 import agent_pb2 as pb

from hotline_collector.calls.exclusions import Excluded
from hotline_collector.calls.reports import report as parts
from hotline_collector.calls.reports.report import Report, Words
from hotline_collector.model.decisive import decisive
from hotline_collector.model.rule import Text
from hotline_collector.model.safe import harmless

# How a change stands that has been made and not been taken back.
IN_FORCE = frozenset({"done", "verifying", "verified", "still_present", "regressed", "could_not_verify"})
_SYSTEM = ("host.os.name", "host.arch")
_PERSONAL, _VERIFIED = "personal", "verified"
_FINE = frozenset({"ok", ""})
_MAX_FINDINGS, _MAX_NOTES = 50, 200
_MAX_INDENT = 8
_NAME, _LINE, _LONG = 128, 400, 4000


@dataclass(frozen=True, slots=True)
class Closing:
    """What the agent's desk knows of a call and its view does not show."""

    customer_reference: str = ""
    first_check: str = ""
    closed: int = 0
    ticket: str = ""
    summary: str = ""


def build(
    view: pb.CallView, excluded: Sequence[Excluded], catalogue: Catalogue, closing: Closing = Closing()
) -> Report:
    """Return the report of a call.

    The view should have its facts. Values of personal facts are left out unless the caller allowed personal
    facts to be read on that target.
    """
    builder = _Builder(view, catalogue)
    verified = {fix.finding_id for fix in view.fixes if fix.state == _VERIFIED}
    cured = [finding for finding in view.cleared if finding.finding_id in verified]
    found = {finding.rule for finding in (*view.causes, *cured)}
    return Report(
        call=parts.CallPart(
            id=_clean(view.call_id),
            state=view.state,
            outcome=view.outcome,
            complaint=_clean(view.complaint, _LONG),
            first_check=_clean(closing.first_check),
            customer_reference=_clean(closing.customer_reference),
            agent=_clean(view.agent),
            opened=moment(view.opened_us),
            closed=moment(closing.closed),
            words_confirmed=view.words_confirmed,
        ),
        targets=tuple(builder.targets()),
        causes=builder.findings(view.causes),
        cured=builder.findings(cured),
        also_noticed=builder.findings(view.also_noticed),
        excluded=tuple(_excluded(item) for item in excluded if item.rule not in found),
        suspected=builder.findings(view.suspected),
        unread=tuple(_unread(view)),
        answers=tuple(_answer(question) for question in view.questions if question.answer),
        fixes=tuple(_fix(fix) for fix in view.fixes),
        notes=tuple(
            parts.NotePart(moment(note.at_us), _clean(note.author), lines(note.text))
            for note in view.notes[:_MAX_NOTES]
        ),
        disagreements=tuple(
            parts.DisagreementPart(
                moment(said.at_us),
                _clean(said.author),
                _clean(said.rule),
                _clean(said.cause, _LINE),
                _clean(said.reason, _LONG),
            )
            for said in view.disagreements
        ),
        ticket=lines(closing.ticket),
        summary=lines(closing.summary),
        generated=moment(view.now_us),
    )


def moment(at: int) -> str:
    """Return a time (µs since the epoch) as RFC 3339 in UTC to the second, empty for 0."""
    return f"{datetime.fromtimestamp(at // 1_000_000, UTC):%Y-%m-%dT%H:%M:%SZ}" if at else ""


def lines(text: str, limit: int = 3 * _LONG) -> str:
    """Return a text with its line breaks and indents, without control characters or direction overrides."""
    return "\n".join(map(_line, text[:limit].splitlines())).strip()


def _line(line: str) -> str:
    indent = min(len(line) - len(line.lstrip(" ")), _MAX_INDENT)
    kept = harmless(line, _LONG)
    return " " * indent + kept if kept else ""


class _Builder:
    def __init__(self, view: pb.CallView, catalogue: Catalogue) -> None:
        self._view = view
        personal = (spec.name for spec in catalogue.facts.values() if spec.sensitivity != "public")
        self._personal = tuple(personal)
        self._allowed = {target.target for target in view.targets if _PERSONAL in target.consent}

    def targets(self) -> Iterable[parts.TargetPart]:
        for target in self._view.targets:
            known = {fact.fact: fact.value for fact in self._view.facts if fact.target == target.target}
            system = ", ".join(_clean(known[name]) for name in _SYSTEM if known.get(name))
            yield parts.TargetPart(
                _clean(target.name), _clean(target.platform), system, tuple(_clean(c) for c in target.consent)
            )

    def findings(self, findings: Sequence[pb.FindingView]) -> tuple[parts.FindingPart, ...]:
        return tuple(self._finding(finding) for finding in findings[:_MAX_FINDINGS])

    def _finding(self, finding: pb.FindingView) -> parts.FindingPart:
        allowed = finding.target in self._allowed
        return parts.FindingPart(
            rule=_clean(finding.rule),
            title=_words(finding.title),
            entity=_clean(finding.entity),
            severity=finding.severity,
            state=finding.state,
            confidence=round(finding.confidence, 3),
            since=moment(finding.onset_us),
            stale=finding.stale,
            evidence=tuple(self._evidence(item, allowed) for item in decisive(finding.evidence)),
            follows=tuple(_words(symptom.title) for symptom in finding.explains[:_MAX_FINDINGS]),
            missing=tuple(
                parts.MissingPart(
                    _clean(m.fact), _clean(m.entity), _clean(m.reason), _clean(m.settle), _words(m.meaning)
                )
                for m in finding.missing
            ),
        )

    def _evidence(self, item: pb.EvidenceView, allowed: bool) -> parts.EvidencePart:
        # The label may be a function of the fact, such as changed(process.name, 5m).
        withheld = not allowed and any(name in item.fact for name in self._personal)
        return parts.EvidencePart(
            fact=_clean(item.fact),
            meaning=_words(item.meaning),
            entity=_clean(item.entity),
            value="" if withheld else _clean(item.value, _LINE),
            unit=_clean(item.unit),
            # What a withheld value is compared with would give it away.
            condition="" if withheld else _clean(item.condition),
            measured=moment(item.measured_us),
            withheld=withheld,
            label=Words() if withheld else _words(item.label),
        )


def _excluded(item: Excluded) -> parts.ExcludedPart:
    return parts.ExcludedPart(
        item.why,
        _clean(item.rule),
        _both(item.title),
        _clean(item.entity),
        _both(item.instead),
        moment(item.as_of),
    )


def _unread(view: pb.CallView) -> Iterable[parts.SourcePart]:
    for target in view.targets:
        for source in target.sources:
            if source.status not in _FINE:
                yield parts.SourcePart(
                    _clean(source.source), _clean(source.status), _clean(source.note, _LINE)
                )


def _answer(question: pb.QuestionView) -> parts.AnswerPart:
    answer = Words(_clean(question.answer), _clean(question.answer))
    for value, label in zip(question.values, question.value_labels, strict=False):
        if value == question.answer:
            answer = _words(label)
    if question.answer == "don't know":
        answer = Words("don't know", "weiß nicht")
    return parts.AnswerPart(_clean(question.question), _words(question.text), answer)


def _fix(fix: pb.FixView) -> parts.FixPart:
    return parts.FixPart(
        id=_clean(fix.fix_id),
        rule=_clean(fix.rule),
        title=_words(fix.title),
        entity=_clean(fix.entity),
        action=_clean(fix.action),
        by=_clean(fix.by),
        state=fix.state,
        proposed=moment(fix.proposed_us),
        done=moment(fix.done_us),
        settled=moment(fix.settled_us),
        detail=_clean(fix.detail, _LINE),
        in_force=is_in_force(fix),
    )


def is_in_force(fix: pb.FixView) -> bool:
    """Tell whether a fix is a change that could still be taken back."""
    return fix.undoable and fix.state in IN_FORCE


def _words(text: pb.Text) -> Words:
    return Words(_clean(text.en, _LINE), _clean(text.de, _LINE))


def _both(text: Text) -> Words:
    return Words(_clean(text.en, _LINE), _clean(text.de, _LINE))


def _clean(text: str, limit: int = _NAME) -> str:
    return harmless(text, limit)
