"""The words of all pages: complete in both languages, all of them used, and none twice."""

from __future__ import annotations

import re
import string
from collections import Counter
from pathlib import Path

import hotline_collector
from hotline_collector.calls.reports.words import REPORT_WORDS
from hotline_collector.console.figure_words import FIGURE_WORDS
from hotline_collector.console.queue_words import QUEUE_TEXTS
from hotline_collector.console.rule_headings import RULE_HEADINGS
from hotline_collector.serve.page_texts import PAGE_TEXTS
from hotline_collector.serve.phone_texts import PHONE_TEXTS
from hotline_collector.serve.waiting_texts import WAITING_TEXTS
from hotline_collector.web.menu import MENU
from hotline_collector.web.word_tables import TABLES, words_of

# Pages for callers, reports and the terminal have tables of their own, whose names are not shared.
OTHERS = (PAGE_TEXTS, PHONE_TEXTS, WAITING_TEXTS, FIGURE_WORDS, RULE_HEADINGS, REPORT_WORDS, QUEUE_TEXTS)
ROOT = Path(hotline_collector.__file__).parent
HOLDS_WORDS = re.compile(r"(_words|_texts|_headings|^words)\.py$")


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_word_is_there_once_in_both_languages() -> None:
    for table in (*TABLES, *OTHERS):
        assert table["en"].keys() == table["de"].keys()
        for name, text in table["en"].items():
            assert text.strip() and table["de"][name].strip()
            assert fields(text) == fields(table["de"][name]), name
    twice = [
        name for name, times in Counter(name for table in TABLES for name in table["en"]).items() if times > 1
    ]
    assert not twice


def test_no_word_is_hidden_from_templates_by_a_method_of_its_mapping() -> None:
    assert not [name for table in (*TABLES, *OTHERS) for name in table["en"] if hasattr(dict, name)]


def test_every_word_is_said_somewhere() -> None:
    said = "\n".join(
        file.read_text("utf-8")
        for file in ROOT.rglob("*.*")
        if file.suffix in (".py", ".html") and not HOLDS_WORDS.search(file.name)
    )
    told = set(re.findall(r"[\w.]*\w", said)) | set(re.findall(r"\w+", said))
    # A name that is put together: t["why_" ~ kind], f"error_{kind}".
    begun = set(re.findall(r"""["']([a-z][a-z_]*_)["']\s*[~+]|f["']([a-z][a-z_]*_)\{""", said))
    starts = {start for pair in begun for start in pair if start}

    def used(name: str) -> bool:
        return name in told or any(
            name.startswith(start) and name.removeprefix(start) in told for start in starts
        )

    assert not [name for table in (*TABLES, *OTHERS) for name in table["en"] if not used(name)]


def test_the_menu_says_where_it_leads() -> None:
    assert all(item.word in words_of("de") and item.href.startswith("/desk") for item in MENU)
