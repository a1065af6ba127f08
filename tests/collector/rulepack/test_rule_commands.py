"""`hotline rules new|check|test|explain|coverage|graph` as a rule author types them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hotline_collector.console.cli import hotline
from hotline_collector.console.rule_page import RulePage
from hotline_collector.console.texts import texts_for
from hotline_collector.model.units import Lang

from tests.shipped import installed_rules

NEW = {
    "id": "sys.cpu.busy",
    "severity": "warning",
    "title-en": "Processor is busy",
    "title-de": "Prozessor ist ausgelastet",
    "symptom-en": "Everything is slow.",
    "symptom-de": "Alles ist langsam.",
    "when": "system.cpu.utilization > 0.9 && system.memory.available_ratio > 0.2",
    "step": "program.close",
    "step-en": "Close what you do not need.",
    "step-de": "Schließen Sie, was Sie nicht brauchen.",
}


def run(*words: object, answers: str = "") -> Any:
    return CliRunner().invoke(hotline, ["rules", *map(str, words)], input=answers)


def new(folder: Path, **changes: str) -> Any:
    options = NEW | {name.replace("_", "-"): value for name, value in changes.items()}
    return run(
        "new", folder, "--yes", *(word for name, value in options.items() for word in (f"--{name}", value))
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A pack with one rule, made by the command itself."""
    assert new(tmp_path / "mine").exit_code == 0
    return tmp_path / "mine"


@pytest.mark.parametrize(
    "when",
    [
        NEW["when"],
        "!net.route.default",
        'system.service.manager == "systemd" && count(log.disk.io_error, "10m") > 2',
        "size(resolvers) > 0 && resolvers.all(r, !r.reachable)",
        "system.memory.available_ratio < 0.05 || system.paging.utilization > 0.9",
        'net.gateway.rtt > qty("50 ms") && net.gateway.reachable',
    ],
)
def test_a_new_rule_has_cases_that_notice_every_change(tmp_path: Path, when: str) -> None:
    made = new(tmp_path / "mine", when=when)
    assert made.exit_code == 0, made.output
    assert run("check", tmp_path / "mine").exit_code == 0
    tested = run("test", tmp_path / "mine", "--json")
    told = json.loads(tested.stdout)
    assert (tested.exit_code, told["rules"], told["mutants"]) == (0, 1, told["noticed"])


def test_a_new_rule_may_be_about_one_of_several_things(tmp_path: Path) -> None:
    made = new(tmp_path / "mine", for_each="resolver", when="!resolver.reachable && net.gateway.reachable")
    assert made.exit_code == 0, made.output


def test_a_new_rule_is_asked_for_and_every_answer_checked(tmp_path: Path) -> None:
    words = [
        word
        for name in ("severity", "when", "step", "step-en", "step-de")
        for word in (f"--{name}", NEW[name])
    ]
    said = (
        "\n".join(["Nonsense", "sys.cpu.busy", "Busy", "Ausgelastet", "Slow.", "Langsam.", *[""] * 6]) + "\n"
    )
    made = run("new", tmp_path / "mine", *words, answers=said)
    assert made.exit_code == 0, made.output
    assert "subject.thing.fault" in made.output


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"when": "system.cpu.utilisation > 0.9"}, "did you mean system.cpu.utilization"),
        ({"when": "system.cpu.utilization > 1"}, "decimal point"),
        ({"id": "busy"}, "--id"),
        ({"severity": "bad"}, "--severity"),
        ({"for_each": "procesor"}, "--for-each"),
        ({"title_de": ""}, "--title-de"),
    ],
)
def test_bad_answers_are_refused_and_nothing_is_written(tmp_path: Path, changes: Any, said: str) -> None:
    made = new(tmp_path / "mine", **changes)
    assert made.exit_code in (1, 2)
    assert said in made.output
    assert not (tmp_path / "mine").exists() or not list((tmp_path / "mine").rglob("*.cases.yaml"))


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("- fires:", "- fire:", "2:11: cases.0.fire: unknown key"),
        ("utilization: ", "utilisation: ", "unknown fact system.cpu.utilisation"),
        ("timeout", "timeoot", "write {unknown: REASON} with one of"),
        ("- silent:", "- silent", "not YAML"),
    ],
)
def test_cases_that_cannot_be_read_are_wrong_without_being_played(
    folder: Path, right: str, wrong: str, said: str
) -> None:
    file = folder / "sys" / "cpu_busy.cases.yaml"
    assert run("check", folder).exit_code == 0
    written = file.read_text()
    assert right in written
    file.write_text(written.replace(right, wrong, 1))
    done = run("check", folder)
    assert done.exit_code == 1 and f"sys/{file.name}:" in done.output and said in done.output
    as_data = run("check", folder, "--json")
    assert said in json.loads(as_data.output)["faults"][0]["message"] or said in done.output


def test_cases_beside_no_rule_are_wrong(folder: Path) -> None:
    (folder / "sys" / "cpu_idle.cases.yaml").write_text("cases: []\n")
    done = run("check", folder)
    assert done.exit_code == 1 and "cpu_idle.cases.yaml:1:1: there is no rule beside" in done.output


def test_an_id_that_is_none_is_told_how_ids_look(folder: Path) -> None:
    file = folder / "sys" / "cpu_busy.yaml"
    file.write_text(file.read_text().replace("id: sys.cpu.busy", "id: CPU busy"))
    done = run("check", folder)
    assert done.exit_code == 1
    assert "cpu_busy.yaml:1:5: id: 'CPU busy' is no id; write subject.thing.fault" in done.output


def test_nothing_is_overwritten(folder: Path) -> None:
    before = {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    again = new(folder)
    assert again.exit_code == 2
    assert {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()} == before


def test_a_rule_is_explained_in_both_languages() -> None:
    english, german = run("explain", "net.wan.down"), run("explain", "net.wan.down", "--lang", "de")
    for text, expected in (
        (
            english.stdout,
            ("No internet behind the router", "net.wan.outage", "net.dns.lookup_fails", "10 min"),
        ),
        (german.stdout, ("Kein Internet hinter dem Router", "Anrufer", "Nachweis innerhalb von 10 min")),
    ):
        for part in expected:
            assert part in text


def test_what_is_said_stands_in_the_quotes_of_its_language() -> None:
    assert "= „Bereit“" in run("explain", "print.network.lost", "--lang", "de").stdout
    assert "= “Ready”" in run("explain", "print.network.lost").stdout


@pytest.mark.parametrize("lang", ["de", "en"])
def test_every_shipped_rule_can_be_explained(lang: Lang) -> None:
    rules = installed_rules()
    page = RulePage(rules, texts_for(lang))
    for rule_id, compiled in rules.by_id.items():
        assert page.content(rule_id)["title"] in "".join(map(str, page.rows(rule_id)))
        assert bool(page.content(rule_id)["look_alikes"]) == bool(compiled.rule.look_alikes)


def test_an_unknown_rule_gets_a_suggestion() -> None:
    asked = run("explain", "net.wan.dwon")
    assert (asked.exit_code, "did you mean net.wan.down?" in asked.stderr) == (2, True)


@pytest.mark.parametrize(("form", "begins"), [("dot", "digraph"), ("mermaid", "flowchart")])
def test_causes_are_drawn(form: str, begins: str) -> None:
    drawn = run("graph", "--format", form, "--root", "time.skew")
    assert drawn.exit_code == 0
    assert drawn.stdout.startswith(begins)
    assert "time.drift" in drawn.stdout
    assert "net.wan.down" not in drawn.stdout


def test_no_shipped_rule_is_dead() -> None:
    covered = run("coverage")
    assert covered.exit_code == 0, covered.output
    first, *others = covered.stdout.splitlines()
    numbers = map(int, re.findall("[0-9]+", first))
    can, stable, linux, windows, macos, devices, answers, operator, bundle = numbers
    assert can == stable >= 150
    assert first.startswith(f"{can} of {stable} stable rules can fire (linux {linux}, windows {windows}, ")
    assert can > linux > max(windows, macos) and devices > 100 and bundle > 200
    assert answers > 50 and operator > 0
    unused = next(line for line in others if line.startswith("Facts that no rule uses: "))
    groups = re.findall(r"^  ([a-z]+) \(([0-9]+)\): ", covered.stdout, re.M)
    assert sum(int(number) for _, number in groups) == int(re.findall("[0-9]+", unused)[0])
    assert max(map(len, others)) <= 200


_CONDITIONS = {
    "probe.only": "system.cpu.utilization > 0.9",
    "device.only": "device.pi.undervoltage",
    "operator.only": "operator.outage",
    "human.only": "ask.smell",
    "both.needed": "ask.smell && system.cpu.utilization > 0.9",
    "either.will_do": "operator.outage || system.cpu.utilization > 0.9",
}
_RULE = """\
id: {id}
status: stable
severity: warning
title: {{en: Title, de: Titel}}
symptom: {{en: Symptom, de: Zeichen}}
when: {when}
confidence: 0.9
fixes: [{{steps: [wait]}}]
"""


def test_what_can_fire_is_told_as_data_too(tmp_path: Path) -> None:
    (tmp_path / "pack.yaml").write_text('{name: mine, version: "1"}')
    (tmp_path / "steps.yaml").write_text("wait: {en: Wait, de: Warten}")
    question = "ask.smell: {type: bool, text: {en: Does it smell?, de: Riecht es?}}"
    (tmp_path / "questions.yaml").write_text(question)
    for name, when in _CONDITIONS.items():
        (tmp_path / f"{name.replace('.', '_')}.yaml").write_text(_RULE.format(id=name, when=when))
    covered = run("coverage", tmp_path, "--json")
    assert covered.exit_code == 0, covered.output
    told = json.loads(covered.stdout)
    every = set(_CONDITIONS)
    fire = {origin: every - {dead["rule"] for dead in rules} for origin, rules in told["dead"].items()}
    assert fire == {
        **dict.fromkeys(("linux", "windows", "macos"), every - {"device.only"}),
        "devices over SSH": every,
        "answers alone": {"human.only"},
        "the operator's facts alone": {"operator.only", "either.will_do"},
        "a bundle alone": {"probe.only", "either.will_do"},
    }
    assert told["nowhere"] == [] and told["fires_anywhere"] == 6
    assert told["fires"] == {origin: len(rules) for origin, rules in fire.items()}
    assert "system.cpu.utilization" not in told["unused"].get("cpu", [])


def test_a_rule_that_can_never_fire_is_named(folder: Path) -> None:
    assert new(folder, id="log.disk.only_linux", when="system.pressure.io.full > 0.5").exit_code == 0
    rule = folder / "log/disk_only_linux.yaml"
    rule.write_text(rule.read_text().replace("experimental", "stable"))
    assert run("coverage", folder).exit_code == 0
    covered = run("coverage", folder, "--platform", "windows")
    assert (covered.exit_code, "log.disk.only_linux" in covered.output) == (1, True)
