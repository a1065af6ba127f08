"""The figures of the call centre as rows."""

from __future__ import annotations

from collections.abc import Iterator

from hotline_proto.v1 import agent_pb2 as pb

from hotline_collector.console.figure_words import FIGURE_WORDS
from hotline_collector.console.layout import Row, joined, row
from hotline_collector.console.render_findings import NAME
from hotline_collector.console.texts import Texts
from hotline_collector.model.safe import harmless
from hotline_collector.model.units import quantity, rough_duration


class FiguresPage:
    """Renders the figures of some days in one language."""

    def __init__(self, told: pb.GetFiguresResponse, texts: Texts) -> None:
        self._told = told
        self._texts = texts
        self._words = FIGURE_WORDS[texts.lang]
        self._few = self._words["few"].format(number=told.least_group)

    def rows(self) -> list[Row]:
        """Return the page."""
        told, words = self._told, self._words
        head = row((f"{told.first_day} – {told.last_day} (UTC)", "bold"), f"  {self._count(told.calls)}")
        if not told.calls.calls and not told.calls.few:
            return [head, row(words["none_closed"])]
        return [
            head,
            *(self._span(each) for each in told.spans),
            *(self._share(each) for each in told.shares),
            *self._list("outcomes", (self._outcome(each) for each in told.outcomes)),
            *self._list("frequent", self._causes()),
            *self._list("precision", (self._rule(each) for each in told.rules)),
            *self._list("outside", (self._outside(each) for each in told.outside)),
        ]

    def _span(self, figure: pb.SpanFigure) -> Row:
        group, words, lang = figure.whole, self._words, self._texts.lang
        if group.few or not group.calls:
            value = self._few if group.few else words["not_recorded"]
            return row((words[figure.name], "bold"), f"  {value}")
        parts = joined(
            (
                f"{words['median']} {rough_duration(group.median_s, lang)}",
                f"{words['p90']} {rough_duration(group.p90_s, lang)}",
                f"{group.calls} {words['calls']}",
                f"{group.not_known} {words['not_recorded']}" if group.not_known else "",
            )
        )
        return row((words[figure.name], "bold"), "  ", *parts)

    def _share(self, figure: pb.ShareFigure) -> Row:
        group, words = figure.whole, self._words
        if group.few or not group.of:
            value = self._few if group.few else words["not_recorded"]
            return row((words[figure.name], "bold"), f"  {value}")
        parts = [self._part(each) for each in figure.parts if each.calls or each.few]
        share = quantity(group.share, "1", self._texts.lang)
        return row((words[figure.name], "bold"), "  ", *joined((share, *parts)))

    def _part(self, part: pb.NamedCount) -> str:
        return f"{self._words[part.name]}: {self._few if part.few else part.calls}"

    def _outcome(self, count: pb.NamedCount) -> str:
        return f"{self._texts.word(count.name)}: {self._few if count.few else count.calls}"

    def _causes(self) -> Iterator[str]:
        told, words = self._told, self._words
        for each in told.causes:
            share = quantity(each.share, "1", self._texts.lang)
            yield f"{each.calls} ({share})  {self._title(each.title, each.rule)}"
        if told.other_causes:
            yield f"{told.other_causes}  {words['other_causes'].format(number=told.least_group)}"
        if told.no_cause:
            yield f"{told.no_cause}  {words['no_cause']}"

    def _rule(self, rule: pb.RulePrecision) -> str:
        title = self._title(rule.title, rule.rule)
        if rule.few or not rule.right + rule.wrong:
            return f"{self._few if rule.few else self._words['not_recorded']}  {title}"
        share = quantity(rule.precision, "1", self._texts.lang)
        return f"{share} ({rule.right}/{rule.right + rule.wrong})  {title}"

    def _outside(self, each: pb.OutsideCauseView) -> str:
        instead = self._words["instead_of"].format(rule=harmless(each.rule, NAME))
        return f"{each.calls}  {harmless(each.cause)} ({instead})"

    def _list(self, name: str, items: Iterator[str]) -> Iterator[Row]:
        shown = list(items)
        if shown:
            yield row()
            yield row((self._words[name], "bold underline"))
            yield from (row(item, indent=2) for item in shown)

    def _title(self, title: pb.Text, rule: str) -> str:
        said = harmless(self._texts.text(title))
        return f"{said} ({harmless(rule, NAME)})" if said else harmless(rule, NAME)

    def _count(self, count: pb.NamedCount) -> str:
        return f"{self._few if count.few else count.calls} {self._words['calls']}"
