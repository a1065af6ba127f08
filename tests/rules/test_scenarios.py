"""Whole machines against the whole pack: what remains as a cause, and that healthy oddities are silent."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hotline_collector.model.finding import Finding
from hotline_collector.rulepack.cases import Moment
from hotline_collector.rulepack.play import SECOND, Player
from hotline_proto.catalogue import load_catalogue

from tests.shipped import shipped_rules
from tests.yaml_files import yaml_file

# Longer than the longest hold of the pack.
LONG_ENOUGH = 70 * SECOND
Describe = Callable[[dict[str, Any]], Moment]
FILE = yaml_file(Path(__file__).with_name("scenarios.yaml"))


_pack = shipped_rules


def _label(finding: Finding) -> str:
    return f"{finding.rule}@{finding.entity.key}" if finding.entity else finding.rule


def _matches(finding: Finding, expected: str) -> bool:
    return expected in (finding.rule, _label(finding))


@pytest.mark.parametrize("scenario", FILE["scenarios"], ids=lambda scenario: scenario["name"])
def test_causes(scenario: dict[str, Any], moment: Describe) -> None:
    player = Player(_pack(), load_catalogue())
    player.play([moment(FILE["healthy"]), moment(scenario)])
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


def test_a_healthy_machine_is_not_even_suspected(moment: Describe) -> None:
    player = Player(_pack(), load_catalogue())
    player.play([moment(FILE["healthy"])])
    player.wait(LONG_ENOUGH)
    assert [_label(finding) for finding in player.engine.findings().values()] == []


def test_the_hazard_comes_first(moment: Describe) -> None:
    scenario = next(item for item in FILE["scenarios"] if "hazard.remote_scam" in item["causes"])
    player = Player(_pack(), load_catalogue())
    player.play([moment(FILE["healthy"]), moment(scenario)])
    player.wait(LONG_ENOUGH)
    assert player.engine.causes()[0].finding.rule == "hazard.remote_scam"
