"""Figures as CSV (RFC 4180) in UTF-8, with numbers as spreadsheets of the language read them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from hotline_proto.v1 import agent_pb2 as pb

from hotline_collector.console.figure_words import FIGURE_WORDS
from hotline_collector.console.texts import texts_for
from hotline_collector.model.safe import harmless
from hotline_collector.model.units import Lang

# What spreadsheets take for the beginning of a formula, full-width forms included.
# Source: OWASP, CSV Injection.
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
_LONGEST = 240
_HEADINGS = {
    "en": "key|figure|of|first day|last day|number|median (s)|90th percentile (s)|share (%)|"
    "not recorded|note",
    "de": "Schlüssel|Kennzahl|davon|erster Tag|letzter Tag|Anzahl|Median (s)|90. Perzentil (s)|Anteil (%)|"
    "nicht erfasst|Hinweis",
}
# So that Excel takes the file for UTF-8.
_MARK = "\ufeff"
_Cells = tuple[str, ...]


def as_csv(told: pb.GetFiguresResponse, lang: Lang) -> bytes:
    """Return the figures as one table: a line for each figure, step of days and part."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(_HEADINGS[lang].split("|"))
    for cells in _Lines(told, lang).all():
        writer.writerow([plain(cell) for cell in cells])
    return (_MARK + out.getvalue()).encode()


def plain(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula; what is no number of ours is cut."""
    clean = harmless(cell, _LONGEST)
    return f"'{clean}" if clean.startswith(_FORMULA) else clean


class _Lines:
    def __init__(self, told: pb.GetFiguresResponse, lang: Lang) -> None:
        self._told = told
        self._lang = lang
        self._words = FIGURE_WORDS[lang]
        self._texts = texts_for(lang)
        self._few = self._words["few"].format(number=told.least_group)

    def all(self) -> Iterator[_Cells]:
        told, words = self._told, self._words
        yield self._count("calls", words["calls"], "", told.calls)
        for outcome in told.outcomes:
            yield self._count("outcome", words["outcomes"], self._texts.word(outcome.name), outcome)
        for span in told.spans:
            yield from (self._span(span.name, group) for group in (span.whole, *span.steps))
        for share in told.shares:
            yield from (self._share(share.name, group) for group in (share.whole, *share.steps))
            for part in share.parts:
                yield self._count(share.name, words[share.name], words[part.name], part)
        yield from self._causes()
        for rule in told.rules:
            yield self._rule(rule)
        for each in told.outside:
            of = f"{each.cause} ({words['instead_of'].format(rule=each.rule)})"
            yield self._line("outside", words["outside"], of, number=each.calls)

    def _causes(self) -> Iterator[_Cells]:
        told, words = self._told, self._words
        for cause in told.causes:
            of = self._title(cause.title, cause.rule)
            yield self._line("cause", words["frequent"], of, number=cause.calls, share=cause.share)
        others = words["other_causes"].format(number=told.least_group)
        yield self._line("cause", words["frequent"], others, number=told.other_causes)
        yield self._line("cause", words["frequent"], words["no_cause"], number=told.no_cause)

    def _rule(self, rule: pb.RulePrecision) -> _Cells:
        judged = rule.right + rule.wrong
        return self._line(
            "rule",
            self._words["precision"],
            self._title(rule.title, rule.rule),
            number=judged if judged else None,
            share=rule.precision if judged else None,
            few=rule.few,
        )

    def _span(self, name: str, group: pb.SpanGroup) -> _Cells:
        return self._line(
            name,
            self._words[name],
            "",
            days=(group.first_day, group.last_day),
            number=group.calls,
            seconds=(group.median_s, group.p90_s) if group.calls else None,
            not_known=group.not_known,
            few=group.few,
        )

    def _share(self, name: str, group: pb.ShareGroup) -> _Cells:
        return self._line(
            name,
            self._words[name],
            "",
            days=(group.first_day, group.last_day),
            number=group.of,
            share=group.share if group.of else None,
            not_known=group.not_known,
            few=group.few,
        )

    def _count(self, key: str, figure: str, of: str, count: pb.NamedCount) -> _Cells:
        return self._line(key, figure, of, number=count.calls, few=count.few)

    def _line(
        self,
        key: str,
        figure: str,
        of: str,
        *,
        days: tuple[str, str] | None = None,
        number: int | None = None,
        seconds: tuple[float, float] | None = None,
        share: float | None = None,
        not_known: int | None = None,
        few: bool = False,
    ) -> _Cells:
        first, last = days or (self._told.first_day, self._told.last_day)
        median, p90 = (f"{each:.0f}" for each in seconds) if seconds else ("", "")
        counted = "" if number is None or few else str(number)
        missing = "" if not_known is None else str(not_known)
        percent = "" if share is None else self._decimal(share * 100)
        note = self._few if few else ""
        return (key, figure, of, first, last, counted, median, p90, percent, missing, note)

    def _decimal(self, value: float) -> str:
        text = f"{value:.1f}"
        return text.replace(".", ",") if self._lang == "de" else text

    def _title(self, title: pb.Text, rule: str) -> str:
        said = self._texts.text(title)
        return f"{said} ({rule})" if said else rule
