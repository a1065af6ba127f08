"""The picture code is what the vendored file makes of it, and another program can read it."""

from __future__ import annotations

import hashlib
import io
from importlib import resources
from pathlib import Path

import pytest
from hotline_probe import vendored
from hotline_probe.picture import QUIET_ZONE, drawn, modules, page_of
from hotline_probe.status import HumanScreen
from hotline_probe.texts import LANGUAGES
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.pictures import read_picture, seen_in

DIGITS = "0412 7753 0034 9921 5127 4403"
PAGE = "https://help.example.org/r/378010907425/041277530034992151274403"


class Terminal(io.StringIO):
    """A terminal that keeps what is written on it."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def test_the_vendored_file_is_the_one_that_its_note_names() -> None:
    folder = resources.files(vendored)
    digest = hashlib.sha256((folder / "qrcodegen.py").read_bytes()).hexdigest()
    assert digest == "b089855caf16185c61421ea4927c1b213cf9468940d71fa8ab11ef83662dcc84"
    assert digest in Path(str(folder / "README.md")).read_text("utf-8")


def test_the_address_carries_code_and_digits() -> None:
    assert page_of("https://help.example.org/", "378010907425", DIGITS) == PAGE
    assert page_of("https://h.example/x", "", DIGITS) == f"https://h.example/x/r/{DIGITS.replace(' ', '')}"


def test_rows_are_square_with_a_quiet_zone_around_them() -> None:
    rows = modules(PAGE)
    assert {len(row) for row in rows} == {len(rows)}
    assert set("".join(rows)) == {"0", "1"}
    edge = [*rows[:QUIET_ZONE], *rows[-QUIET_ZONE:], *(row[:QUIET_ZONE] + row[-QUIET_ZONE:] for row in rows)]
    assert set("".join(edge)) == {"0"}
    assert len(rows) <= 41, "a terminal of 80 columns and 24 lines has room for it"


@settings(max_examples=15, deadline=None)
@given(st.from_regex(r"https://[a-z0-9.-]{1,60}(/[0-9]{12})?/[0-9]{24}", fullmatch=True))
def test_another_program_reads_what_was_written(text: str) -> None:
    assert read_picture(modules(text)) == text


def test_a_terminal_shows_it_black_on_white() -> None:
    rows = seen_in(drawn(modules(PAGE)))
    assert rows[: len(modules(PAGE))] == modules(PAGE)
    assert read_picture(rows) == PAGE


@pytest.mark.parametrize("columns, shown", [(80, True), (41, True), (40, False)])
def test_a_narrow_terminal_shows_the_digits_only(
    columns: int, shown: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("TERM", "xterm")
    out = Terminal()
    HumanScreen(LANGUAGES["en"], out=out).event(
        "local_picture", "Scan it:", modules=modules(PAGE), address=PAGE
    )
    assert ("Scan it:" in out.getvalue()) == shown, "a picture that is not there is not spoken of"
    assert bool(seen_in(out.getvalue())) == shown


def test_what_is_no_terminal_gets_no_picture() -> None:
    out = io.StringIO()
    HumanScreen(LANGUAGES["en"], out=out).event(
        "local_picture", "Scan it:", modules=modules(PAGE), address=PAGE
    )
    assert out.getvalue() == ""
