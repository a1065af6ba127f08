"""A rule as a page for people: what it says, how it is recognised, cured and proven, and its neighbours."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from hotline_collector.console.layout import Row, row
from hotline_collector.console.rule_words import Wording
from hotline_collector.console.texts import Texts
from hotline_collector.console.units import Lang, duration
from hotline_collector.engine.cel.tree import Node
from hotline_collector.engine.ruleset import RuleSet
from hotline_collector.model.rule import Fix, Rule, Text
from hotline_collector.rulepack.domains import Domains

_HEADINGS: Mapping[Lang, Mapping[str, str]] = {
    "en": {
        "symptom": "What the caller notices",
        "when": "Recognised by",
        "for_each": "One finding for each {kind}.",
        "hold": "It must hold for {time} before it is confirmed, and be gone for {release} to be cleared.",
        "above": "Can itself be caused by",
        "below": "Explains",
        "look_alikes": "Not to be confused with",
        "questions": "May ask",
        "fixes": "Cures",
        "by": "{number}. {who}, risk: {risk}",
        "undo": "Taken back: {text}",
        "undoable": "Can be taken back.",
        "proof": "Proof within {time}",
        "no_expect": "The condition is known not to hold any more.",
        "references": "Sources",
    },
    "de": {
        "symptom": "Was der Anrufer bemerkt",
        "when": "Woran es erkannt wird",
        "for_each": "Je ein Befund für jedes Element von {kind}.",
        "hold": "Bestätigt nach {time}, behoben, wenn es {release} lang weg ist.",
        "above": "Kann selbst verursacht sein durch",
        "below": "Erklärt",
        "look_alikes": "Nicht zu verwechseln mit",
        "questions": "Fragt gegebenenfalls",
        "fixes": "Abhilfen",
        "by": "{number}. {who}, Risiko: {risk}",
        "undo": "Zurücknehmen: {text}",
        "undoable": "Lässt sich zurücknehmen.",
        "proof": "Nachweis innerhalb von {time}",
        "no_expect": "Die Bedingung gilt nachweislich nicht mehr.",
        "references": "Quellen",
    },
}


class RulePage:
    """Renders the rules of a pack in one language."""

    def __init__(self, rules: RuleSet, texts: Texts) -> None:
        self._rules = rules
        self._texts = texts
        self._words = _HEADINGS[texts.lang]
        self._wording = Wording(Domains(rules.catalogue, rules.pack.questions), texts.lang)

    def rows(self, rule_id: str) -> list[Row]:
        """Return the page of a rule."""
        rule = self._rules.pack.rules[rule_id]
        hazard = [f" · {self._texts.hazard}"] if rule.hazard else []
        severity = self._texts.word(rule.severity)
        return [
            row((self._said(rule.title), "bold"), f" · {severity} · {rule.status}", *hazard),
            row(rule.id, indent=2, whole=True),
            *self._part("symptom", [self._said(rule.symptom)]),
            *self._recognised(rule),
            *self._part("above", self._named(self._above(rule_id))),
            *self._part("below", self._named(rule.explains)),
            *self._part("look_alikes", [f"{self._name(o)}: {tell}" for o, tell in rule.look_alikes.items()]),
            *self._part("questions", [self._said(self._rules.pack.questions[q].text) for q in rule.ask]),
            *self._heading("fixes"),
            *(each for number, fix in enumerate(rule.fixes, 1) for each in self._fix(number, fix)),
            *self._proof(rule),
            *self._part("references", rule.references),
        ]

    def content(self, rule_id: str) -> dict[str, Any]:
        """Return what the page says as plain data."""
        rule = self._rules.pack.rules[rule_id]
        when, expect = self._rules.conditions[rule_id]
        return {
            "id": rule.id,
            "status": rule.status,
            "severity": rule.severity,
            "hazard": rule.hazard,
            "title": self._said(rule.title),
            "symptom": self._said(rule.symptom),
            "for_each": rule.for_each,
            "when": self._condition(when.root),
            "caused_by": self._above(rule_id),
            "explains": list(rule.explains),
            "look_alikes": dict(rule.look_alikes),
            "questions": list(rule.ask),
            "fixes": [
                {
                    "action": fix.action,
                    "steps": [self._said(step.text) for step in fix.steps],
                    "undo": [self._said(step.undo) for step in fix.steps if step.undo],
                    "by": fix.by,
                    "risk": fix.risk,
                }
                for fix in rule.fixes
            ],
            "expect": self._condition(expect.root) if expect else [],
            "references": list(rule.references),
        }

    def _recognised(self, rule: Rule) -> Iterator[Row]:
        yield from self._heading("when")
        if rule.for_each:
            kind = rule.for_each
            if self._texts.lang == "de":
                kind = self._rules.catalogue.entities[kind].list_name
            yield row(self._words["for_each"].format(kind=kind), indent=2)
        yield from self._lines(self._rules.conditions[rule.id][0].root)
        if rule.hold or rule.release:
            times = {"time": self._time(rule.hold), "release": self._time(rule.release)}
            yield row(self._words["hold"].format(**times), indent=2)

    def _fix(self, number: int, fix: Fix) -> Iterator[Row]:
        who, risk = self._texts.actor(fix.by), self._texts.word(fix.risk)
        yield row(self._words["by"].format(number=number, who=who, risk=risk), indent=2)
        if fix.action:
            action = self._rules.catalogue.actions[fix.action]
            lang = self._texts.lang
            yield row(f"{action.title[lang]} ({fix.action}): {action.effect[lang]}", indent=5)
            if action.undo:
                yield row((self._words["undoable"], "italic"), indent=5)
        for step in fix.steps:
            yield row(f"- {self._said(step.text)}", indent=5)
            if step.undo:
                yield row((self._words["undo"].format(text=self._said(step.undo)), "italic"), indent=7)

    def _proof(self, rule: Rule) -> Iterator[Row]:
        time = self._time(rule.verify_within)
        yield row((self._words["proof"].format(time=time), "bold underline"))
        expect = self._rules.conditions[rule.id][1]
        if expect is None:
            yield row(self._words["no_expect"], indent=2)
        else:
            yield from self._lines(expect.root)

    def _lines(self, root: Node) -> Iterator[Row]:
        for line in self._wording.lines(root):
            yield row(f"- {line.text}", indent=2 + 2 * line.depth)

    def _condition(self, root: Node) -> list[str]:
        return ["  " * line.depth + line.text for line in self._wording.lines(root)]

    def _part(self, name: str, items: Iterable[str]) -> Iterator[Row]:
        shown = list(items)
        if shown:
            yield from self._heading(name)
            yield from (row(f"- {item}" if len(shown) > 1 else item, indent=2) for item in shown)

    def _heading(self, name: str) -> Iterator[Row]:
        yield row((self._words[name], "bold underline"))

    def _above(self, rule_id: str) -> list[str]:
        return [other.id for other in self._rules.pack.rules.values() if rule_id in other.explains]

    def _named(self, ids: Iterable[str]) -> list[str]:
        return [self._name(rule_id) for rule_id in ids]

    def _name(self, rule_id: str) -> str:
        return f"{self._said(self._rules.pack.rules[rule_id].title)} ({rule_id})"

    def _time(self, microseconds: int) -> str:
        return duration(microseconds / 1e6, self._texts.lang)

    def _said(self, text: Text) -> str:
        return text.de if self._texts.lang == "de" else text.en
