"""The words of the console's pages: complete in both languages, and none twice."""

from __future__ import annotations

import string
from collections import Counter

from hotline_collector.web.menu import MENU
from hotline_collector.web.word_tables import TABLES, words_of


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_word_is_there_once_in_both_languages() -> None:
    for table in TABLES:
        assert table["en"].keys() == table["de"].keys()
        for name, text in table["en"].items():
            assert text.strip() and table["de"][name].strip()
            assert fields(text) == fields(table["de"][name]), name
    twice = [
        name for name, times in Counter(name for table in TABLES for name in table["en"]).items() if times > 1
    ]
    assert not twice


def test_the_menu_says_where_it_leads() -> None:
    assert all(item.word in words_of("de") and item.href.startswith("/desk") for item in MENU)
