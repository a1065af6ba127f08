"""Findings, causes, fixes to choose from and facts as an agent sees them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from hotline_proto.facts import FactValue, UnknownReason
from hotline_proto.v1 import agent_pb2 as pb

from hotline_collector.calls.devices import why_not_on
from hotline_collector.calls.runtime import CallRuntime
from hotline_collector.calls.said_steps import said_steps
from hotline_collector.calls.view_questions import open_question
from hotline_collector.calls.view_texts import text, value_text
from hotline_collector.calls.words import HIDDEN, hidden
from hotline_collector.engine.cel.tree import VarKey
from hotline_collector.engine.circuit import Leaf
from hotline_collector.engine.labels import label_of
from hotline_collector.model.finding import Cause, Evidence, FactState, Finding, FindingState, Missing
from hotline_collector.model.function_words import of_function
from hotline_collector.model.rule import Fix, Rule, Text

_TAKES_BACK = Text("The action can be taken back.", "Die Maßnahme lässt sich zurücknehmen.")
_ORIGINS = {1: "probe", 2: "caller", 3: "agent", 4: "operator", 5: "browser", 6: "caller_typed"}
_MAX_EXPECTED = 4


def missing_view(item: Missing) -> pb.MissingView:
    """Return a missing fact with the reason and the way to get it."""
    return pb.MissingView(fact=item.fact, entity=item.entity, reason=item.reason.word, settle=item.settle)


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
        rule = engine.rule(finding)
        self._describe(view, rule)
        if not finding.gone:
            view.fixes.extend(self.fixes(rule, finding))
        if finding.state is not FindingState.CLEARED:
            view.evidence.extend(self._evidence(item) for item in engine.evidence(finding))
        if finding.state is FindingState.SUSPECTED:
            view.missing.extend(self._missing(item) for item in engine.missing(finding))
        return view

    def fixes(self, rule: Rule, finding: Finding) -> Iterable[pb.FixOption]:
        """Yield the fixes that could be proposed: no action that lacks a fact or does not fit the target."""
        for index, fix in enumerate(rule.fixes):
            if fix.action and self._call.engine.fix_parameters(finding, index) is None:
                continue
            if fix.action and why_not_on(self._call, finding.target, fix.action):
                continue
            yield pb.FixOption(
                index=index,
                title=fix_title(self._call, rule, index),
                action=fix.action,
                steps=[text(step.text) for step in said_steps(self._call, fix)],
                by=fix.by,
                risk=fix.risk,
                undo=self._undo(fix),
                verify_within_s=rule.verify_within // 1_000_000,
                expect=list(self._expected(rule)),
            )

    def changes(self, before: Iterable[Evidence], after: Iterable[Evidence]) -> Iterable[pb.FactChange]:
        """Yield the facts concerned before a fix and now, those that are known to have changed first."""
        earlier = {(item.label, item.entity): item for item in before}
        views = [self._change(earlier.get((item.label, item.entity)), item) for item in after]
        told = [view for view in views if view.before or view.after]
        return sorted(told, key=lambda view: not (view.before and view.after and view.before != view.after))

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
        view.unit, view.source = (spec.unit, spec.source) if spec else ("", "")
        view.meaning.MergeFrom(self._meaning(state.fact) or pb.Text())
        if isinstance(state.value, UnknownReason):
            view.unknown = state.value.word
        else:
            view.value = self._shown(state.fact, state.value)
            view.label.MergeFrom(self._label(state.fact, state.value) or pb.Text())
        return view

    def _describe(self, view: pb.FindingView, rule: Rule) -> None:
        view.severity, view.hazard = rule.severity, rule.hazard
        view.confidence = self._call.engine.confidence(rule)
        view.title.CopyFrom(text(rule.title))
        view.symptom.CopyFrom(text(rule.symptom))
        for other, tell in rule.look_alikes.items():
            alike = self._rules.get(other)
            title = text(alike.title) if alike else None
            view.look_alikes.add(rule=other, title=title, tell=tell.en, words=text(tell))

    def _missing(self, item: Missing) -> pb.MissingView:
        """Return a missing fact with all that it takes to settle it at once."""
        view = missing_view(item)
        view.meaning.MergeFrom(self._meaning(item.fact) or pb.Text())
        kind, _, name = item.settle.partition(":")
        question = open_question(self._call, name) if kind == "question" else None
        if question is not None:
            view.question.CopyFrom(question)
        source = self._catalogue.sources.get(name) if kind == "source" else None
        if source is not None:
            view.source.CopyFrom(pb.Text(en=source.title["en"], de=source.title["de"]))
        return view

    def _change(self, before: Evidence | None, after: Evidence) -> pb.FactChange:
        earlier = before.value if before is not None else UnknownReason.NOT_COLLECTED
        return pb.FactChange(
            fact=after.label,
            entity=after.entity,
            unit=after.unit,
            meaning=self._meaning(after.fact, after.function, after.window),
            before="" if isinstance(earlier, UnknownReason) else self._shown(after.fact, earlier),
            before_label=self._label(after.fact, earlier),
            after="" if isinstance(after.value, UnknownReason) else self._shown(after.fact, after.value),
            after_label=self._label(after.fact, after.value),
            unknown=after.value.word if isinstance(after.value, UnknownReason) else "",
            measured_us=after.measured,
        )

    def _expected(self, rule: Rule) -> Iterator[pb.EvidenceView]:
        """Yield what must be seen after a fix, as far as single facts tell it."""
        leaves = [leaf for leaf in self._call.rules.expected(rule) if len(leaf.variables) == 1]
        for leaf in leaves[:_MAX_EXPECTED]:
            yield self._expectation(leaf, leaf.variables[0])

    def _expectation(self, leaf: Leaf, key: VarKey) -> pb.EvidenceView:
        label = self._call.rules.labels.get(key) or label_of(self._catalogue, key)
        meaning = self._meaning(label.fact, key.function, key.window)
        view = pb.EvidenceView(fact=label.text, unit=label.unit, meaning=meaning, condition=leaf.text)
        if leaf.equality is not None and (leaf.equality[1] or isinstance(leaf.equality[0], bool)):
            value, holds = leaf.equality
            value = value if holds else not value
            view.value, view.condition = value_text(value), ""
            view.label.MergeFrom(self._in_words(label.fact, value) or pb.Text())
        return view

    def _meaning(self, fact: str, function: str = "", window: int = 0) -> pb.Text | None:
        spec, kind = self._catalogue.facts.get(fact), self._catalogue.entity_of_list.get(fact)
        question = self._call.rules.pack.questions.get(fact)
        words = spec.meaning if spec else kind.what if kind else question.text if question else None
        if words is None:
            return None
        return pb.Text(
            en=of_function(words.en, function, window, "en"), de=of_function(words.de, function, window, "de")
        )

    def _label(self, fact: str, value: FactValue) -> pb.Text | None:
        """Return a value in words, None if it has none or must not be seen."""
        return None if self._hidden(fact) else self._in_words(fact, value)

    def _in_words(self, fact: str, value: FactValue) -> pb.Text | None:
        spec, question = self._catalogue.facts.get(fact), self._call.rules.pack.questions.get(fact)
        of_values = spec.words if spec else question.values if question else {}
        label = of_values.get(value) if isinstance(value, str) else None
        return text(label) if label is not None else None

    def _evidence(self, item: Evidence) -> pb.EvidenceView:
        return pb.EvidenceView(
            fact=item.label,
            entity=item.entity,
            value=self._shown(item.fact, item.value),
            # The condition that a hidden value meets would give it away.
            condition="" if self._hidden(item.fact) else item.condition,
            unit=item.unit,
            measured_us=item.measured,
            meaning=self._meaning(item.fact, item.function, item.window),
            label=self._label(item.fact, item.value),
        )

    def _shown(self, fact: str, value: FactValue) -> str:
        return HIDDEN if self._hidden(fact) else value_text(value)

    def _hidden(self, fact: str) -> bool:
        return hidden(self._catalogue, fact, self._call.shows_personal)

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
    steps = [step.text for step in said_steps(call, rule.fixes[index])]
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
    steps = said_steps(call, fix)
    return text(steps[0].text) if steps else text(rule.title)
