"""Verdicts and their numbers by day stay in step; numbers outlive calls, everything else goes with them."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from hotline_collector.model.rows import CallRow, DisagreementRow, OutsideCause, VerdictCount, VerdictRow
from hotline_collector.store.store import SqlStore

from tests.new_database import new_database

DAY = 86_400_000_000


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    store = SqlStore(new_database(tmp_path / "hotline.db"))
    await store.start()
    yield store
    await store.close()


def call(name: str, opened: int = 0, closed: int = 10, **more: Any) -> CallRow:
    values = {"outcome": "solved", "first_check": "", **more}
    return CallRow(
        id=name,
        state="closed",
        complaint="",
        customer_reference="",
        agent="mia",
        opened=opened,
        pack_digest="0" * 64,
        closed=closed,
        **values,
    )


def verdict(name: str, said: str = "verified", rule: str = "net.a", **more: Any) -> VerdictRow:
    values = {"main": True, "contact": "k", "day": "2026-11-25", **more}
    return VerdictRow(f"{name}/{rule}", name, rule, "0" * 64, "1", verdict=said, **values)


async def counted(store: SqlStore) -> dict[tuple[str, str], int]:
    return {(row.rule, row.verdict): row.calls for row in await store.verdict_counts() if row.calls}


async def test_verdicts_are_summed_over_days_and_packs(store: SqlStore) -> None:
    other = verdict("c3")
    other.pack_digest = "1" * 64
    rows = [verdict("c1"), verdict("c2", day="2026-11-26"), other, verdict("c1", "disagreed", "net.b")]
    await store.save([call("c1"), call("c2"), call("c3"), *rows])
    assert sorted(await store.verdict_counts(), key=lambda row: row.rule) == [
        VerdictCount("net.a", "verified", 3),
        VerdictCount("net.b", "disagreed", 1),
    ]


async def test_a_verdict_saved_twice_counts_once_and_a_changed_one_moves(store: SqlStore) -> None:
    await store.save([call("c1"), verdict("c1")])
    await store.save([verdict("c1")])
    assert await counted(store) == {("net.a", "verified"): 1}
    await store.save([verdict("c1", "not_helped")])
    assert await counted(store) == {("net.a", "not_helped"): 1}


async def test_a_removed_call_leaves_numbers_and_nothing_else(store: SqlStore) -> None:
    said = DisagreementRow("f1", "c1", 5, "mia", "net.a", "Mr Miller's cable", False, "he said so")
    await store.save([call("c1"), verdict("c1"), said])
    assert await store.prune(closed_before=11) == 1
    assert await counted(store) == {("net.a", "verified"): 1}
    assert await store.outside_causes("") == []
    raw = sqlite3.connect(store.path)
    assert raw.execute("SELECT count(*) FROM verdicts").fetchone() == (0,)
    [row] = raw.execute("SELECT * FROM verdict_days").fetchall()
    raw.close()
    assert row == ("net.a", "2026-11-25", "0" * 64, "verified", "1", 1)


async def test_disagreements_come_back_and_causes_outside_the_pack_are_counted(store: SqlStore) -> None:
    rows = [
        DisagreementRow("f1", "c1", 5, "mia", "net.a", "loose cable", False, "seen"),
        DisagreementRow("f2", "c1", 6, "mia", "net.a", "loose cable", False, ""),
        DisagreementRow("f3", "c2", 7, "tom", "net.a", "loose cable", False, ""),
        DisagreementRow("f4", "c2", 8, "tom", "net_a", "cat", False, ""),
        DisagreementRow("f5", "c2", 9, "tom", "net.a", "net.b", True, ""),
    ]
    await store.save([call("c1"), call("c2"), *rows])
    assert await store.disagreements("c1") == rows[:2]
    assert await store.outside_causes("") == [
        OutsideCause("loose cable", "net.a", 2),
        OutsideCause("cat", "net_a", 1),
    ]
    assert await store.outside_causes("net_") == [OutsideCause("cat", "net_a", 1)]


LATER = call("later", opened=20 * DAY, closed=0, outcome="", first_check="mail.example.org:993")


@pytest.mark.parametrize("said", ["verified", "named", "unsettled"])
async def test_who_rings_again_about_the_same_cause_was_not_helped(store: SqlStore, said: str) -> None:
    await store.save([call("c1", closed=19 * DAY), verdict("c1", said), LATER])
    assert await store.rang_again(LATER, "k", "net.a", 6 * DAY) == [verdict("c1", said)]
    assert await counted(store) == {("net.a", "rang_again"): 1}
    assert await store.rang_again(LATER, "k", "net.a", 6 * DAY) == []
    assert await counted(store) == {("net.a", "rang_again"): 1}


async def test_the_same_check_is_the_same_trouble(store: SqlStore) -> None:
    same, other = LATER.first_check, "web.example.org:443"
    await store.save([call("c1", closed=19 * DAY, first_check=same), verdict("c1")])
    await store.save([call("c2", closed=19 * DAY, first_check=other), verdict("c2"), LATER])
    assert await store.rang_again(LATER, "k", "net.b", 6 * DAY) == [verdict("c1")]


@pytest.mark.parametrize(
    ("earlier", "row"),
    [
        (call("c1", closed=19 * DAY), verdict("c1", contact="other")),
        (call("c1", closed=19 * DAY), verdict("c1", main=False)),
        (call("c1", closed=19 * DAY), verdict("c1", rule="net.b")),
        (call("c1", closed=19 * DAY), verdict("c1", "disagreed")),
        (call("c1", closed=19 * DAY, outcome="technician"), verdict("c1")),
        (call("c1", closed=5 * DAY), verdict("c1")),
        (call("c1", closed=21 * DAY), verdict("c1")),
    ],
    ids=["somebody else", "beside", "another cause", "wrong already", "open end", "long ago", "at once"],
)
async def test_what_is_no_repeat(store: SqlStore, earlier: CallRow, row: VerdictRow) -> None:
    await store.save([earlier, row, LATER])
    before = await counted(store)
    assert await store.rang_again(LATER, "k", "net.a", 6 * DAY) == []
    assert await counted(store) == before


async def test_checks_that_nobody_named_are_not_the_same(store: SqlStore) -> None:
    later = call("later", opened=20 * DAY, closed=0, outcome="")
    await store.save([call("c1", closed=19 * DAY), verdict("c1"), later])
    assert await store.rang_again(later, "k", "", 6 * DAY) == []
