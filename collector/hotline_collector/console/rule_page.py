"""A rule as a page for people: what it says, how it is recognised, cured and proven, and its neighbours."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from hotline_collector.console.layout import Row, row
from hotline_collector.console.rule_headings import RULE_HEADINGS
from hotline_collector.console.rule_view import FixView, OtherRule, RuleView, RuleViews, indented
from hotline_collector.console.rule_words import Line
from hotline_collector.console.texts import Texts
from hotline_collector.engine.ruleset import RuleSet


class RulePage:
    """Renders the rules of a pack in one language."""

    def __init__(self, rules: RuleSet, texts: Texts) -> None:
        self._texts = texts
        self._words = RULE_HEADINGS[texts.lang]
        self._views = RuleViews(rules, texts.lang)

    def rows(self, rule_id: str) -> list[Row]:
        """Return the page of a rule."""
        view = self._views.of(rule_id)
        rule = view.rule
        hazard = [f" · {self._texts.hazard}"] if rule.hazard else []
        severity = self._texts.word(rule.severity)
        return [
            row((view.title, "bold"), f" · {severity} · {rule.status}", *hazard),
            row(rule.id, indent=2, whole=True),
            *self._part("symptom", [view.symptom]),
            *self._recognised(view),
            *self._part("above", map(_name, view.above)),
            *self._part("below", map(_name, view.below)),
            *self._part("look_alikes", [f"{_name(other)}: {other.tell}" for other in view.look_alikes]),
            *self._part("questions", view.questions),
            *self._heading("fixes"),
            *(each for number, fix in enumerate(view.fixes, 1) for each in self._fix(number, fix)),
            *self._proof(view),
            *self._part("references", rule.references),
        ]

    def content(self, rule_id: str) -> dict[str, Any]:
        """Return what the page says as plain data."""
        view = self._views.of(rule_id)
        rule = view.rule
        return {
            "id": rule.id,
            "status": rule.status,
            "severity": rule.severity,
            "hazard": rule.hazard,
            "title": view.title,
            "symptom": view.symptom,
            "for_each": rule.for_each,
            "when": indented(view.when),
            "caused_by": [other.id for other in view.above],
            "explains": list(rule.explains),
            "look_alikes": {other.id: other.tell for other in view.look_alikes},
            "questions": list(rule.ask),
            "fixes": [
                {
                    "action": fix.action,
                    "steps": [step.text for step in fix.steps],
                    "undo": [step.undo for step in fix.steps if step.undo],
                    "by": fix.by,
                    "risk": fix.risk,
                }
                for fix in view.fixes
            ],
            "expect": indented(view.expect or ()),
            "references": list(rule.references),
        }

    def _recognised(self, view: RuleView) -> Iterator[Row]:
        yield from self._heading("when")
        if view.for_each:
            yield row(view.for_each, indent=2)
        yield from _lines(view.when)
        if view.times:
            yield row(view.times, indent=2)

    def _fix(self, number: int, fix: FixView) -> Iterator[Row]:
        who, risk = self._texts.actor(fix.by), self._texts.word(fix.risk)
        yield row(self._words["by"].format(number=number, who=who, risk=risk), indent=2)
        if fix.action:
            yield row(f"{fix.title} ({fix.action}): {fix.effect}", indent=5)
            if fix.undoable:
                yield row((self._words["undoable"], "italic"), indent=5)
        for step in fix.steps:
            yield row(f"- {step.text}", indent=5)
            if step.undo:
                yield row((self._words["undo"].format(text=step.undo), "italic"), indent=7)

    def _proof(self, view: RuleView) -> Iterator[Row]:
        yield row((self._words["proof"].format(time=view.within), "bold underline"))
        if view.expect is None:
            yield row(self._words["no_expect"], indent=2)
        else:
            yield from _lines(view.expect)

    def _part(self, name: str, items: Iterable[str]) -> Iterator[Row]:
        shown = list(items)
        if shown:
            yield from self._heading(name)
            yield from (row(f"- {item}" if len(shown) > 1 else item, indent=2) for item in shown)

    def _heading(self, name: str) -> Iterator[Row]:
        yield row((self._words[name], "bold underline"))


def _lines(lines: Sequence[Line]) -> Iterator[Row]:
    for line in lines:
        yield row(f"- {line.text}", indent=2 + 2 * line.depth)


def _name(other: OtherRule) -> str:
    return f"{other.title} ({other.id})"
