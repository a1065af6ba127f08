"""Whole machines against the whole pack: what remains as a cause, and that healthy oddities are silent."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import hotline_rules
import pytest
import yaml
from hotline_collector.engine.ruleset import RuleSet
from hotline_collector.model.finding import Finding
from hotline_collector.rulepack.cases import Moment, typed_value
from hotline_collector.rulepack.loader import load_folder
from hotline_collector.rulepack.play import SECOND, Player
from hotline_proto.catalogue import load_catalogue
from hotline_proto.facts import FactValue

# Longer than the longest hold of the pack.
LONG_ENOUGH = 70 * SECOND
FILE = yaml.safe_load(Path(__file__).with_name("scenarios.yaml").read_text(encoding="utf-8"))


@cache
def _pack() -> RuleSet:
    return load_folder(Path(hotline_rules.__file__).parent, load_catalogue())


def _moment(described: dict[str, Any]) -> Moment:
    catalogue = load_catalogue()
    values: dict[tuple[str, str], FactValue] = {
        (name, ""): typed_value(raw, catalogue.facts.get(name))
        for name, raw in described.get("facts", {}).items()
    }
    entities = described.get("entities", {})
    for kind, members in entities.items():
        for key, facts in members.items():
            for short, raw in facts.items():
                name = f"{catalogue.entities[kind].prefix}.{short}"
                values[(name, key)] = typed_value(raw, catalogue.facts[name])
    return Moment(0, values, tuple(entities), "home")


def _label(finding: Finding) -> str:
    return f"{finding.rule}@{finding.entity.key}" if finding.entity else finding.rule


def _matches(finding: Finding, expected: str) -> bool:
    return expected in (finding.rule, _label(finding))


@pytest.mark.parametrize("scenario", FILE["scenarios"], ids=lambda scenario: scenario["name"])
def test_causes(scenario: dict[str, Any]) -> None:
    player = Player(_pack(), load_catalogue())
    player.play([_moment(FILE["healthy"]), _moment(scenario)])
    player.wait(LONG_ENOUGH)
    causes = player.engine.causes()
    labels = sorted(_label(cause.finding) for cause in causes)
    unexpected = [c.finding for c in causes if not any(_matches(c.finding, e) for e in scenario["causes"])]
    missing = [e for e in scenario["causes"] if not any(_matches(c.finding, e) for c in causes)]
    assert (missing, [_label(finding) for finding in unexpected]) == ([], []), labels
    folded = {finding.rule for cause in causes for finding in cause.symptoms}
    assert set(scenario.get("symptoms", ())) <= folded
    suspected = sorted(_label(finding) for finding in player.engine.suspected())
    assert suspected == scenario.get("suspected", [])


def test_a_healthy_machine_is_not_even_suspected() -> None:
    player = Player(_pack(), load_catalogue())
    player.play([_moment(FILE["healthy"])])
    player.wait(LONG_ENOUGH)
    assert [_label(finding) for finding in player.engine.findings().values()] == []


def test_the_hazard_comes_first() -> None:
    scenario = next(item for item in FILE["scenarios"] if "hazard.remote_scam" in item["causes"])
    player = Player(_pack(), load_catalogue())
    player.play([_moment(FILE["healthy"]), _moment(scenario)])
    player.wait(LONG_ENOUGH)
    assert player.engine.causes()[0].finding.rule == "hazard.remote_scam"
