"""Conditions in plain words: facts by their meaning, limits with units, `and` and `or` as lists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from hotline_proto.catalogue import EntityKind
from hotline_proto.wording import Words

from hotline_collector.engine.cel.describe import describe_variable
from hotline_collector.engine.cel.tree import (
    And,
    Call,
    Const,
    Field,
    Fold,
    ListLiteral,
    ListVar,
    Node,
    Not,
    Or,
    Var,
)
from hotline_collector.model.function_words import of_function
from hotline_collector.model.rule import Text
from hotline_collector.model.units import Lang, quantity
from hotline_collector.rulepack.clauses import comparison, quantified, worded
from hotline_collector.rulepack.domains import Domains

_SIGNS = {">": ">", ">=": "≥", "<": "<", "<=": "≤", "==": "=", "!=": "≠"}
_WORDS: Mapping[Lang, Mapping[str, str]] = {
    "en": {
        "all": "all of these:",
        "any": "at least one of these:",
        "every": "for every {what}:",
        "some": "for at least one {what}:",
        "among": "is one of {values}",
        "not_among": "is none of {values}",
        "size": "number of {what}",
        "true": "yes",
        "false": "no",
    },
    "de": {
        "all": "alles davon:",
        "any": "mindestens eines davon:",
        "every": "für jeden Eintrag unter {what}:",
        "some": "für mindestens einen Eintrag unter {what}:",
        "among": "ist eines von {values}",
        "not_among": "ist keines von {values}",
        "size": "Anzahl von {what}",
        "true": "ja",
        "false": "nein",
    },
}


class Line(NamedTuple):
    """One line of a condition and how deep it lies."""

    depth: int
    text: str


def kind_words(kind: EntityKind, lang: Lang, *, one: bool = False) -> str:
    """Return what rules call a kind of entities, or in English `one` of it, and what each of them is."""
    name, what = kind.list_name, kind.what.de
    if lang == "en":
        name, what = kind.name if one else name, kind.what.en
    return f"{name} ({what})"


class Wording:
    """Words conditions in one language."""

    def __init__(self, domains: Domains, lang: Lang) -> None:
        self._domains = domains
        self._lang: Lang = lang
        self._words = _WORDS[lang]

    def lines(self, node: Node, *, wanted: bool = True, depth: int = 0) -> Iterator[Line]:
        """Yield the lines of a condition, or of its opposite."""
        match node:
            case Not(item):
                yield from self.lines(item, wanted=not wanted, depth=depth)
            case And(items) | Or(items):
                word = "all" if isinstance(node, And) == wanted else "any"
                yield Line(depth, self._words[word])
                for item in items:
                    yield from self.lines(item, wanted=wanted, depth=depth + 1)
            case Fold() if (read := quantified(node)) is not None:
                kind, is_all, body = read
                word = "every" if is_all == wanted else "some"
                yield Line(depth, self._words[word].format(what=self._kind(kind, one=True)))
                yield from self.lines(body, wanted=wanted, depth=depth + 1)
            case Call("@in", (subject, ListLiteral(items))):
                values = ", ".join(
                    self._value(item.value, subject) for item in items if isinstance(item, Const)
                )
                word = self._words["among" if wanted else "not_among"].format(values=values)
                yield Line(depth, f"{self._subject(subject)} {word}")
            case _:
                yield Line(depth, self._comparison(node, wanted))

    def _comparison(self, node: Node, wanted: bool) -> str:
        subject, operator, constant = comparison(node, wanted)
        if subject is node and not isinstance(node, Var | Field):
            return worded(node, wanted)
        value = constant.value
        if isinstance(value, bool):
            truth = (operator == "==") == value
            return f"{self._subject(subject)}: {self._words['true' if truth else 'false']}"
        return f"{self._subject(subject)} {_SIGNS[operator]} {self._value(value, subject, constant.unit)}"

    def _subject(self, node: Node) -> str:
        match node:
            case Call("size", (ListVar(kind),)):
                return self._words["size"].format(what=self._kind(kind))
            case Var(key) if key.function:
                what = self._fact(Var(key._replace(function="", window=0)))
                return of_function(what, key.function, key.window, self._lang)
            case _:
                return self._fact(node)

    def _fact(self, node: Node) -> str:
        spec = self._domains.spec(node)
        name = describe_variable(node.key) if isinstance(node, Var) else worded(node)
        if spec is None:
            question = self._domains.question(node)
            return f"{self._said(question.text)} ({name})" if question else name
        return f"{self._said(spec.meaning)} ({name})"

    def _kind(self, name: str, *, one: bool = False) -> str:
        return kind_words(self._domains.catalogue.entities[name], self._lang, one=one)

    def _value(self, value: object, subject: Node, unit: str = "") -> str:
        if isinstance(value, bool):
            return self._words["true" if value else "false"]
        if isinstance(value, int | float):
            spec = self._domains.spec(subject)
            plain = isinstance(subject, Var) and subject.key.function in ("count", "rate", "age")
            return quantity(value, unit or (spec.unit if spec and not plain else ""), self._lang)
        spec, question = self._domains.spec(subject), self._domains.question(subject)
        of_values = spec.words if spec else question.values if question else {}
        label = of_values.get(str(value))
        said = self._said(label) if label else value
        return f"„{said}“" if self._lang == "de" else f"“{said}”"

    def _said(self, text: Text | Words) -> str:
        return text.de if self._lang == "de" else text.en
