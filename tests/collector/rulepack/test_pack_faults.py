"""Packs with every kind of mistake: all faults at once, each with its place and a suggestion."""

from __future__ import annotations

from pathlib import Path

import pytest
from hotline_collector.rulepack.document import Document
from hotline_collector.rulepack.faults import PackError
from hotline_collector.rulepack.loader import load_files, load_folder
from hotline_proto.catalogue import load_catalogue
from hypothesis import given
from hypothesis import strategies as st

CATALOGUE = load_catalogue()
GOOD = """\
id: sys.cpu.hot
status: stable
severity: warning
title: {en: Hot, de: Heiß}
symptom: {en: It is hot, de: Es ist heiß}
when: system.cpu.utilization > 0.9
confidence: 0.8
fixes:
  - steps: [wait]
"""
LIBRARY = {"pack.yaml": b'{name: test, version: "1"}', "steps.yaml": b"wait: {en: Wait, de: Warten}"}


def faults_of(text: str, **more: str) -> list[str]:
    files = LIBRARY | {"rule.yaml": text.encode()} | {f"{name}.yaml": t.encode() for name, t in more.items()}
    with pytest.raises(PackError) as caught:
        load_files(files, CATALOGUE)
    return [str(fault) for fault in caught.value.faults]


def test_a_good_pack_loads() -> None:
    rules = load_files(LIBRARY | {"rule.yaml": GOOD.encode()}, CATALOGUE)
    assert list(rules.by_id) == ["sys.cpu.hot"]


@pytest.mark.parametrize(
    ("old", "new", "place", "message"),
    [
        ("severity: warning", "severity: urgent", "rule.yaml:3:11", "'critical', 'warning' or 'info'"),
        ("severity: warning", "severty: warning", "rule.yaml:3:10", "unknown key"),
        ("title: {en: Hot, de: Heiß}", "title: {en: Hot}", "rule.yaml:4:8", "title.de: is missing"),
        ("utilization >", "utilisation >", "rule.yaml:6:7", "did you mean system.cpu.utilization?"),
        ("> 0.9", "> 1", "rule.yaml:6:30", "decimal point"),
        ("> 0.9", "> 'a'", "rule.yaml:6:30", "no matching overload"),
        ("> 0.9", "> double('x')", "rule.yaml:6:38", 'never have a value: "x" is not a number'),
        ("[wait]", "[wiat]", "rule.yaml:9:13", "unknown step wiat"),
        ("steps: [wait]", "action: process.pasue", "rule.yaml:9:13", "did you mean process.pause?"),
        ("steps: [wait]", "action: process.pause", "rule.yaml:9:5", "takes these parameters: process"),
        ("confidence: 0.8", "confidence: 8", "rule.yaml:7:13", "less than or equal to 1"),
        ("confidence: 0.8", "confidence: 0.8\nhold: 3", "rule.yaml:8:7", "write a unit"),
        ("confidence: 0.8", "confidence: 0.8\nexplains: [a.b]", "rule.yaml:8:12", "there is no rule a.b"),
        ("confidence: 0.8", "confidence: 0.8\nask: [ask.x]", "rule.yaml:8:7", "there is no question ask.x"),
        ("confidence: 0.8", "confidence: 0.8\nfor_each: resolvr", "rule.yaml:8:11", "did you mean resolver?"),
        ("confidence: 0.8", "confidence: 0.8\nid: x.y", "rule.yaml:8:1", "id is given twice"),
        ("id: sys.cpu.hot", "id: [", "rule.yaml:", "not YAML"),
    ],
)
def test_each_mistake_has_its_place_and_a_suggestion(old: str, new: str, place: str, message: str) -> None:
    assert old in GOOD
    faults = faults_of(GOOD.replace(old, new))
    assert any(fault.startswith(place) and message in fault for fault in faults), faults


def test_all_mistakes_are_told_at_once() -> None:
    text = GOOD.replace("utilization", "utilisation").replace("[wait]", "[a, b]") + "explains: [no.such]\n"
    messages = " ".join(faults_of(text))
    assert all(word in messages for word in ("utilisation", "step a", "step b", "no.such"))


def test_a_place_is_found_through_a_folded_text() -> None:
    text = GOOD.replace(
        "when: system.cpu.utilization > 0.9",
        "when: >\n  system.cpu.utilization > 0.9\n  && net.route.defualt",
    )
    assert any(f.startswith("rule.yaml:8:6:") for f in faults_of(text)), faults_of(text)


def test_a_circle_of_explanations_is_told() -> None:
    other = GOOD.replace("sys.cpu.hot", "sys.cpu.warm") + "explains: [sys.cpu.hot]\n"
    faults = faults_of(GOOD + "explains: [sys.cpu.warm]\n", other=other)
    assert any("sys.cpu.hot > sys.cpu.warm > sys.cpu.hot" in fault for fault in faults)


def test_all_over_a_list_needs_a_size_test() -> None:
    text = GOOD.replace("system.cpu.utilization > 0.9", "resolvers.all(r, !r.reachable)")
    assert any("size(resolvers) > 0" in fault for fault in faults_of(text))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"symptoms": "{sys.cpu.hto: 3}"}, "no rule matches sys.cpu.hto"),
        ({"symptoms": "{sys.*: 4}"}, "less than or equal to 3"),
        ({"symptoms": "{sys.*: 0}"}, "greater than or equal to 1"),
        ({"symptoms": "{}"}, "at least 1"),
        ({"symptoms": "[]"}, "at least 1"),
        ({"words": "[log-in/login]"}, "'log-in/login' needs words, one on each side of a slash"),
        ({"words": '["!"]'}, "'!' needs words"),
        ({"first_question": "ask.none"}, "there is no question ask.none"),
        ({"first_check": "host"}, "'target'"),
    ],
)
def test_each_mistake_of_the_lexicon_is_told(changes: dict[str, str], message: str) -> None:
    entry = {"label": "{en: S, de: S}", "words": "[slow]", "symptoms": "[sys.cpu.hot]"} | changes
    lexicon = "slow: {" + ", ".join(f"{key}: {value}" for key, value in entry.items()) + "}"
    faults = faults_of(GOOD, lexicon=lexicon)
    assert any(fault.startswith("lexicon.yaml:") and message in fault for fault in faults), faults


ANSWERS = """
ask.card: {type: text, values: {valid: {en: V, de: V}, over: {en: O, de: O}}, text: {en: W?, de: W?}}
ask.yes: {type: bool, text: {en: Y?, de: J?}}
"""


@pytest.mark.parametrize(
    ("only", "message"),
    [
        ("{ask.crad: [valid]}", "said by ask.crad, which is no question; did you mean ask.card?"),
        (
            "{ask.card: [vlid, over, unknown]}",
            "late is said where ask.card is vlid, which is no answer of it",
        ),
        ("{ask.card: [over]}", "no step is said where ask.card is valid"),
        ("{ask.card: [valid, over]}", "no step is said where ask.card is unknown"),
        ("{ask.yes: ['true', unknown]}", "no step is said where ask.yes is false"),
        ("{ask.card: []}", "at least 1"),
        ("{ask.card: [valid], ask.yes: ['true']}", "at most 1"),
    ],
)
def test_each_mistake_about_what_is_said_with_some_answers_only_is_told(only: str, message: str) -> None:
    steps = f"wait: {{en: Wait, de: Warten}}\nlate: {{en: Late, de: Spät, only: {only}}}"
    faults = faults_of(GOOD.replace("[wait]", "[late]"), steps=steps, questions=ANSWERS)
    assert any(message in fault for fault in faults), faults


def test_steps_that_share_the_answers_are_fine() -> None:
    steps = b"""
a: {en: A, de: A, only: {ask.card: [valid]}}
b: {en: B, de: B, only: {ask.card: [over, unknown]}}
"""
    more = {"rule.yaml": GOOD.replace("[wait]", "[a, b]").encode(), "steps.yaml": steps}
    rules = load_files(LIBRARY | more | {"questions.yaml": ANSWERS.encode()}, CATALOGUE)
    [fix] = rules.pack.rules["sys.cpu.hot"].fixes
    assert [dict(step.only) for step in fix.steps] == [
        {"ask.card": ("valid",)},
        {"ask.card": ("over", "unknown")},
    ]


def test_the_same_rule_twice_is_told() -> None:
    assert any("is also in" in fault for fault in faults_of(GOOD, copy=GOOD))


@pytest.mark.parametrize("text", ["a: &a [x, x]\nb: " + "[" + "*a, " * 12000 + "*a]", "a: " + "[" * 5000])
def test_yaml_that_explodes_is_refused(text: str) -> None:
    assert Document("x.yaml", text).faults


@given(st.text(max_size=200))
def test_any_text_is_a_rule_or_a_fault(text: str) -> None:
    try:
        load_files(LIBRARY | {"rule.yaml": text.encode("utf-8", "surrogatepass")}, CATALOGUE)
    except PackError as error:
        assert error.faults


def test_bytes_that_are_no_text_are_a_fault() -> None:
    with pytest.raises(PackError, match="not UTF-8"):
        load_files(LIBRARY | {"rule.yaml": b"\xff\xfe"}, CATALOGUE)


def test_a_missing_folder_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(PackError):
        load_folder(tmp_path / "none", CATALOGUE)


@pytest.mark.parametrize(
    ("text", "value"),
    [("no", "no"), ("on", "on"), ("12:30", "12:30"), ("1.10", 1.1), ("true", True), ("0x10", "0x10")],
)
def test_words_mean_what_they_look_like(text: str, value: object) -> None:
    assert Document("x.yaml", f"a: {text}").data == {"a": value}
