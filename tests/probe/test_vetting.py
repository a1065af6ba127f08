from __future__ import annotations

import math
from typing import Any

import pytest
from hotline_probe.cpushare import CpuShare
from hotline_probe.vetting import MAX_ENTITIES, MAX_KEY, MAX_TEXT, Vetting, clean
from hotline_proto.catalogue import load_catalogue
from hotline_proto.facts import Events, Fact, UnknownReason
from hypothesis import given
from hypothesis import strategies as st


def vet(source: str, *facts: Any) -> Vetting:
    vetting = Vetting(load_catalogue(), source)
    for fact in facts:
        vetting.admit(fact)
    return vetting


@pytest.mark.parametrize(
    ("source", "fact"),
    [
        ("host", Fact("no.such.fact", 1)),
        ("host", Fact("net.ip.v4", True)),
        ("host", Fact("system.uptime", "7")),
        ("host", Fact("system.uptime", True)),
        ("host", Fact("system.uptime", math.nan)),
        ("host", Fact("system.uptime", math.inf)),
        ("host", Fact("system.uptime", 10**400)),
        ("host", Fact("system.uptime", 1.0, "key")),
        ("host", Fact("host.virtual", 1)),
        ("host", Fact("host.name", b"pc")),  # type: ignore[arg-type]
        ("processes", Fact("system.process.count", 1.0)),
        ("processes", Fact("system.process.count", True)),
        ("processes", Fact("system.process.count", 2**63)),
        ("processes", Fact("process.cpu", 0.5)),
        ("processes", Fact("process.cpu", 0.5, "k" * (MAX_KEY + 1))),
        ("processes", Fact("process.cpu", 0.5, 7)),  # type: ignore[arg-type]
        ("logs", Fact("log.app.crash", 3)),
        ("logs", Fact("log.app.crash", Events((-1.0,)))),
        ("logs", Fact("log.app.crash", Events((math.nan,)))),
        ("host", None),
        ("host", ("system.uptime", 1.0, "")),
        ("host", Fact(["x"], 1)),  # type: ignore[arg-type]
    ],
)
def test_what_breaks_the_contract_is_refused_with_a_note(source: str, fact: Any) -> None:
    vetting = vet(source, fact)
    assert vetting.facts == ()
    assert vetting.note.startswith("refused: ")


def test_good_facts_pass_and_whole_numbers_become_doubles() -> None:
    vetting = vet("host", Fact("system.uptime", 7), Fact("host.name", "pc"), Fact("host.virtual", False))
    assert [fact.value for fact in vetting.facts] == [7.0, "pc", False]
    assert type(vetting.facts[0].value) is float
    assert vetting.note == ""


def test_texts_are_cut_and_freed_of_controls() -> None:
    facts = vet("host", Fact("host.name", "a\x00\x1b\u202eb\ud800" + "x" * 999)).facts
    assert str(facts[0].value).startswith("abx")
    assert len(str(facts[0].value)) == MAX_TEXT


def test_too_many_entities_keep_the_first() -> None:
    facts = [Fact("process.cpu", 0.1, f"{pid}@1") for pid in range(MAX_ENTITIES + 50)]
    more = [Fact("process.own", True, f"{pid}@1") for pid in range(MAX_ENTITIES + 50)]
    vetting = vet("processes", *facts, *more)
    assert len(vetting.facts) == 2 * MAX_ENTITIES
    assert f"more than {MAX_ENTITIES} process entities (100 times)" in vetting.note


def test_the_later_of_two_values_holds() -> None:
    facts = vet("host", Fact("system.uptime", UnknownReason.TIMEOUT), Fact("system.uptime", 2.0)).facts
    assert facts == (Fact("system.uptime", 2.0),)


@given(st.text(), st.integers(1, 50))
def test_clean_is_idempotent_and_bounded(text: str, limit: int) -> None:
    cleaned = clean(text, limit)
    assert len(cleaned) <= limit
    assert clean(cleaned, limit) == cleaned


anything = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(),
    st.binary(),
    st.lists(st.integers()),
    st.sampled_from(list(UnknownReason)),
    st.builds(Events, st.lists(st.floats())),
)


@given(st.sampled_from([*load_catalogue().facts, "x"]), anything, anything)
def test_no_garbage_raises_or_passes_with_a_wrong_type(name: str, value: Any, key: Any) -> None:
    catalogue = load_catalogue()
    source = catalogue.facts[name].source if name in catalogue.facts else "host"
    vetting = vet(source, Fact(name, value, key))
    types = {"double": float, "int": int, "bool": bool, "text": str, "events": Events}
    for fact in vetting.facts:
        assert isinstance(fact.value, (types[catalogue.facts[fact.name].type], UnknownReason))


def test_cpu_above_the_limit_stretches_and_rest_restores() -> None:
    share = CpuShare()
    share.spend(0.0, 2.9)
    assert share.factor == 1.0
    share.spend(1.0, 0.2)
    assert share.factor == 2.0
    share.look(59.0)
    assert share.factor == 2.0
    share.look(60.5)
    assert share.factor == 1.0
    assert share.total == pytest.approx(3.1)


def test_the_pace_is_not_restored_just_below_the_limit() -> None:
    share = CpuShare()
    share.spend(0.0, 1.5)
    share.spend(10.0, 2.0)
    share.look(60.0)
    assert share.factor == 2.0
    share.look(70.0)
    assert share.factor == 1.0
