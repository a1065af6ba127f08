"""What templates call to put things into words: values, time spans, answers, ways to settle a doubt."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping

from hotline_proto.joincode import spoken
from hotline_proto.v1 import agent_pb2 as pb

from hotline_collector.calls.next_fix import next_fix
from hotline_collector.console.texts import Texts, texts_for
from hotline_collector.model.decisive import decisive
from hotline_collector.model.safe import harmless
from hotline_collector.model.units import Lang, condition, human, quantity, rough_span, span, whole_minutes
from hotline_collector.web.machine_strip import charts
from hotline_collector.web.menu import MENU
from hotline_collector.web.moments import moment
from hotline_collector.web.operator_facts import OPERATOR_FACTS
from hotline_collector.web.picture_code import picture_code
from hotline_collector.web.way_picture import stations
from hotline_collector.web.word_tables import words_of

_NAME = 60
# Conditions that say no more than the value beside them.
_SAID_BY_VALUE = re.compile(r"(?:not )?[\w.]+(?: == \S+)?")


class _Helpers:
    """The helpers of one language; words of states and reasons are those of the terminal."""

    def __init__(self, lang: Lang) -> None:
        self.lang: Lang = lang
        self.texts: Texts = texts_for(lang)

    def either(self, en: str, de: str) -> str:
        return self.texts.text(pb.Text(en=en, de=de))

    def span(self, seconds: float) -> str:
        return span(seconds, self.lang)

    def moment(self, at_us: int, *, seconds: bool = False) -> str:
        return moment(at_us, self.lang, seconds=seconds)

    def rough(self, seconds: float) -> str:
        return rough_span(seconds, self.lang)

    def minutes(self, seconds: float) -> str:
        return whole_minutes(seconds, self.lang)

    def price(self, amount: str) -> str:
        return amount.replace(".", ",") if self.lang == "de" else amount

    def human(self, value: str, unit: str) -> str:
        return human(value, unit, self.lang)

    def meant(self, item: pb.EvidenceView | pb.FactChange | pb.FactView | pb.MissingView) -> str:
        """Return what a fact means, its name if that is not known."""
        return self.texts.text(item.meaning) or item.fact

    def value_of(self, item: pb.EvidenceView | pb.FactView) -> str:
        return self._worded(item.label, item.value, item.unit)

    def value_before(self, item: pb.FactChange) -> str:
        return self._worded(item.before_label, item.before, item.unit)

    def value_after(self, item: pb.FactChange) -> str:
        return self._worded(item.after_label, item.after, item.unit)

    def _worded(self, label: pb.Text, value: str, unit: str) -> str:
        said = harmless(self.texts.text(label), _NAME)
        return said or human(value, harmless(unit, 20), self.lang)

    def effort(self, option: pb.FixOption) -> str:
        """Return what a fix asks of the caller."""
        words = words_of(self.lang)
        if option.action:
            return words["effort_click"]
        if option.by == "caller":
            many = len(option.steps) != 1
            return words["effort_steps" if many else "effort_steps_one"].format(number=len(option.steps))
        return words["effort_visit" if option.by == "technician" else "effort_none"]

    def amount(self, number: float, unit: str) -> str:
        return quantity(number, unit, self.lang)

    def limits(self, item: pb.EvidenceView) -> str:
        unit, fact = harmless(item.unit, 20), harmless(item.fact, _NAME)
        if self.texts.text(item.label) or _SAID_BY_VALUE.fullmatch(item.condition):
            return ""
        return condition(item.condition, unit, self.lang, fact)

    def in_lang(self, text: pb.Text, lang: Lang) -> str:
        return texts_for(lang).text(text)

    def translated(self, words: Iterable[str]) -> str:
        return ", ".join(self.texts.word(harmless(word, _NAME)) for word in words)

    def label_of(self, question: pb.QuestionView, index: int) -> str:
        labels = question.value_labels
        label = self.texts.text(labels[index]) if index < len(labels) else ""
        return harmless(label or question.values[index], _NAME)

    def titles_of(self, question: pb.QuestionView) -> str:
        """Return what a question would decide about."""
        titles = (harmless(self.texts.text(title), _NAME) for title in question.rule_titles)
        return ", ".join(dict.fromkeys(titles))

    def answer_of(self, question: pb.QuestionView) -> str:
        for index, value in enumerate(question.values):
            if value == question.answer:
                return self.label_of(question, index)
        return self.texts.dont_know if question.answer == "don't know" else harmless(question.answer, _NAME)

    def settle_of(self, missing: pb.MissingView) -> str:
        t = self.texts
        kind, _, name = harmless(missing.settle, _NAME).partition(":")
        how = {"question": t.settle_question, "source": t.settle_source, "consent": t.settle_consent}.get(
            kind
        )
        return how.format(name=t.word(name)) if how else t.settle_nothing


@functools.cache
def helpers(lang: Lang) -> Mapping[str, object]:
    """Return everything that templates of a language may call, and their words as `t`."""
    own = _Helpers(lang)
    return {
        "t": words_of(lang),
        "menu": MENU,
        "lang": lang,
        "w": own.texts,
        "word": own.texts.word,
        "by": own.texts.actor,
        "say": own.texts.text,
        "spoken": spoken,
        "decisive": decisive,
        "charts": charts,
        "operator_facts": OPERATOR_FACTS,
        "picture_code": picture_code,
        "next_fix": next_fix,
        "stations": stations,
    } | {
        name: getattr(own, name)
        for name in (
            "either",
            "span",
            "moment",
            "rough",
            "minutes",
            "price",
            "human",
            "amount",
            "meant",
            "value_of",
            "value_before",
            "value_after",
            "effort",
            "limits",
            "in_lang",
            "translated",
            "label_of",
            "answer_of",
            "titles_of",
            "settle_of",
        )
    }
