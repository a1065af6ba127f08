"""Which complaints ask about safety first and lock all else, and which are never held up by it."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hotline_collector.engine.complaint import Relevance
from hotline_collector.rulepack.play import SECOND, Player
from hotline_proto.catalogue import load_catalogue
from hotline_proto.record import Entry, EntryKind
from hotline_proto.v1 import record_pb2 as rec

from tests.rules.describing import described
from tests.shipped import shipped_rules

HERE = Path(__file__).parent
DANGERS = yaml.safe_load((HERE / "dangers.yaml").read_text(encoding="utf-8"))
HEALTHY = yaml.safe_load((HERE / "scenarios.yaml").read_text(encoding="utf-8"))["healthy"]
# What the callers of the other tests say, by the entry of the lexicon that it leads to.
SAYINGS = yaml.safe_load((HERE / "sayings.yaml").read_text(encoding="utf-8"))
RULES = shipped_rules()


def asked_about_safety(complaint: str, *, probe: bool = False) -> list[str]:
    """Return what is asked about safety after a complaint; with `probe` a computer tells that it is well."""
    player = Player(RULES, load_catalogue())
    if probe:
        player.play([described(HEALTHY)])
        player.wait(SECOND)
    said = rec.ComplaintChanged(complaint=complaint).SerializeToString()
    entry = Entry(EntryKind.COMPLAINT_CHANGED, 1, player.now, said)
    player.engine.apply_entry(entry, {RULES.pack.digest: RULES})
    return [state.fact for state in player.engine.questions() if state.hazard]


@pytest.mark.parametrize(
    ("question", "complaint"), [(q, said) for q, each in DANGERS["locks"].items() for said in each]
)
def test_a_danger_in_the_words_is_ruled_out_first(question: str, complaint: str) -> None:
    asked = asked_about_safety(complaint)
    assert question in asked


@pytest.mark.parametrize("complaint", DANGERS["free"])
def test_what_hints_at_no_danger_is_not_held_up(complaint: str) -> None:
    assert asked_about_safety(complaint) == []


@pytest.mark.parametrize("probe", [False, True])
def test_nothing_works_on_this_computer(probe: bool) -> None:
    assert asked_about_safety("Auf diesem Computer geht nichts", probe=probe) == []
    assert asked_about_safety("Auf diesem Computer geht nichts, er raucht", probe=probe) != []


def test_a_machine_of_unknown_kind_leaves_every_fault_relevant() -> None:
    relevance = Relevance("Das Gerät geht nicht", RULES)
    assert (relevance.of("hazard.burning"), relevance.of("sto.fs.full"), relevance.of("tv.box.dead")) == (
        3,
        1,
        1,
    )
    assert not Relevance("Das Gerät geht nicht, Internet ist weg", RULES).names("hazard.burning")


def test_no_everyday_complaint_of_the_sayings_is_held_up() -> None:
    """Only what leads to an entry with a danger is asked about one."""
    dangerous = {rule.id for rule in RULES.pack.rules.values() if rule.hazard}
    harmless = {entry.id for entry in RULES.pack.lexicon if not dangerous & entry.symptoms.keys()}
    everyday = [
        said
        for entry, languages in SAYINGS.items()
        if entry in harmless or entry is None
        for sayings in languages.values()
        for said in sayings
    ]
    assert len(everyday) > 300
    assert [said for said in everyday if asked_about_safety(said)] == []
