"""Confidences that the field record sharpened are an input of the call like any other."""

from __future__ import annotations

from typing import Any

from hotline_collector.engine.engine import Engine
from hotline_proto.record import Entry, EntryKind
from hotline_proto.v1 import record_pb2 as rec

RULES: tuple[dict[str, object], ...] = (
    {"id": "cpu.busy", "when": "system.cpu.utilization > 0.9", "confidence": 0.9},
    {"id": "cpu.very_busy", "when": "system.cpu.utilization > 0.95", "confidence": 0.8},
)


def play(bench: Any, build: Any, complaint: str = "", **confidences: float) -> Any:
    """Return a call that was opened with confidences and has both findings."""
    made = bench(build(*RULES))
    opened = rec.CallOpened(
        call_id="call",
        complaint=complaint,
        pack_digest=made.engine.rules.pack.digest,
        confidences=[
            rec.RuleConfidence(rule=rule.replace("__", "."), confidence=value)
            for rule, value in confidences.items()
        ],
    )
    made.entries[0] = Entry(EntryKind.CALL_OPENED, 1, made.now, opened.SerializeToString())
    made.engine = replay(made, made.entries)
    made.run("cpu", ("system.cpu.utilization", 0.99))
    return made


def replay(made: Any, entries: list[Entry]) -> Engine:
    engine = Engine("call", made.engine.rules, made.catalogue)
    for entry in entries:
        engine.apply_entry(entry, made.packs)
    return engine


def test_without_a_record_the_rules_word_ranks(bench: Any, build: Any) -> None:
    made = play(bench, build)
    assert made.causes() == ["cpu.busy", "cpu.very_busy"]
    assert [cause.score[4] for cause in made.engine.causes()] == [0.9, 0.8]


def test_a_sharpened_confidence_ranks(bench: Any, build: Any) -> None:
    made = play(bench, build, cpu__busy=0.55, cpu__gone=1.0)
    assert made.causes() == ["cpu.very_busy", "cpu.busy"]
    rules = made.engine.rules.pack.rules
    assert made.engine.confidence(rules["cpu.busy"]) == 0.55
    assert made.engine.confidence(rules["cpu.very_busy"]) == 0.8


def test_suspected_rules_rank_by_it_too(bench: Any, build: Any) -> None:
    held: list[dict[str, object]] = [{**rule, "hold": "60s"} for rule in RULES]
    made = play(bench, lambda *_: build(*held), cpu__busy=0.55)
    assert [finding.rule for finding in made.engine.suspected()] == ["cpu.very_busy", "cpu.busy"]


def test_a_replay_ranks_as_the_call_did(bench: Any, build: Any) -> None:
    made = play(bench, build, cpu__busy=0.55)
    again = replay(made, made.entries)
    assert repr(again.causes()) == repr(made.engine.causes())
    assert repr(list(again.findings().values())) == repr(list(made.engine.findings().values()))


def test_what_a_doubtful_cause_leaves_open_is_asked(build: Any, bench: Any) -> None:
    rules: list[dict[str, object]] = [
        {"id": "x.one", "when": "system.cpu.utilization > 0.9", "confidence": 0.9},
        {"id": "x.two", "when": "ask.a", "confidence": 0.8},
    ]
    library = {
        "questions": "ask.a: {type: bool, text: {en: Q, de: F}}",
        "lexicon": "all: {label: {en: A, de: A}, words: [kaputt], symptoms: ['x.*']}",
    }
    opened: tuple[tuple[dict[str, float], list[str]], ...] = (
        ({}, []),
        ({"x__one": 0.6}, ["ask.a"]),
        ({"x__two": 0.95}, ["ask.a"]),
    )
    for confidences, asked in opened:
        made = play(bench, lambda *_: build(*rules, **library), complaint="kaputt", **confidences)
        assert made.causes() == ["x.one"]
        assert [question.fact for question in made.engine.questions()] == asked
