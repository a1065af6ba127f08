"""Findings, causes, fixes to choose from and facts as an agent sees them."""

from __future__ import annotations

from collections.abc import Iterable

from hotline_proto.facts import Events, FactValue, UnknownReason
from hotline_proto.v1 import agent_pb2 as pb

from hotline_collector.calls.runtime import CallRuntime
from hotline_collector.calls.words import HIDDEN, hidden
from hotline_collector.model.finding import Cause, Evidence, FactState, Finding, FindingState, Missing
from hotline_collector.model.rule import Fix, Rule, Text

_TAKES_BACK = Text("The action can be taken back.", "Die Maßnahme lässt sich zurücknehmen.")
_ORIGINS = {1: "probe", 2: "caller", 3: "agent", 4: "operator"}
_DIGITS = 6


def text(words: Text) -> pb.Text:
    """Return words in both languages as a message."""
    return pb.Text(en=words.en, de=words.de)


def missing_view(item: Missing) -> pb.MissingView:
    """Return a missing fact with the reason and the way to get it."""
    return pb.MissingView(fact=item.fact, entity=item.entity, reason=item.reason.word, settle=item.settle)


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


class FindingViews:
    """Builds views of the findings of one call as they are now."""

    def __init__(self, call: CallRuntime) -> None:
        self._call = call
        self._rules = call.rules.pack.rules
        self._catalogue = call.around.catalogue

    def cause(self, cause: Cause) -> pb.FindingView:
        """Return a cause with its symptoms folded under it."""
        view = self.finding(cause.finding)
        view.explains.extend(self.finding(symptom) for symptom in cause.symptoms)
        return view

    def finding(self, finding: Finding) -> pb.FindingView:
        """Return one finding with evidence, missing facts and fixes."""
        view = pb.FindingView(
            finding_id=finding.id,
            rule=finding.rule,
            target=finding.target,
            entity_kind=finding.entity.kind if finding.entity else "",
            entity=finding.entity.key if finding.entity else "",
            state=finding.state.value,
            stale=finding.stale,
            onset_us=finding.onset,
            pack_digest=finding.pack_digest,
            pack_version=finding.pack_version,
        )
        engine = self._call.engine
        self._describe(view, engine.rule(finding))
        if finding.state is not FindingState.CLEARED:
            view.evidence.extend(self._evidence(item) for item in engine.evidence(finding))
        if finding.state is FindingState.SUSPECTED:
            view.missing.extend(missing_view(item) for item in engine.missing(finding))
        return view

    def fixes(self, rule: Rule) -> Iterable[pb.FixOption]:
        """Yield the fixes of a rule that could be proposed."""
        for index, fix in enumerate(rule.fixes):
            yield pb.FixOption(
                index=index,
                title=fix_title(self._call, rule, index),
                action=fix.action,
                steps=[text(step.text) for step in fix.steps],
                by=fix.by,
                risk=fix.risk,
                undo=self._undo(fix),
                verify_within_s=rule.verify_within // 1_000_000,
            )

    def fact(self, state: FactState) -> pb.FactView:
        """Return one fact; the value of a personal one only once the words are confirmed."""
        view = pb.FactView(
            target=state.target,
            fact=state.fact,
            entity=state.entity,
            measured_us=state.measured,
            origin=_ORIGINS.get(state.origin, ""),
        )
        spec = self._catalogue.facts.get(state.fact)
        view.unit = spec.unit if spec else ""
        if isinstance(state.value, UnknownReason):
            view.unknown = state.value.word
        else:
            view.value = self._shown(state.fact, state.value)
        return view

    def _describe(self, view: pb.FindingView, rule: Rule) -> None:
        view.severity, view.hazard = rule.severity, rule.hazard
        view.confidence = self._call.engine.confidence(rule)
        view.title.CopyFrom(text(rule.title))
        view.symptom.CopyFrom(text(rule.symptom))
        view.fixes.extend(self.fixes(rule))
        for other, tell in rule.look_alikes.items():
            alike = self._rules.get(other)
            view.look_alikes.add(rule=other, title=text(alike.title) if alike else None, tell=tell)

    def _evidence(self, item: Evidence) -> pb.EvidenceView:
        spec = self._catalogue.facts.get(item.fact)
        question = self._call.rules.pack.questions.get(item.fact)
        meaning = pb.Text(en=spec.meaning) if spec else text(question.text) if question else None
        masked = hidden(self._catalogue, item.fact, self._call.row.words_confirmed)
        return pb.EvidenceView(
            fact=item.label,
            entity=item.entity,
            value=self._shown(item.fact, item.value),
            # The condition that a hidden value meets would give it away.
            condition="" if masked else item.condition,
            unit=item.unit,
            measured_us=item.measured,
            meaning=meaning,
        )

    def _shown(self, fact: str, value: FactValue) -> str:
        if hidden(self._catalogue, fact, self._call.row.words_confirmed):
            return HIDDEN
        return value_text(value)

    def _undo(self, fix: Fix) -> pb.Text | None:
        if fix.action:
            action = self._catalogue.actions.get(fix.action)
            return text(_TAKES_BACK) if action is not None and action.undo else None
        undos = [step.undo for step in fix.steps if step.undo is not None]
        if not undos:
            return None
        return pb.Text(en=" ".join(undo.en for undo in undos), de=" ".join(undo.de for undo in undos))


def fix_words(call: CallRuntime, rule: Rule, index: int) -> dict[str, list[str]]:
    """Return the title of a fix and its steps, by language."""
    title = fix_title(call, rule, index)
    steps = [step.text for step in rule.fixes[index].steps]
    return {
        "en": [title.en, *(step.en for step in steps)],
        "de": [title.de, *(step.de for step in steps)],
    }


def fix_title(call: CallRuntime, rule: Rule, index: int) -> pb.Text:
    """Return a fix in a few words: its action's title or its first step."""
    fix = rule.fixes[index]
    action = call.around.catalogue.actions.get(fix.action)
    if action is not None:
        return pb.Text(en=action.title["en"], de=action.title["de"])
    return text(fix.steps[0].text) if fix.steps else text(rule.title)
