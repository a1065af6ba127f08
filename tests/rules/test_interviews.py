"""Callers who answer questions: what is asked can be answered, and in the end the first cause is right."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import hotline_rules
import pytest
import yaml
from hotline_collector.engine.ruleset import RuleSet
from hotline_collector.rulepack.cases import Moment
from hotline_collector.rulepack.loader import load_folder
from hotline_collector.rulepack.play import SECOND, Player
from hotline_proto.catalogue import load_catalogue
from hotline_proto.record import Entry, EntryKind
from hotline_proto.v1 import record_pb2 as rec

HERE = Path(__file__).parent
FILE = yaml.safe_load((HERE / "interviews.yaml").read_text(encoding="utf-8"))
HEALTHY = yaml.safe_load((HERE / "scenarios.yaml").read_text(encoding="utf-8"))["healthy"]
INTERVIEWS = FILE["interviews"]
# Longer than the longest hold of the pack.
LONG_ENOUGH = 70 * SECOND
DONT_KNOW = {"unknown": "declined"}
Describe = Callable[[dict[str, Any]], Moment]
every_interview = pytest.mark.parametrize("interview", INTERVIEWS, ids=lambda interview: interview["say"])


@cache
def _pack() -> RuleSet:
    return load_folder(Path(hotline_rules.__file__).parent, load_catalogue())


def _answers(interview: dict[str, Any]) -> dict[str, Any]:
    return {**FILE["common"], **interview["answers"]}


@every_interview
def test_answers_are_possible(interview: dict[str, Any]) -> None:
    assert interview["cause"] in _pack().by_id
    for name, answer in _answers(interview).items():
        question = _pack().pack.questions[name]
        if answer == DONT_KNOW:
            continue
        if question.type == "bool":
            assert isinstance(answer, bool), name
        else:
            assert answer in question.values or not question.values, name


@every_interview
def test_answers_lead_to_the_cause(interview: dict[str, Any], moment: Describe) -> None:
    player = Player(_pack(), load_catalogue())
    complaint = rec.ComplaintChanged(complaint=interview["say"]).SerializeToString()
    packs = {_pack().pack.digest: _pack()}
    player.engine.apply_entry(Entry(EntryKind.COMPLAINT_CHANGED, 1, player.now, complaint), packs)
    if "facts" in interview:
        player.play([moment(HEALTHY), moment(interview)])
        player.wait(LONG_ENOUGH)
    answers = _answers(interview)
    asked: list[str] = []
    while waiting := [state.fact for state in player.engine.questions() if state.answer is None]:
        asked.append(waiting[0])
        assert waiting[0] in answers, f"asked {asked}"
        assert asked.count(waiting[0]) == 1, f"asked {asked}"
        player.play([moment({"facts": {waiting[0]: answers[waiting[0]]}})])
        player.wait(SECOND)
    player.wait(LONG_ENOUGH if "facts" in interview else 0)
    assert [cause.finding.rule for cause in player.engine.causes()][:1] == [interview["cause"]], asked


def test_no_two_callers_say_the_same() -> None:
    said = sorted(interview["say"] for interview in INTERVIEWS)
    assert [one for one, other in pairwise(said) if one == other] == []
    assert len(said) >= 24
