"""Hazards: nothing comes before them, nothing is proven or cured by switching on again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

import pytest
from hotline_collector.model.finding import Cause
from hotline_collector.rulepack.casefiles import cases_of, rule_files
from hotline_collector.rulepack.cases import Moment
from hotline_collector.rulepack.play import SECOND, Player
from hotline_proto.catalogue import load_catalogue

from tests.shipped import shipped_rules

CATALOGUE = load_catalogue()
SWITCHES_ON = re.compile(
    r"\b(switch|turn|power)\b[^.]*\bon\b|\bplug\b[^.]*\bin\b|\brestart|\btry (it )?again\b"
    r"|\b(schalten|stecken)\b[^.]*\b(ein|an)\b|\beinschalten|\banschalten|\bneu starten|\bstarten sie\b",
    re.IGNORECASE,
)
FORBIDS = re.compile(r"\b(not|nicht|never|nie)\b", re.IGNORECASE)


def _switches_on(sentence: str) -> bool:
    return bool(SWITCHES_ON.search(sentence)) and not FORBIDS.search(sentence)


_pack = shipped_rules


@cache
def _files() -> Mapping[str, str]:
    return rule_files(_pack().pack)


HAZARDS = sorted(rule.id for rule in _pack().pack.rules.values() if rule.hazard)


EXPLAINED = [(hazard, below) for hazard in HAZARDS for below in sorted(_pack().pack.rules[hazard].explains)]


def _moments(rule_id: str) -> tuple[Moment, ...]:
    cases = cases_of(_pack().pack, _files()[rule_id], CATALOGUE)
    return next(case for case in cases if case.kind == "fires").moments


def _together(hazard: str, other: str) -> list[Cause]:
    """Return the causes on a machine that has a hazard and another fault."""
    player = Player(_pack(), CATALOGUE)
    player.play([*_moments(other), *_moments(hazard)])
    player.wait(_pack().pack.rules[other].hold + SECOND)
    return player.engine.causes()


@pytest.mark.parametrize("other", sorted(_pack().by_id.keys() - set(HAZARDS)))
def test_no_fault_comes_before_a_hazard(other: str) -> None:
    causes = _together("hazard.remote_scam", other)
    rules = [cause.finding.rule for cause in causes]
    assert rules[0] == "hazard.remote_scam"
    assert other in {*rules, *(finding.rule for cause in causes for finding in cause.symptoms)}


@pytest.mark.parametrize(("hazard", "below"), EXPLAINED)
def test_what_a_hazard_explains_is_its_symptom(hazard: str, below: str) -> None:
    causes = _together(hazard, below)
    assert causes[0].finding.rule == hazard
    assert below in {finding.rule for finding in causes[0].symptoms}


@pytest.mark.parametrize("hazard", HAZARDS)
def test_nothing_is_switched_on_again(hazard: str) -> None:
    rule = _pack().pack.rules[hazard]
    for fix in rule.fixes:
        for step in fix.steps:
            for sentence in re.split(r"(?<=[.!?:]) ", f"{step.text.en} {step.text.de}"):
                assert not _switches_on(sentence), (step.id, sentence)


@pytest.mark.parametrize("hazard", HAZARDS)
def test_the_proof_of_a_hazard_only_asks_whether_it_is_over(hazard: str) -> None:
    read = {key.fact for key in _pack().by_id[hazard].expect_variables}
    assert read
    assert all(_pack().pack.questions[name].hazard for name in read)


@pytest.mark.parametrize(
    ("sentence", "bad"),
    [
        ("Switch the device on and look.", True),
        ("Plug it in again.", True),
        ("Schalten Sie es wieder ein.", True),
        ("Do not switch it on again.", False),
        ("Schalten Sie die Sicherung aus.", False),
    ],
)
def test_switching_on_is_recognised(sentence: str, bad: bool) -> None:
    assert _switches_on(sentence) is bad
