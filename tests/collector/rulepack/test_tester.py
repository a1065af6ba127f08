"""Cases that hold, cases that lie, and cases too weak to notice a changed rule."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from hotline_collector.rulepack.cli import rules

RULE = """\
id: net.dns.resolver_unreachable
status: stable
severity: critical
title: {en: Name server is silent, de: Namensserver schweigt}
symptom: {en: Pages do not open, de: Seiten gehen nicht auf}
for_each: resolver
when: "!resolver.reachable && net.gateway.reachable"
hold: 3s
confidence: 0.9
fixes: [{steps: [wait]}]
verify: {within: 15s, expect: resolver.reachable}
"""
CASES = """\
cases:
  - fires: it is silent
    facts: {net.gateway.reachable: true}
    entities: {resolver: {10.0.0.1: {reachable: false}}}
  - silent: it answers
    facts: {net.gateway.reachable: true}
    entities: {resolver: {10.0.0.1: {reachable: true}}}
  - silent: the whole network is away
    facts: {net.gateway.reachable: false}
    entities: {resolver: {10.0.0.1: {reachable: false}}}
  - unknown: nobody could say
    facts: {net.gateway.reachable: true}
    entities: {resolver: {10.0.0.1: {reachable: {unknown: timeout}}}}
    suspected: true
  - after_fix: it answers again
    entities: {resolver: {10.0.0.1: {reachable: true}}}
"""


def run(folder: Path, rule: str = RULE, cases: str | None = CASES) -> tuple[int, str]:
    (folder / "pack.yaml").write_text('name: test\nversion: "1"\n')
    (folder / "steps.yaml").write_text("wait: {en: Wait, de: Warten}\n")
    (folder / "dns.yaml").write_text(rule)
    if cases is not None:
        (folder / "dns.cases.yaml").write_text(cases)
    result = CliRunner().invoke(rules, ["test", str(folder)])
    return result.exit_code, result.output


def test_good_cases_pass_and_notice_every_mutant(tmp_path: Path) -> None:
    code, output = run(tmp_path)
    assert code == 0, output
    assert "1 rule, 5 cases, 3 of 3 mutants noticed" in output


def test_a_rule_without_cases_fails(tmp_path: Path) -> None:
    code, output = run(tmp_path, cases=None)
    assert code == 1
    assert "dns.cases.yaml is missing" in output


@pytest.mark.parametrize("kind", ["fires", "silent", "unknown", "after_fix"])
def test_every_kind_of_case_is_demanded(tmp_path: Path, kind: str) -> None:
    import yaml

    left = [case for case in yaml.safe_load(CASES)["cases"] if kind not in case]
    code, output = run(tmp_path, cases=yaml.safe_dump({"cases": left}))
    assert code == 1
    assert f"there is no {kind} case" in output


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("{reachable: false}", "{reachable: true}", "should fire, but is silent"),
        ("suspected: true", "suspected: false", "should not be suspected"),
        ("{reachable: {unknown: timeout}}", "{reachable: true}", "known to be false"),
    ],
)
def test_a_case_that_lies_is_told(tmp_path: Path, old: str, new: str, message: str) -> None:
    code, output = run(tmp_path, cases=CASES.replace(old, new, 1))
    assert code == 1
    assert message in output


def test_cases_too_weak_for_a_condition_are_told(tmp_path: Path) -> None:
    weak = CASES.replace(
        "facts: {net.gateway.reachable: false}\n    entities: {resolver: {10.0.0.1: {reachable: false}}}",
        "facts: {net.gateway.reachable: true}\n    entities: {resolver: {10.0.0.1: {reachable: true}}}",
    )
    code, output = run(tmp_path, cases=weak)
    assert code == 1
    assert "no case notices the rule without net.gateway.reachable" in output


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("reachable: false}", "reachable: maybe}", "must be true or false"),
        ("resolver: {", "resolvr: {", "no entities of kind resolvr"),
        ("net.gateway.reachable", "net.gateway.reachabel", "unknown fact"),
        ("timeout", "tired", "write {unknown: REASON}"),
        ("fires: it is silent", "fires: it is silent\n    silent: both", "exactly one of"),
    ],
)
def test_mistakes_in_cases_have_a_place(tmp_path: Path, old: str, new: str, message: str) -> None:
    code, output = run(tmp_path, cases=CASES.replace(old, new, 1))
    assert code == 1
    assert message in output
    assert "dns.cases.yaml:" in output


def test_orphaned_cases_are_told(tmp_path: Path) -> None:
    (tmp_path / "lost.cases.yaml").write_text("cases: []\n")
    code, output = run(tmp_path)
    assert code == 1
    assert "lost.cases.yaml:1:1: there is no rule beside these cases" in output


def test_json_lists_the_faults(tmp_path: Path) -> None:
    run(tmp_path, rule=RULE.replace("reachable &&", "reachabel &&"))
    result = CliRunner().invoke(rules, ["check", str(tmp_path), "--json"])
    told = json.loads(result.output)
    assert result.exit_code == 1
    assert told["version"] == 1
    assert told["faults"][0]["file"] == "dns.yaml"
    assert told["faults"][0]["line"] == 7
