"""The decision table names the causes that the engine names, on all cases and scenarios of the pack."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hotline_collector.engine.cel.tree import find_spec
from hotline_collector.engine.ruleset import RuleSet
from hotline_collector.rulepack.casefiles import cases_of, rule_files
from hotline_collector.rulepack.cases import Case, Moment
from hotline_collector.rulepack.play import SECOND, Player
from hotline_collector.rulepack.spoken import meant, spoken_items, table_version
from hotline_collector.rulepack.table import left_out, write_table
from hotline_probe.local.judge import causes, findings, spoken
from hotline_probe.local.table import DecisionTable, read_table
from hotline_probe.local.world import LocalWorld
from hotline_proto.catalogue import load_catalogue
from hotline_proto.facts import Fact, NetworkPath, SourceRun, SourceStatus
from hotline_proto.spoken import MAX_ITEMS, heard_result, heard_version

from tests.shipped import shipped_rules
from tests.yaml_files import yaml_file

CATALOGUE = load_catalogue()
Describe = Callable[[dict[str, Any]], Moment]
FILE = yaml_file(Path(__file__).with_name("scenarios.yaml"))
# Longer than the longest hold of the pack.
LONG_ENOUGH = 70 * SECOND


pack = shipped_rules


@cache
def table() -> DecisionTable:
    return read_table(write_table(pack()))


ALL_CASES = {
    f"{rule}: {case.kind} {case.name}": case
    for rule, file in rule_files(pack().pack).items()
    for case in cases_of(pack().pack, file, CATALOGUE)
    if case.kind != "after_fix" and len(case.moments) == 1
}


def measured(moment: Moment) -> Moment:
    """Return a moment without answers of humans and what the operator knows."""
    specs = {(name, key): CATALOGUE.facts.get(name) for name, key in moment.values}
    kept = {
        one for one, spec in specs.items() if spec is not None and CATALOGUE.sources[spec.source].platforms
    }
    return replace(moment, values={one: value for one, value in moment.values.items() if one in kept})


def told(moment: Moment) -> list[SourceRun]:
    """Return the runs that tell a moment, as sources would."""
    facts: dict[str, list[Fact]] = {CATALOGUE.entities[kind].source: [] for kind in moment.kinds}
    for (name, key), value in measured(moment).values.items():
        facts.setdefault(CATALOGUE.facts[name].source, []).append(Fact(name, value, key))
    return runs_of(facts)


def runs_of(facts: dict[str, list[Fact]]) -> list[SourceRun]:
    path = NetworkPath("eth0", "home")
    return [
        SourceRun(
            source, SourceStatus.OK, 1000.0, 0.0, values, path if CATALOGUE.sources[source].path else None
        )
        for source, values in facts.items()
    ]


def world_of(runs: list[SourceRun]) -> LocalWorld:
    world = LocalWorld(CATALOGUE)
    for run in runs:
        world.take(run)
    return world


def label(rule: str, entity: object) -> str:
    return f"{rule}@{getattr(entity, 'key', '')}"


@cache
def judgeable() -> RuleSet:
    """Return the rules that the table holds, without holds: the table judges one look."""
    held = {rule.id for rule in table().rules}
    rules = {
        rule.id: replace(rule, hold=0, release=0) for rule in pack().pack.rules.values() if rule.id in held
    }
    return RuleSet(replace(pack().pack, rules=rules, plans={}), CATALOGUE)


@pytest.mark.parametrize("case", ALL_CASES.values(), ids=ALL_CASES.keys())
def test_the_table_names_the_causes_of_the_engine(case: Case) -> None:
    player = Player(judgeable(), CATALOGUE)
    player.play([measured(moment) for moment in case.moments])
    world = world_of(told(case.moments[0]))
    engine = player.engine
    assert sorted(label(f.rule.id, f.entity) for f in findings(table(), world)) == sorted(
        label(f.rule, f.entity) for f in engine.findings().values() if f.present
    )
    named = [
        label(c.finding.rule.id, c.finding.entity) for c in causes(findings(table(), world), world, CATALOGUE)
    ]
    assert named == [label(c.finding.rule, c.finding.entity) for c in engine.causes()]


def test_what_the_table_leaves_out_needs_a_human() -> None:
    questions = pack().pack.questions
    for rule_id in left_out(pack()):
        read = pack().by_id[rule_id].variables
        specs = [spec for key in read if (spec := find_spec(CATALOGUE, key)) is not None]
        stated = [spec.name for spec in specs if not CATALOGUE.sources[spec.source].platforms]
        assert stated or any(key.fact in questions for key in read), f"{rule_id} reads {read}"


def test_a_result_has_forty_items_of_the_network_first() -> None:
    items = spoken_items(pack())
    assert len(items) == MAX_ITEMS == len(table().spoken)
    assert all(item.name.startswith(("net.", "time.", "host.")) for item in items[:20])


def spoken_of(machine: Moment, described: Moment) -> tuple[str, LocalWorld]:
    values = {**machine.values, **described.values}
    kinds = dict.fromkeys((*machine.kinds, *described.kinds))
    world = world_of(told(Moment(0, values, tuple(kinds), "home")))
    return spoken(table(), world), world


def _facts_of(rule: str) -> set[str]:
    compiled = next(one for one in pack().rules if one.rule.id == rule)
    return {key.fact for leaf in compiled.circuit.leaves for key in leaf.variables}


@pytest.mark.parametrize("scenario", FILE["scenarios"], ids=lambda scenario: scenario["name"])
def test_what_is_read_out_leads_to_the_cause(scenario: dict[str, Any], moment: Describe) -> None:
    """The caller reads digits, the agent types them, the engine judges the facts that they stand for."""
    digits, world = spoken_of(moment(FILE["healthy"]), moment(scenario))
    local = causes(findings(table(), world), world, CATALOGUE)
    if not local or not local[0].finding.rule.id.startswith(("net.", "time.")):
        return
    if local[0].finding.rule.severity != "critical" and not local[0].finding.rule.id.startswith("time."):
        return  # the line is bad but there: the collector can be reached, and nothing has to be read out
    assert heard_version(digits) == table_version(pack())
    items = spoken_items(pack())
    values, kinds = meant(items, heard_result(digits, len(items)), CATALOGUE)
    player = Player(pack(), CATALOGUE)
    player.play([Moment(0, values, tuple(sorted(kinds)), "home")])
    player.wait(LONG_ENOUGH)
    named = [cause.finding.rule for cause in player.engine.causes()]
    cause = local[0].finding.rule
    told = {item.name for item in items} | {item.fact for item in items}
    if cause.for_each and cause.id not in told:
        # A fault of one of several things that is not read out is told by what it leads to.
        assert named[0] in pack().explained_by[cause.id], named
    elif cause.id not in told and not _facts_of(cause.id) <= told:
        # So is one that rests on facts that are not read out, if it leads to anything.
        assert set(named[:1]) <= pack().explained_by[cause.id], named
    else:
        assert named[0] == cause.id, named
