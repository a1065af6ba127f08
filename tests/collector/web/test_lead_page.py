"""The lead's page and its CSV: for leads only, hostile words stay words, small groups stay untold."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from typing import Any

import pytest
from hotline_collector.model.figures import CallFiguresRow
from hotline_collector.model.rows import CallRow, DisagreementRow, VerdictRow
from hotline_collector.web.charts import HEIGHT, WIDTH, Column, chart
from hotline_collector.web.dates import day_text, days_text
from hotline_collector.web.figures_csv import plain
from hypothesis import given
from hypothesis import strategies as st

SECOND = 1_000_000
EVIL = "=cmd|'/C calc'!A0 <script>alert(1)</script>\x1b[31m\u202eexe"
columns = st.builds(
    Column,
    st.lists(st.floats(0, 1e9), max_size=3).map(tuple),
    st.floats(0, 1e9),
    st.booleans(),
)


async def fill(site: Any, calls: int = 8, day: str = "2026-11-25", **more: Any) -> None:
    """Keep some closed calls as the call layer does."""
    values: dict[str, Any] = {
        "outcome": "solved",
        "main": "disk.full",
        "waited": -1,
        "waited_paid": -1,
        "to_cause": 30 * SECOND,
        "proven": 1,
        "refuted": 0,
        "unproven": 0,
        "resolution": "kept",
        "contact": "k",
    } | more
    rows: list[Any] = []
    for number in range(calls):
        name = f"{day}-{number}"
        rows.append(CallRow(name, "closed", "", "", "", "mia", 1, "0" * 64, closed=2, outcome="solved"))
        rows.append(CallFiguresRow(name, day, handled=(300 + number) * SECOND, **values))
        verdict = "verified" if number % 4 else "disagreed"
        rows.append(VerdictRow(f"{name}/r", name, "disk.full", "0" * 64, "1", day, verdict, True, "k"))
    rows.append(
        DisagreementRow(f"f{day}", f"{day}-0", 1_795_600_000 * SECOND, "mia", "disk.full", EVIL, False, "")
    )
    await site.store.save(rows)


PAGE = "/desk/lead?from=2026-11-23&to=2026-11-29"


async def test_a_lead_reads_figures_with_their_numbers_and_definitions(site: Any) -> None:
    await fill(site)
    async with site.browser() as lea:
        await lea.sign_in("lea")
        await lea.open(PAGE)
        words = lea.words()
        assert lea.page.status_code == 200 and "Closed calls: 8" in words
        assert "Handling time median 4 min 50 s" in words and "calls: 8" in words
        assert "Waiting time not recorded" in words
        assert "From the first agent who took the call" in words
        assert "Not counted: customers who ring again are recognised only if" in words
        assert "100 %" in words and "disk.full" in words and "75 %" in words
        assert "23 Nov 2026 – 29 Nov 2026" in words
        assert "There are figures from 25 Nov 2026 on" in words
        assert "mia" not in words
        assert '<svg class="chart" role="img" aria-label="Handling time: chart;' in lea.page.text
        assert "style=" not in lea.page.text and "<script>alert" not in lea.page.text
        assert "\x1b" not in lea.page.text and "\u202e" not in lea.page.text
        assert "&lt;script&gt;alert(1)" in lea.page.text
        css = await lea.client.get("/desk/figures.css")
        assert css.headers["content-type"].startswith("text/css")
    await site.world.saver.flush()
    entries = [e for e in await site.store.audit_trail() if e.action == "figures.look"]
    assert [(e.actor, e.detail) for e in entries] == [("agent:lea", "2026-11-23 to 2026-11-29")]


async def test_german_numbers_and_words(site: Any) -> None:
    site.world.manager.around.settings = replace(site.world.settings, contact_key=b"k" * 32)
    await fill(site, day="2026-11-25")
    await fill(site, calls=3, day="2026-11-26", resolution="rang_again")
    async with site.browser() as ada:
        await ada.sign_in("ada", lang="de")
        await ada.open(PAGE)
        words = ada.words()
        assert "Bearbeitungszeit Median 4 min 50 s" in words and "23.11.2026 – 29.11.2026" in words
        assert "Beim ersten Anruf gelöst 72,7 % · Anrufe: 11" in words
        assert "gelöst, aber erneut angerufen: weniger als 5" in words
        # The three calls of one day are counted in the whole, and told of nowhere by themselves.
        assert "26.11.2026 weniger als 5 – –" in words
        file = await ada.client.get("/desk/lead/figures.csv?from=2026-11-23&to=2026-11-29")
        assert "72,7" in file.content.decode("utf-8-sig")


async def test_agents_are_told_nothing(site: Any) -> None:
    await fill(site)
    async with site.browser() as mia:
        await mia.sign_in("mia")
        assert "/desk/lead" not in mia.page.text
        for path in (PAGE, "/desk/lead/figures.csv"):
            await mia.open(path)
            assert mia.page.status_code == 403 and "Your role may not do this." in mia.words()
    async with site.browser() as nobody:
        await nobody.open("/desk/lead")
        assert nobody.page.url.path == "/desk/sign-in"


async def test_four_calls_are_too_few_to_be_told(site: Any) -> None:
    await fill(site, calls=4)
    async with site.browser() as lea:
        await lea.sign_in("lea")
        await lea.open(PAGE)
        words = lea.words()
        assert "Closed calls: fewer than 5" in words and "100 %" not in words and "median 4" not in words


async def test_one_call_is_told_if_the_operator_has_the_smallest_groups_told(site: Any) -> None:
    site.world.manager.around.settings = replace(site.world.settings, per_agent_figures=True)
    await fill(site, calls=1)
    async with site.browser() as lea:
        await lea.sign_in("lea")
        await lea.open(PAGE)
        words = lea.words()
        assert "Closed calls: 1" in words and "they may say something about a single agent" in words
        assert "fewer than" not in words


async def test_an_empty_collector_says_so(site: Any) -> None:
    async with site.browser() as lea:
        await lea.sign_in("lea")
        for days in ("", "?days=7", "?days=90"):
            await lea.open(f"/desk/lead{days}")
            assert lea.page.status_code == 200 and "No call was closed in these days." in lea.words()
        assert 'aria-current="page">Last 90 days' in lea.page.text


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("days=x", "is no number of days"),
        ("days=0", "is no number of days"),
        ("days=9999", "1 to 366 days"),
        ("days=7&from=2026-11-23&to=2026-11-29", "not for both"),
        ("from=2026-11-29&to=2026-11-23", "are -5"),
        ('from="><script>&to=2026-11-23', "first day is written YYYY-MM-DD"),
    ],
)
async def test_days_that_make_no_sense_are_said(site: Any, query: str, says: str) -> None:
    async with site.browser() as lea:
        await lea.sign_in("lea")
        await lea.open(f"/desk/lead?{query}")
        assert lea.page.status_code == 400
        assert "These days cannot be shown." in lea.words() and says in lea.words()
        assert "<script>" not in lea.page.text
        assert (await lea.client.get(f"/desk/lead/figures.csv?{query}")).status_code == 400


async def test_the_csv_is_a_table_that_no_spreadsheet_runs(site: Any) -> None:
    await fill(site)
    async with site.browser() as lea:
        await lea.sign_in("lea")
        file = await lea.client.get("/desk/lead/figures.csv?from=2026-11-23&to=2026-11-29")
    assert file.headers["content-type"] == "text/csv; charset=utf-8"
    assert file.headers["content-disposition"] == ('attachment; filename="hotline-2026-11-23-2026-11-29.csv"')
    text = file.content.decode("utf-8-sig")
    assert text.endswith("\r\n") and text.count("\n") == text.count("\r\n")
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert {len(row) for row in rows} == {11}
    table = [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]
    handled = [row for row in table if row["key"] == "handled"]
    assert len(handled) == 8 and handled[0]["number"] == "8"
    assert 285 < int(handled[0]["median (s)"]) < 325
    rule = next(row for row in table if row["key"] == "rule")
    assert (rule["number"], rule["share (%)"]) == ("8", "75.0")
    outside = next(row for row in table if row["key"] == "outside")
    assert outside["of"].startswith("'=cmd") and "\x1b" not in text and "\u202e" not in text


@given(st.text(max_size=400))
def test_no_cell_is_a_formula(text: str) -> None:
    cell = plain(text)
    assert not cell.startswith(tuple("=+-@\t\r＝＋－＠")) and "\n" not in cell and "\r" not in cell
    read = next(csv.reader(io.StringIO(_written(cell), newline="")))
    assert read == [cell, "x"]


def _written(cell: str) -> str:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerow([cell, "x"])
    return out.getvalue()


@given(st.lists(columns, max_size=31), st.sampled_from((0.0, 1.0)))
def test_a_chart_stays_within_its_frame(given_columns: list[Column], most: float) -> None:
    drawn = chart(given_columns, most)
    for box in drawn.boxes:
        assert box.x >= 0 and box.x + box.width <= WIDTH + 0.2
        assert box.y >= 0 and box.height > 0 and box.y + box.height <= HEIGHT + 0.11
    assert drawn.most > 0


def test_the_highest_value_reaches_the_top() -> None:
    drawn = chart([Column((5.0,), 10.0), Column((), few=True), Column()])
    bar, mark, few = drawn.boxes
    assert (drawn.most, bar.y, mark.y, few.kind) == (10.0, HEIGHT / 2, 0, "few")


def test_days_are_written_as_people_do() -> None:
    assert (day_text("2026-11-05", "de"), day_text("2026-11-05", "en")) == ("05.11.2026", "5 Nov 2026")
    assert days_text("2026-11-05", "2026-11-05", "de") == "05.11.2026"
