"""What callers say, in their own words, against the shipped lexicon."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.shipped import shipped_rules
from tests.yaml_files import yaml_file

RULES = shipped_rules()
SAYINGS = dict(yaml_file(Path(__file__).with_name("sayings.yaml")))
SEVERAL = SAYINGS.pop("several")


def understood(saying: str) -> list[str]:
    return [entry.id for entry in RULES.lexicon.entries_in(saying)]


def _of(entry: str | None) -> Iterator[str]:
    return (saying for sayings in SAYINGS[entry].values() for saying in sayings)


@pytest.mark.parametrize(
    ("saying", "entry"), [(saying, entry) for entry in SAYINGS if entry for saying in _of(entry)]
)
def test_saying_leads_to_its_entry(saying: str, entry: str) -> None:
    assert understood(saying)[:1] == [entry]


@pytest.mark.parametrize("saying", list(_of(None)))
def test_what_is_no_fault_matches_nothing(saying: str) -> None:
    assert understood(saying) == []


@pytest.mark.parametrize("case", SEVERAL, ids=lambda case: case["say"])
def test_several_subjects_stand_in_the_order_of_mention(case: dict[str, list[str]]) -> None:
    assert understood(str(case["say"])) == case["entries"]


def test_every_entry_has_sayings_in_both_languages() -> None:
    entries = {entry.id for entry in RULES.pack.lexicon}
    assert entries == SAYINGS.keys() - {None}
    assert {name for name in entries if not {"de", "en"} <= SAYINGS[name].keys()} == set()


def test_every_key_leads_to_its_entry() -> None:
    for entry in RULES.pack.lexicon:
        assert understood(f"#{entry.id}") == understood(f" {entry.id.upper()} ") == [entry.id]
