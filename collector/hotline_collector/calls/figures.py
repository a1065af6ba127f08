"""The figures of the call centre over some days, of what is counted by day: nothing here asks anybody.

A small group of calls could tell something of a single agent: of one below the least only that is said.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from hotline_proto.v1 import agent_pb2 as pb

from hotline_collector.calls.closing import OUTCOMES
from hotline_collector.calls.period import Period
from hotline_collector.model.field_record import Verdict, tally
from hotline_collector.model.figures import (
    NOT_KNOWN,
    SPANS,
    Figure,
    FigureCount,
    Resolution,
    VerdictDay,
    percentile,
)
from hotline_collector.model.rows import OutsideCause
from hotline_collector.model.rule import Rule

MIN_GROUP = 5
MAX_LISTED = 50


@dataclass(frozen=True, slots=True)
class Share:
    """What a share is made of: the names that count for it, against it, and for neither."""

    name: str
    figure: Figure
    good: tuple[str, ...]
    bad: tuple[str, ...]
    not_known: tuple[str, ...]
    beside: tuple[str, ...] = ()


SHARES = (
    Share(
        "first_call",
        Figure.RESOLUTION,
        (Resolution.KEPT,),
        (Resolution.RANG_AGAIN, Resolution.UNSOLVED),
        (Resolution.UNKNOWN,),
        (Resolution.REPEAT,),
    ),
    Share("verified_fixes", Figure.FIXES, ("proven",), ("refuted",), ("unproven",)),
)


class Counts:
    """Numbers of some days by step, figure, name and bucket."""

    def __init__(self, counts: Iterable[FigureCount]) -> None:
        self._by: defaultdict[tuple[str, str], Counter[tuple[str, int]]] = defaultdict(Counter)
        for each in counts:
            for step in ("", each.last_day):
                self._by[(step, each.figure)][(each.name, each.bucket)] += each.calls

    def names(self, figure: str, step: str = "") -> Counter[str]:
        """Return numbers by name, of one step (its last day) or of all."""
        out: Counter[str] = Counter()
        for (name, _), calls in self._by.get((step, figure), {}).items():
            out[name] += calls
        return out

    def buckets(self, figure: str, step: str = "") -> Counter[int]:
        """Return numbers by bucket."""
        out: Counter[int] = Counter()
        for (_, bucket), calls in self._by.get((step, figure), {}).items():
            out[bucket] += calls
        return out


def figures(
    period: Period,
    counts: Iterable[FigureCount],
    verdicts: Iterable[VerdictDay],
    outside: Iterable[OutsideCause],
    rules: Mapping[str, Rule],
    least: int = MIN_GROUP,
) -> pb.GetFiguresResponse:
    """Return the figures of a period, of groups of at least so many calls; titles are those of `rules`."""
    known, steps = Counts(counts), period.steps()
    outcomes = known.names(Figure.CALLS)
    causes = known.names(Figure.CAUSE)
    no_cause = causes.pop("", 0)
    told = [(rule, calls) for rule, calls in _ranked(causes) if calls >= least][:MAX_LISTED]
    about = sum(causes.values())
    return pb.GetFiguresResponse(
        first_day=period.first.isoformat(),
        last_day=period.last.isoformat(),
        least_group=least,
        calls=_named("calls", sum(outcomes.values()), least),
        outcomes=[_named(name, outcomes[name], least) for name in OUTCOMES],
        spans=[_span(figure, known, steps, least) for figure in SPANS],
        shares=[_share(share, known, steps, least) for share in SHARES],
        causes=[
            pb.CauseCount(rule=rule, title=_title(rules, rule), calls=calls, share=calls / about)
            for rule, calls in told
        ],
        other_causes=about - sum(calls for _, calls in told),
        no_cause=no_cause,
        rules=list(_precisions(verdicts, rules, least))[:MAX_LISTED],
        outside=[pb.OutsideCauseView(cause=c.cause, rule=c.rule, calls=c.calls) for c in outside],
    )


def _span(figure: Figure, counts: Counts, steps: Sequence[tuple[str, str]], least: int) -> pb.SpanFigure:
    whole = _span_group(steps[0][0], steps[-1][1], counts.buckets(figure), least)
    each = [_span_group(first, last, counts.buckets(figure, last), least) for first, last in steps]
    return pb.SpanFigure(name=figure.value, whole=whole, steps=each)


def _span_group(first: str, last: str, buckets: Counter[int], least: int) -> pb.SpanGroup:
    not_known = buckets.pop(NOT_KNOWN, 0)
    calls = buckets.total()
    group = pb.SpanGroup(first_day=first, last_day=last, not_known=not_known, few=0 < calls < least)
    if calls >= least:
        group.calls = calls
        group.median_s, group.p90_s = percentile(buckets, 0.5), percentile(buckets, 0.9)
    return group


def _share(share: Share, counts: Counts, steps: Sequence[tuple[str, str]], least: int) -> pb.ShareFigure:
    whole = counts.names(share.figure)
    parts = (*share.good, *share.bad, *share.beside, *share.not_known)
    return pb.ShareFigure(
        name=share.name,
        whole=_share_group(share, steps[0][0], steps[-1][1], whole, least),
        steps=[
            _share_group(share, first, last, counts.names(share.figure, last), least) for first, last in steps
        ],
        parts=[_named(name, whole[name], least) for name in parts],
    )


def _share_group(share: Share, first: str, last: str, names: Counter[str], least: int) -> pb.ShareGroup:
    good = sum(names[name] for name in share.good)
    of = good + sum(names[name] for name in share.bad)
    not_known = sum(names[name] for name in share.not_known)
    group = pb.ShareGroup(first_day=first, last_day=last, not_known=not_known, few=0 < of < least)
    if of >= least:
        group.of, group.share = of, good / of
    return group


def _precisions(
    verdicts: Iterable[VerdictDay], rules: Mapping[str, Rule], least: int
) -> Iterator[pb.RulePrecision]:
    by_rule: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for each in verdicts:
        by_rule[each.rule][each.verdict] += each.calls
    shown = Counter({rule: calls.total() for rule, calls in by_rule.items()})
    for rule, calls in _ranked(shown):
        if calls >= least:
            yield precision(rule, by_rule[rule], least, _title(rules, rule))


def precision(rule: str, calls: Counter[str], least: int, title: pb.Text | None = None) -> pb.RulePrecision:
    """Return how often a rule was right, of the numbers of calls by verdict, if at least so many judge it."""
    record = tally(calls)
    judged = record.right + record.wrong
    out = pb.RulePrecision(rule=rule, title=title, shown=calls.total(), few=0 < judged < least)
    if judged >= least:
        out.right, out.wrong, out.disagreed = record.right, record.wrong, calls[Verdict.DISAGREED]
        out.precision = record.right / judged
    return out


def _named(name: str, calls: int, least: int) -> pb.NamedCount:
    few = 0 < calls < least
    return pb.NamedCount(name=name, calls=0 if few else calls, few=few)


def _ranked(calls: Counter[str]) -> list[tuple[str, int]]:
    return sorted(((name, number) for name, number in calls.items() if number > 0), key=_most_first)


def _most_first(item: tuple[str, int]) -> tuple[int, str]:
    return -item[1], item[0]


def _title(rules: Mapping[str, Rule], rule: str) -> pb.Text | None:
    known = rules.get(rule)
    return pb.Text(en=known.title.en, de=known.title.de) if known else None
