"""Names in the letters of many languages in the PDF report as a reader finds them; what cannot be printed."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime
from importlib import resources

import pytest
from hotline_collector.calls.reports.document import Document, Entry, Section
from hotline_collector.calls.reports.pdf import pdf
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.pdf_words import words_of_pdf

AT = datetime(2027, 1, 15, tzinfo=UTC)


def paper_of(text: str) -> bytes:
    return pdf(Document("de", text, (("Name", text),), (Section(text, (Entry(text, (text,)),)),)), AT)


def shown(text: str) -> str:
    """Return a text as the table of a report shows it."""
    [line] = re.findall("^Name: (.*)$", words_of_pdf(paper_of(text)), re.MULTILINE)
    return str(line)


@pytest.mark.parametrize(
    "name",
    [
        "Zażółć Łukasz gęślą",
        "Şükrü İğdır ıI",
        "Jiří Čapek Žďár",
        "Ελένη Παπαδοπούλου",
        "Юлія Їжакевич Ґалаґан",
        "Nguyễn Thị Hậu",
        "Ștefan Țuțea Ģirts Ņēķis ẞ",
        "Հայկ გიორგი",
        "„Zitat“ – 5 € → ≥ 3 … ☎ ½ µs",
    ],
)
def test_names_are_printed_and_found_as_they_are_written(name: str) -> None:
    assert shown(name) == name
    # The heading is bold, which is another font.
    assert words_of_pdf(paper_of(name)).count(name) >= 5


def test_a_letter_in_two_parts_is_printed_as_one() -> None:
    assert shown("Zoe\u0308 Dvor\u030ca\u0301k") == "Zoë Dvořák"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("東京", "[U+6771][U+4EAC]"),
        ("한", "[U+D55C]"),
        ("🚒", "[U+1F692]"),
        ("שלום", "[U+05E9][U+05DC][U+05D5][U+05DD]"),
        ("سلام", "[U+0633][U+0644][U+0627][U+0645]"),
        ("ไทย", "[U+0E44][U+0E17][U+0E22]"),
        ("a\u202egnp.exe\u2066x", "a[U+202E]gnp.exe[U+2066]x"),
        ("a\u200b\u00ad\ufeffb", "a[U+200B][U+00AD][U+FEFF]b"),
        ("a\x00\x1b[31mb\x7f", "a[U+0000][U+001B][31mb[U+007F]"),
        ("\ue000 {nb} {page}", "[U+E000] {nb} {page}"),
        ("\\) Tj (evil", "\\) Tj (evil"),
        ("**bold** __u__ [a](b)", "**bold** __u__ [a](b)"),
    ],
)
def test_what_cannot_be_printed_is_shown_by_its_number(text: str, expected: str) -> None:
    assert shown(text) == expected


def test_marks_do_not_pile_up() -> None:
    assert shown("q" + "\u0301" * 400 + "r" + "\u0316") == "q\u0301\u0301r\u0316"


def test_one_word_over_many_lines_stays_whole() -> None:
    for word in ("Ж" * 1_500, "東" * 200):
        data = paper_of(word)
        assert len(data) < 300_000
        joined = words_of_pdf(data).replace("\n", "")
        assert "Ж" * 1_500 in joined or "[U+6771]" * 200 in joined


@settings(max_examples=5, deadline=None)
@given(st.text(max_size=60))
def test_any_text_can_be_printed_and_is_the_same_each_time(text: str) -> None:
    assert paper_of(text) == paper_of(text)


def test_vendored_files_are_unchanged() -> None:
    folder = resources.files("hotline_collector") / "vendored"
    rows = re.findall(
        r"^\| `(\S+)` \|.*`([0-9a-f]{64})` \|", (folder / "README.md").read_text(), re.MULTILINE
    )
    hashes = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name, _ in rows}
    assert hashes == dict(rows)
    assert hashes.keys() | {"README.md"} == {each.name for each in folder.iterdir()}
