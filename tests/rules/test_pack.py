"""The shape of the shipped pack, by PyYAML alone: what anybody can see without the collector."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import hotline_rules
import pytest

from tests.yaml_files import yaml_file

PACK = Path(hotline_rules.__file__).parent
CASES = ".cases.yaml"
SHARED = ("pack.yaml", "steps.yaml", "questions.yaml", "lexicon.yaml", "plans.yaml")
LANGUAGES = {"en", "de"}
TITLE_LENGTH = 60
# A sentence longer than this cannot be kept in mind on the phone.
STEP_LENGTH = 140
QUESTION_LENGTH = 120
RULE_FILES = sorted(file for file in PACK.glob("*/*.yaml") if not file.name.endswith(CASES))


def _rules() -> dict[str, dict[str, Any]]:
    return {yaml_file(file)["id"]: yaml_file(file) for file in RULE_FILES}


def _shared(name: str) -> Any:
    return yaml_file(PACK / f"{name}.yaml")


def _plan_steps() -> list[dict[str, Any]]:
    return [step for plan in _shared("plans").values() for step in plan["steps"]]


def _name(file: Path) -> str:
    return str(file.relative_to(PACK))


def _all_explained(rule_id: str, rules: dict[str, dict[str, Any]]) -> set[str]:
    """Return every rule that is reached from one through `explains`."""
    reached: set[str] = set()
    waiting = list(rules[rule_id]["explains"])
    while waiting:
        current = waiting.pop()
        if current not in reached:
            reached.add(current)
            waiting.extend(rules[current]["explains"])
    return reached


def test_there_are_enough_stable_rules() -> None:
    stable = [rule for rule in _rules().values() if rule["status"] == "stable"]
    assert len(stable) >= 220


def test_ids_are_unique() -> None:
    ids = Counter(yaml_file(file)["id"] for file in RULE_FILES)
    assert [rule_id for rule_id, times in ids.items() if times > 1] == []


def test_every_file_belongs_to_the_pack() -> None:
    strays = [
        _name(file)
        for file in PACK.rglob("*.y*ml")
        if file.parent.parent != PACK and _name(file) not in SHARED
    ]
    assert strays == []


def test_no_cases_without_a_rule() -> None:
    orphans = [
        _name(file)
        for file in PACK.rglob(f"*{CASES}")
        if not file.with_name(file.name.removesuffix(CASES) + ".yaml").exists()
    ]
    assert orphans == []


@pytest.mark.parametrize("file", RULE_FILES, ids=_name)
def test_rule_lies_in_the_folder_of_its_subject(file: Path) -> None:
    assert yaml_file(file)["id"].split(".")[0] == file.parent.name


@pytest.mark.parametrize("file", RULE_FILES, ids=_name)
def test_rule_has_every_kind_of_case(file: Path) -> None:
    cases = yaml_file(file.with_name(file.stem + CASES))["cases"]
    kinds = Counter(
        kind for case in cases for kind in ("fires", "silent", "unknown", "after_fix") if kind in case
    )
    assert set(kinds) == {"fires", "silent", "unknown", "after_fix"}
    assert sum(kinds.values()) == len(cases)


@pytest.mark.parametrize("file", RULE_FILES, ids=_name)
def test_names_of_cases_are_unique(file: Path) -> None:
    cases = yaml_file(file.with_name(file.stem + CASES))["cases"]
    names = Counter((kind, case[kind]) for case in cases for kind in ("fires", "silent") if kind in case)
    assert [name for name, times in names.items() if times > 1] == []


@pytest.mark.parametrize("file", RULE_FILES, ids=_name)
def test_rule_speaks_both_languages_briefly(file: Path) -> None:
    rule = yaml_file(file)
    for key in ("title", "symptom"):
        assert set(rule[key]) == LANGUAGES
        assert rule[key]["en"] != rule[key]["de"]
    assert all(len(title) <= TITLE_LENGTH for title in rule["title"].values())


@pytest.mark.parametrize("file", RULE_FILES, ids=_name)
def test_rule_is_complete(file: Path) -> None:
    rule = yaml_file(file)
    assert 0 < rule["confidence"] <= 1
    assert rule["fixes"]
    assert rule["verify"]["expect"].strip()
    assert rule["look_alikes"]
    assert all(isinstance(source, str) and source for source in rule["references"])


@pytest.mark.parametrize("file", RULE_FILES, ids=_name)
def test_fix_is_either_an_action_or_steps_of_somebody(file: Path) -> None:
    for fix in yaml_file(file)["fixes"]:
        assert ("action" in fix) != ("steps" in fix)
        assert fix["risk"] in {"none", "low", "medium", "high"}
        assert "action" in fix or fix["by"] in {"caller", "agent", "technician"}


def test_steps_that_are_used_exist_and_the_others_are_gone() -> None:
    used = {step for rule in _rules().values() for fix in rule["fixes"] for step in fix.get("steps", ())}
    used |= {step for plan_step in _plan_steps() for step in plan_step["steps"]}
    assert used == set(_shared("steps"))


def test_steps_can_be_read_aloud() -> None:
    for name, step in _shared("steps").items():
        for text in (step, step.get("undo", step)):
            assert {"en", "de"} <= set(text), name
            assert all(len(text[language]) <= STEP_LENGTH for language in LANGUAGES), name


def test_german_steps_are_polite() -> None:
    familiar = {"du", "dein", "deine", "deinen", "deinem", "deiner", "dir", "dich"}
    for name, step in _shared("steps").items():
        words = {word.strip(".,:;!?").lower() for word in step["de"].split()}
        assert not words & familiar, name


def test_explains_and_look_alikes_name_rules_that_exist() -> None:
    rules = _rules()
    missing = {
        (rule_id, other)
        for rule_id, rule in rules.items()
        for other in (*rule["explains"], *rule["look_alikes"])
        if other not in rules
    }
    assert missing == set()


def test_no_rule_explains_itself() -> None:
    rules = _rules()
    assert [rule_id for rule_id in rules if rule_id in _all_explained(rule_id, rules)] == []


@pytest.mark.parametrize(
    ("cause", "symptom"),
    [
        ("net.link.no_carrier", "check.timeout"),
        ("net.address.self_assigned", "net.route.none"),
        ("net.gateway.unreachable", "net.dns.lookup_fails"),
        ("net.wan.outage", "check.name_fails"),
        ("net.dns.resolver_unreachable", "check.name_fails"),
        ("check.local_service_down", "check.refused"),
        ("sto.fs.full", "svc.unit_failed"),
        ("sys.memory.low", "sys.cpu.iowait"),
        ("sys.process.runaway", "sys.load.high"),
        ("time.skew", "tls.not_yet_valid"),
    ],
)
def test_chain_of_causes(cause: str, symptom: str) -> None:
    assert symptom in _all_explained(cause, _rules())


def test_questions_are_bilingual_and_used() -> None:
    questions = _shared("questions")
    conditions = " ".join(rule["when"] + rule["verify"]["expect"] for rule in _rules().values())
    conditions += " ".join(step["met"] for step in _plan_steps())
    asked = {name for rule in _rules().values() for name in rule.get("ask", ())}
    asked |= {entry.get("first_question") for entry in _shared("lexicon").values()}
    asked |= {name for rule in _rules().values() for fix in rule["fixes"] for name in fix.get("ask", ())}
    for name, question in questions.items():
        assert set(question["text"]) == LANGUAGES
        assert all(set(label) == LANGUAGES for label in question.get("values", {}).values())
        assert name in asked or name in conditions, name
    assert asked - {None} <= set(questions)


def test_questions_say_briefly_how_the_answer_is_found() -> None:
    for name, question in _shared("questions").items():
        for language in LANGUAGES:
            assert len(question["text"][language]) <= QUESTION_LENGTH, name
            assert len(question["how"][language]) <= QUESTION_LENGTH, name
        assert question["seconds"] <= 120, name


def test_hazards_come_with_hazard_questions_and_without_actions() -> None:
    questions = _shared("questions")
    hazards = [rule for rule in _rules().values() if rule.get("hazard")]
    assert hazards
    for rule in hazards:
        assert all(questions[name].get("hazard") for name in rule["ask"])
        assert all("action" not in fix for fix in rule["fixes"])


def test_lexicon_points_at_rules_that_exist() -> None:
    rules = _rules()
    for name, entry in _shared("lexicon").items():
        assert set(entry["label"]) == LANGUAGES
        assert len(entry["words"]) == len(set(entry["words"])), name
        for symptom in entry["symptoms"]:
            prefix = symptom.removesuffix("*")
            hits = [
                rule_id
                for rule_id in rules
                if rule_id == symptom or (prefix != symptom and rule_id.startswith(prefix))
            ]
            assert hits, f"{name}: {symptom}"
