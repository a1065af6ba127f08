"""Figures are those of the calls, and a group that is too small is never told."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hotline_collector.calls.errors import CallError
from hotline_collector.calls.figures import MIN_GROUP, figures
from hotline_collector.calls.period import MAX_DAYS, Period, period_of
from hotline_collector.model.figures import NOT_KNOWN, FigureCount, VerdictDay, bucket_of, percentile
from hotline_collector.model.rows import OutsideCause
from hotline_proto.v1 import agent_pb2 as pb
from hypothesis import given
from hypothesis import strategies as st

WEEK = Period(date(2026, 11, 23), date(2026, 11, 29))
DAYS = [(WEEK.first + timedelta(days=n)).isoformat() for n in range(7)]
NOW = 1_795_996_799_000_000  # 2026-11-29T23:59:59Z
counts = st.lists(
    st.builds(
        FigureCount,
        st.sampled_from(DAYS),
        st.sampled_from(("calls", "handled", "to_cause", "waited", "resolution", "fixes", "cause")),
        st.sampled_from(("", "solved", "technician", "kept", "rang_again", "unknown", "proven", "net.a")),
        st.integers(-2, 120),
        st.integers(1, 9),
    ),
    max_size=40,
    unique_by=lambda c: (c.last_day, c.figure, c.name, c.bucket),
)


def told(*given_counts: FigureCount, verdicts: tuple[VerdictDay, ...] = ()) -> pb.GetFiguresResponse:
    return figures(WEEK, given_counts, verdicts, (), {})


def share(answer: pb.GetFiguresResponse, name: str) -> pb.ShareFigure:
    return next(each for each in answer.shares if each.name == name)


def span(answer: pb.GetFiguresResponse, name: str) -> pb.SpanFigure:
    return next(each for each in answer.spans if each.name == name)


@given(counts)
def test_no_group_below_the_least_is_told(given_counts: list[FigureCount]) -> None:
    answer = told(*given_counts)
    for figure in answer.spans:
        for group in (figure.whole, *figure.steps):
            assert group.calls == 0 or group.calls >= MIN_GROUP
            assert group.calls or not (group.median_s or group.p90_s)
    for each in answer.shares:
        for part in (each.whole, *each.steps):
            assert part.of == 0 or part.of >= MIN_GROUP
            assert part.of or not part.share
    for named in (answer.calls, *answer.outcomes, *(part for each in answer.shares for part in each.parts)):
        assert named.few is (named.few and not named.calls)
        assert named.calls == 0 or named.calls >= MIN_GROUP
    assert all(cause.calls >= MIN_GROUP for cause in answer.causes)


@given(counts)
def test_the_whole_is_made_of_all_days(given_counts: list[FigureCount]) -> None:
    answer = told(*given_counts)
    for figure in answer.spans:
        buckets: Counter[int] = Counter()
        for each in given_counts:
            if each.figure == figure.name:
                buckets[each.bucket] += each.calls
        assert figure.whole.not_known == buckets.pop(NOT_KNOWN, 0)
        known = buckets.total()
        assert figure.whole.few is (0 < known < MIN_GROUP)
        if known >= MIN_GROUP:
            assert figure.whole.calls == known
            assert figure.whole.median_s == percentile(buckets, 0.5)
            assert figure.whole.median_s <= figure.whole.p90_s == percentile(buckets, 0.9)
        assert [step.last_day for step in figure.steps] == DAYS
    causes = sum(each.calls for each in given_counts if each.figure == "cause")
    assert sum(c.calls for c in answer.causes) + answer.other_causes + answer.no_cause == causes


def test_a_day_with_few_calls_keeps_its_span_to_itself() -> None:
    answer = told(
        FigureCount(DAYS[0], "handled", "", bucket_of(600_000_000), 4),
        FigureCount(DAYS[1], "handled", "", bucket_of(60_000_000), 6),
        FigureCount(DAYS[1], "handled", "", NOT_KNOWN, 2),
    )
    handled = span(answer, "handled")
    assert (handled.whole.calls, handled.whole.not_known) == (10, 2)
    assert 57 < handled.whole.median_s < 63 and 570 < handled.whole.p90_s < 630
    assert handled.steps[0].few and handled.steps[0].median_s == 0
    assert handled.steps[1].calls == 6 and not handled.steps[2].few and handled.steps[2].calls == 0


def test_with_a_least_group_of_one_every_group_is_told_of() -> None:
    given_counts = (
        FigureCount(DAYS[0], "calls", "solved", 0, 1),
        FigureCount(DAYS[0], "handled", "", bucket_of(60_000_000), 1),
        FigureCount(DAYS[0], "resolution", "kept", 0, 1),
        FigureCount(DAYS[0], "cause", "net.a", 0, 1),
    )
    answer = figures(WEEK, given_counts, (VerdictDay(DAYS[0], "net.a", "verified", 1),), (), {}, 1)
    assert answer.least_group == 1 and answer.calls.calls == 1 and answer.other_causes == 0
    assert span(answer, "handled").steps[0].calls == 1 and share(answer, "first_call").whole.share == 1
    assert [(c.rule, c.calls) for c in answer.causes] == [("net.a", 1)]
    assert [(r.rule, r.right, r.precision) for r in answer.rules] == [("net.a", 1, 1.0)]
    few = [group.few for figure in answer.spans for group in (figure.whole, *figure.steps)]
    assert not any(few) and not any(outcome.few for outcome in answer.outcomes)


def test_shares_leave_out_what_says_nothing() -> None:
    names = {"kept": 6, "rang_again": 1, "unsolved": 3, "repeat": 2, "unknown": 40}
    answer = told(*(FigureCount(DAYS[2], "resolution", name, 0, calls) for name, calls in names.items()))
    first = share(answer, "first_call")
    assert (first.whole.of, first.whole.share, first.whole.not_known) == (10, 0.6, 40)
    assert [(part.name, part.calls, part.few) for part in first.parts] == [
        ("kept", 6, False),
        ("rang_again", 0, True),
        ("unsolved", 0, True),
        ("repeat", 0, True),
        ("unknown", 40, False),
    ]
    assert share(answer, "verified_fixes").whole.of == 0


def test_causes_are_ranked_and_rare_ones_have_no_name() -> None:
    names = {"net.a": 7, "net.b": 20, "net.c": 4, "net.d": 1, "": 9}
    answer = told(*(FigureCount(DAYS[0], "cause", name, 0, calls) for name, calls in names.items()))
    assert [(c.rule, c.calls, c.share) for c in answer.causes] == [
        ("net.b", 20, 20 / 32),
        ("net.a", 7, 7 / 32),
    ]
    assert (answer.other_causes, answer.no_cause) == (5, 9)


def test_rules_are_told_of_as_far_as_enough_calls_judge_them() -> None:
    def said(rule: str, **calls: int) -> list[VerdictDay]:
        return [VerdictDay(DAYS[0], rule, verdict, number) for verdict, number in calls.items()]

    verdicts = (
        *said("net.a", verified=6, named=1, disagreed=2, rang_again=1, unsettled=10),
        *said("net.b", verified=4, unsettled=50),
        *said("net.c", unsettled=8),
        *said("net.d", verified=4),
    )
    answer = told(verdicts=verdicts)
    assert [(r.rule, r.shown, r.right, r.wrong, r.disagreed, r.precision, r.few) for r in answer.rules] == [
        ("net.b", 54, 0, 0, 0, 0.0, True),
        ("net.a", 20, 7, 3, 2, 0.7, False),
        ("net.c", 8, 0, 0, 0, 0.0, False),
    ]


def test_nothing_at_all_is_told_of_nothing() -> None:
    answer = figures(WEEK, (), (), [OutsideCause("a\x1b cat", "net.a", 1)], {})
    assert not answer.calls.calls and not answer.calls.few and not answer.causes and not answer.rules
    assert answer.outside[0].calls == 1


@given(st.dates(date(2000, 1, 1), date(2199, 12, 31)), st.integers(1, MAX_DAYS))
def test_steps_cover_the_days_once_and_in_order(first: date, days: int) -> None:
    period = Period(first, first + timedelta(days=days - 1))
    steps = period.steps()
    assert len(steps) <= 31 and steps[0][0] == first.isoformat() and steps[-1][1] == period.last.isoformat()
    for (_, last), (following, _) in pairwise(steps):
        assert date.fromisoformat(following) - date.fromisoformat(last) == timedelta(days=1)
    assert period.end_us - period.begin_us == days * 86_400_000_000


def test_days_are_counted_back_from_today() -> None:
    assert period_of(7, "", "", NOW) == WEEK
    assert period_of(0, "", "", NOW).days == 30
    assert period_of(0, "2026-11-23", "2026-11-29", NOW) == WEEK
    assert len(Period(WEEK.last - timedelta(days=89), WEEK.last).steps()) == 13


@pytest.mark.parametrize(
    ("days", "first", "last", "says"),
    [
        (367, "", "", "1 to 366 days"),
        (-1, "", "", "1 to 366 days"),
        (7, "2026-11-23", "2026-11-29", "not for both"),
        (0, "2026-11-29", "2026-11-23", "are -5"),
        (0, "2026-11-23", "", "last day is written YYYY-MM-DD"),
        (0, "23.11.2026", "2026-11-29", "first day is written"),
        (0, "2025-01-01", "2026-11-29", "are 698"),
        (0, "0001-01-01", "0001-01-02", "not between 2000"),
        (0, "<b>" * 4000, "x", "first day is written"),
    ],
)
def test_days_that_make_no_sense_are_refused(days: int, first: str, last: str, says: str) -> None:
    with pytest.raises(CallError, match=says):
        period_of(days, first, last, NOW)
