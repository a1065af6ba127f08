"""Rules are found by everything that people know of them, in either language."""

from __future__ import annotations

import pytest
from hotline_collector.console.rule_book import RuleBook, subject_of
from hotline_collector.engine.ruleset import RuleSet
from hotline_collector.model.rule import Pack, Rule, Text
from hotline_proto.catalogue import load_catalogue
from hypothesis import given
from hypothesis import strategies as st

from tests.shipped import installed_rules


def rule(name: str) -> Rule:
    text = Text(name, name)
    when = "net.gateway.reachable"
    return Rule(name, "stable", "info", text, text, "", when, 0, 0, 0.9, (), {}, (), False, (), 0, "", ())


SMALL = RuleSet(
    Pack(
        "small", "1", "0" * 64, {name: rule(name) for name in ("disk.full", "disk.slow", "net.full")}, {}, ()
    ),
    load_catalogue(),
)


@pytest.fixture(scope="module")
def shipped() -> RuleSet:
    return installed_rules()


@pytest.fixture(scope="module")
def book(shipped: RuleSet) -> RuleBook:
    return RuleBook(shipped)


def ids(book: RuleBook, search: str, subject: str = "") -> list[str]:
    return [rule.id for rule in book.find(search, subject)]


def test_every_rule_is_found_first_by_its_id(book: RuleBook, shipped: RuleSet) -> None:
    for rule_id in shipped.pack.rules:
        assert ids(book, rule_id)[0] == rule_id


@pytest.mark.parametrize(
    ("search", "rule"),
    [
        ("Kein Internet hinter dem Router", "net.wan.down"),
        ("NO INTERNET behind", "net.wan.down"),
        ("net.internet.reachable", "net.wan.down"),
        ("papierstau", "print.paper.jam"),
        ("  name   server answers ", "net.dns.all_unreachable"),
    ],
)
def test_titles_facts_and_words_of_callers_lead_to_a_rule(book: RuleBook, search: str, rule: str) -> None:
    assert rule in ids(book, search)


def test_words_of_the_lexicon_count(book: RuleBook, shipped: RuleSet) -> None:
    entry = next(
        entry for entry in shipped.pack.lexicon if any(name in shipped.pack.rules for name in entry.symptoms)
    )
    rule = next(name for name in entry.symptoms if name in shipped.pack.rules)
    assert rule in ids(book, entry.words[0])


def test_what_is_in_no_rule_finds_nothing(book: RuleBook) -> None:
    assert ids(book, "zebra crossing") == [] and ids(book, "net.wan.down", "print") == []


def test_subjects_hold_every_rule_once(book: RuleBook, shipped: RuleSet) -> None:
    assert sum(number for _, number in book.subjects()) == len(shipped.pack.rules)
    for subject, number in book.subjects():
        found = ids(book, "", subject)
        assert len(found) == number and all(subject_of(rule_id) == subject for rule_id in found)


@given(search=st.text(max_size=60))
def test_more_words_never_find_more(search: str) -> None:
    alone, both = ids(RuleBook(SMALL), "full"), ids(RuleBook(SMALL), f"full {search}")
    assert set(both) <= set(alone)
    assert both == alone or search.split()
