"""Figures of closed calls and their numbers by day stay in step; the numbers outlive the calls."""

from __future__ import annotations

import math
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hotline_collector.model.figures import (
    NOT_KNOWN,
    CallFiguresRow,
    FigureCount,
    VerdictDay,
    bucket_of,
    counted,
    percentile,
    seconds_of,
)
from hotline_collector.model.rows import CallRow, DisagreementRow, OutsideCause, VerdictRow
from hotline_collector.store.store import SqlStore
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.new_database import new_database

DAY = 86_400_000_000
SECOND = 1_000_000
MONTH = [("2026-11-01", "2026-11-30")]


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    store = SqlStore(new_database(tmp_path / "hotline.db"))
    await store.start()
    yield store
    await store.close()


def call(name: str, opened: int = 0, closed: int = 10, first_check: str = "") -> CallRow:
    return CallRow(
        name, "closed", "", "", first_check, "mia", opened, "0" * 64, closed=closed, outcome="solved"
    )


def adds(name: str, **more: Any) -> CallFiguresRow:
    values: dict[str, Any] = {
        "day": "2026-11-25",
        "outcome": "solved",
        "main": "net.a",
        "handled": 300 * SECOND,
        "waited": NOT_KNOWN,
        "waited_paid": NOT_KNOWN,
        "to_cause": 20 * SECOND,
        "proven": 2,
        "refuted": 0,
        "unproven": 1,
        "resolution": "kept",
        "contact": "k",
    }
    return CallFiguresRow(name, **{**values, **more})


async def numbers(store: SqlStore) -> dict[tuple[str, str, int], int]:
    return {(each.figure, each.name, each.bucket): each.calls for each in await store.figure_counts(MONTH)}


async def resolutions(store: SqlStore) -> dict[str, int]:
    return {
        name: calls for (figure, name, _), calls in (await numbers(store)).items() if figure == "resolution"
    }


@given(st.lists(st.integers(0, 10 * 86_400 * SECOND), min_size=1, max_size=60), st.sampled_from((0.5, 0.9)))
def test_a_percentile_is_that_of_the_spans_within_one_bucket(spans: list[int], share: float) -> None:
    seconds = sorted(0.0 if span < SECOND / 2 else max(span / 1e6, 1.0) for span in spans)
    exact = seconds[max(math.ceil(share * len(seconds)), 1) - 1]
    told = percentile(Counter(map(bucket_of, spans)), share)
    assert exact / 1.046 <= told <= exact * 1.046


@given(st.integers(0, 400))
def test_what_stands_for_a_bucket_is_in_it(bucket: int) -> None:
    assert bucket_of(round(seconds_of(bucket) * 1e6)) == bucket


def test_a_span_that_is_not_known_has_a_bucket_of_its_own() -> None:
    assert bucket_of(NOT_KNOWN) == NOT_KNOWN and bucket_of(SECOND // 2) == bucket_of(SECOND) == 0
    assert bucket_of(0) == bucket_of(SECOND // 2 - 1) == -2 and seconds_of(-2) == 0
    with pytest.raises(ValueError):
        percentile({}, 0.5)


async def test_a_closed_call_is_counted_once_however_often_it_is_saved(store: SqlStore) -> None:
    await store.save([call("c1"), adds("c1")])
    await store.save([adds("c1")])
    expected = {
        ("calls", "solved", 0): 1,
        ("resolution", "kept", 0): 1,
        ("cause", "net.a", 0): 1,
        ("handled", "", bucket_of(300 * SECOND)): 1,
        ("to_cause", "", bucket_of(20 * SECOND)): 1,
        ("waited", "", -1): 1,
        ("waited_free", "", -1): 1,
        ("waited_paid", "", -1): 1,
        ("fixes", "proven", 0): 2,
        ("fixes", "unproven", 0): 1,
    }
    assert await numbers(store) == expected
    await store.save([adds("c1", outcome="technician", proven=0)])
    changed = await numbers(store)
    assert changed[("calls", "technician", 0)] == 1
    assert ("calls", "solved", 0) not in changed and ("fixes", "proven", 0) not in changed


@pytest.mark.parametrize(
    ("waited", "paid", "free"),
    [(90, 30, 60), (90, 90, 0), (90, NOT_KNOWN, 90), (NOT_KNOWN, NOT_KNOWN, NOT_KNOWN)],
)
def test_what_is_not_charged_is_free(waited: int, paid: int, free: int) -> None:
    def us(seconds: int) -> int:
        return seconds * SECOND if seconds != NOT_KNOWN else NOT_KNOWN

    row = adds("c1", waited=us(waited), waited_paid=us(paid))
    assert counted(row)[(row.day, "waited_free", "", bucket_of(us(free)))] == 1


@settings(deadline=None, max_examples=12)
@given(st.lists(st.sampled_from(("a", "b", "c")), max_size=12))
async def test_numbers_are_always_those_of_the_rows(tmp_path_factory: Any, names: list[str]) -> None:
    store = SqlStore(tmp_path_factory.mktemp("figures") / "a.db")
    await store.start()
    try:
        last: dict[str, CallFiguresRow] = {}
        await store.save([call(name) for name in ("a", "b", "c")])
        for number, name in enumerate(names):
            last[name] = adds(name, handled=number * 97 * SECOND, main=f"net.r{number % 2}")
            await store.save([last[name]])
        total: Counter[Any] = Counter()
        for row in last.values():
            total.update(counted(row))
        told = {("2026-11-25", *key): calls for key, calls in (await numbers(store)).items()}
        assert told == dict(total)
    finally:
        await store.close()


async def test_days_are_put_together_as_asked(store: SqlStore) -> None:
    days = ["2026-11-09", "2026-11-10", "2026-11-11", "2026-11-13", "2026-11-14"]
    await store.save([call(day) for day in days])
    await store.save([adds(day, day=day) for day in days])
    steps = [("2026-11-10", "2026-11-11"), ("2026-11-12", "2026-11-12"), ("2026-11-13", "2026-11-13")]
    told = [each for each in await store.figure_counts(steps) if each.figure == "calls"]
    assert sorted(told, key=lambda each: each.last_day) == [
        FigureCount("2026-11-11", "calls", "solved", 0, 2),
        FigureCount("2026-11-13", "calls", "solved", 0, 1),
    ]
    assert await store.figures_since() == "2026-11-09"


async def test_a_removed_call_leaves_numbers_and_nothing_else(store: SqlStore) -> None:
    assert await store.figures_since() == ""
    await store.save([call("c1"), adds("c1")])
    before = await numbers(store)
    assert await store.prune(closed_before=11) == 1
    assert await numbers(store) == before
    raw = sqlite3.connect(store.path)
    assert raw.execute("SELECT count(*) FROM call_figures").fetchone() == (0,)
    text = str(raw.execute("SELECT * FROM figure_days").fetchall())
    raw.close()
    assert "c1" not in text and "'k'" not in text


LATER = call("later", opened=20 * DAY, closed=21 * DAY, first_check="mail.example.org:993")


async def test_who_rings_again_about_the_same_cause_was_not_helped_at_once(store: SqlStore) -> None:
    again = adds("later")
    await store.save([call("c1", closed=19 * DAY), adds("c1"), LATER, again])
    assert await store.figure_repeat(LATER, again, 6 * DAY)
    assert await resolutions(store) == {"rang_again": 1, "repeat": 1}


async def test_a_repeat_of_what_was_handed_on_is_a_repeat_too(store: SqlStore) -> None:
    again = adds("later", main="")
    first = adds("c1", resolution="unsolved", outcome="technician")
    await store.save([call("c1", closed=19 * DAY, first_check=LATER.first_check), first, LATER, again])
    assert await store.figure_repeat(LATER, again, 6 * DAY)
    assert await resolutions(store) == {"unsolved": 1, "repeat": 1}


@pytest.mark.parametrize(
    ("earlier", "row"),
    [
        (call("c1", closed=19 * DAY), adds("c1", contact="other")),
        (call("c1", closed=19 * DAY), adds("c1", contact="")),
        (call("c1", closed=19 * DAY), adds("c1", main="net.b")),
        (call("c1", closed=5 * DAY), adds("c1")),
        (call("c1", closed=20 * DAY + 1), adds("c1")),
    ],
    ids=["somebody else", "nobody known", "another cause", "long ago", "at once"],
)
async def test_what_is_no_repeat(store: SqlStore, earlier: CallRow, row: CallFiguresRow) -> None:
    later = adds("later")
    await store.save([earlier, row, LATER, later])
    before = await numbers(store)
    assert not await store.figure_repeat(LATER, later, 6 * DAY)
    assert await numbers(store) == before


async def test_calls_about_nothing_in_common_are_not_the_same(store: SqlStore) -> None:
    later, row = replace(LATER, first_check=""), adds("later", main="")
    await store.save([call("c1", closed=19 * DAY), adds("c1", main=""), later, row])
    assert not await store.figure_repeat(later, row, 6 * DAY)


async def test_verdicts_and_causes_outside_the_pack_are_told_of_some_days(store: SqlStore) -> None:
    def verdict(name: str, rule: str, day: str, said: str = "verified") -> VerdictRow:
        return VerdictRow(f"{name}/{rule}", name, rule, "0" * 64, "1", day, said, True, "")

    await store.save([call("c1"), call("c2")])
    await store.save([verdict("c1", "net.a", "2026-11-02"), verdict("c2", "net.a", "2026-10-31")])
    await store.save([verdict("c1", "net.b", "2026-11-30", "disagreed")])
    assert sorted(await store.verdict_days(MONTH), key=lambda each: each.rule) == [
        VerdictDay("2026-11-30", "net.a", "verified", 1),
        VerdictDay("2026-11-30", "net.b", "disagreed", 1),
    ]
    assert await store.verdict_days(MONTH, "net.b") == [VerdictDay("2026-11-30", "net.b", "disagreed", 1)]
    said = [
        DisagreementRow("f1", "c1", 100, "mia", "net.a", "cable", False, ""),
        DisagreementRow("f2", "c2", 199, "mia", "net.a", "cable", False, ""),
        DisagreementRow("f3", "c2", 150, "mia", "net.a", "cat", False, ""),
        DisagreementRow("f4", "c1", 200, "mia", "net.a", "late", False, ""),
    ]
    await store.save(said)
    assert await store.outside_causes_between(100, 200, 9) == [
        OutsideCause("cable", "net.a", 2),
        OutsideCause("cat", "net.a", 1),
    ]
    assert len(await store.outside_causes_between(100, 200, 1)) == 1
