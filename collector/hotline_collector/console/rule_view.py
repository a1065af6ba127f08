"""What there is to say about a rule, in one language; terminal and web page show the same."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hotline_collector.console.rule_headings import RULE_HEADINGS
from hotline_collector.console.rule_words import Line, Wording, kind_words
from hotline_collector.engine.ruleset import RuleSet
from hotline_collector.model.rule import Fix, Rule, Text
from hotline_collector.model.units import Lang, duration
from hotline_collector.rulepack.domains import Domains


@dataclass(frozen=True, slots=True)
class OtherRule:
    """A neighbour of a rule; of a look-alike also what tells the two apart."""

    id: str
    title: str
    tell: str = ""


@dataclass(frozen=True, slots=True)
class StepView:
    """A step and how to take it back, empty if there is nothing to take back."""

    text: str
    undo: str


@dataclass(frozen=True, slots=True)
class FixView:
    """A cure: steps of a human, or an action of the probe with its title and effect."""

    by: str
    risk: str
    action: str
    title: str
    effect: str
    undoable: bool
    steps: tuple[StepView, ...]


@dataclass(frozen=True, slots=True)
class RuleView:
    """A rule in words; `expect` is None if only the condition's end is the proof."""

    rule: Rule
    title: str
    symptom: str
    for_each: str
    when: tuple[Line, ...]
    times: str
    above: tuple[OtherRule, ...]
    below: tuple[OtherRule, ...]
    look_alikes: tuple[OtherRule, ...]
    questions: tuple[str, ...]
    fixes: tuple[FixView, ...]
    within: str
    expect: tuple[Line, ...] | None


class RuleViews:
    """Makes views of the rules of a pack in one language."""

    def __init__(self, rules: RuleSet, lang: Lang) -> None:
        self._rules = rules
        self._lang: Lang = lang
        self._words = RULE_HEADINGS[lang]
        self._wording = Wording(Domains(rules.catalogue, rules.pack.questions), lang)

    def of(self, rule_id: str) -> RuleView:
        """Return the view of a rule that there is."""
        rule = self._rules.pack.rules[rule_id]
        when, expect = self._rules.conditions[rule_id]
        questions = self._rules.pack.questions
        return RuleView(
            rule=rule,
            title=self.said(rule.title),
            symptom=self.said(rule.symptom),
            for_each=self._for_each(rule),
            when=tuple(self._wording.lines(when.root)),
            times=self._times(rule),
            above=self._named(self.above(rule_id)),
            below=self._named(rule.explains),
            look_alikes=tuple(
                OtherRule(o, self._title(o), self.said(tell)) for o, tell in rule.look_alikes.items()
            ),
            questions=tuple(self.said(questions[question].text) for question in rule.ask),
            fixes=tuple(map(self._fix, rule.fixes)),
            within=duration(rule.verify_within / 1e6, self._lang),
            expect=tuple(self._wording.lines(expect.root)) if expect else None,
        )

    def said(self, text: Text) -> str:
        """Return a text in this language."""
        return text.de if self._lang == "de" else text.en

    def above(self, rule_id: str) -> list[str]:
        """Return the rules that explain a rule."""
        return [other.id for other in self._rules.pack.rules.values() if rule_id in other.explains]

    def _for_each(self, rule: Rule) -> str:
        if not rule.for_each:
            return ""
        kind = self._rules.catalogue.entities[rule.for_each]
        return self._words["for_each"].format(kind=kind_words(kind, self._lang, one=True))

    def _times(self, rule: Rule) -> str:
        if not (rule.hold or rule.release):
            return ""
        hold, release = (duration(span / 1e6, self._lang) for span in (rule.hold, rule.release))
        return self._words["hold"].format(time=hold, release=release)

    def _fix(self, fix: Fix) -> FixView:
        steps = tuple(StepView(self.said(s.text), self.said(s.undo) if s.undo else "") for s in fix.steps)
        if not fix.action:
            return FixView(fix.by, fix.risk, "", "", "", False, steps)
        action = self._rules.catalogue.actions[fix.action]
        title, effect = action.title[self._lang], action.effect[self._lang]
        return FixView(fix.by, fix.risk, fix.action, title, effect, bool(action.undo), steps)

    def _named(self, ids: Iterable[str]) -> tuple[OtherRule, ...]:
        return tuple(OtherRule(rule_id, self._title(rule_id)) for rule_id in ids)

    def _title(self, rule_id: str) -> str:
        return self.said(self._rules.pack.rules[rule_id].title)


def indented(lines: Sequence[Line]) -> list[str]:
    """Return the lines of a condition as plain text."""
    return ["  " * line.depth + line.text for line in lines]
