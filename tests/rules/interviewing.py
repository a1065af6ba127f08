"""Holds the recorded interviews: as the engine asks, or in a fixed order as a questionnaire would."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hotline_collector.engine.complaint import Relevance
from hotline_collector.rulepack.cases import Moment
from hotline_collector.rulepack.play import SECOND, Player
from hotline_proto.catalogue import load_catalogue
from hotline_proto.record import Entry, EntryKind
from hotline_proto.v1 import record_pb2 as rec

from tests.rules.describing import described
from tests.shipped import shipped_rules
from tests.yaml_files import yaml_file

HERE = Path(__file__).parent
FILE = yaml_file(HERE / "interviews.yaml")
HEALTHY = yaml_file(HERE / "scenarios.yaml")["healthy"]
INTERVIEWS: list[dict[str, Any]] = FILE["interviews"]
DONT_KNOW = {"unknown": "declined"}
# Longer than the longest hold of the pack.
LONG_ENOUGH = 70 * SECOND
Next = Callable[[list[str], list[str]], str | None]


pack = shipped_rules


def answers_of(interview: Mapping[str, Any]) -> dict[str, Any]:
    """Return all true answers of a caller."""
    return {**FILE["common"], **interview["answers"]}


@dataclass(frozen=True, slots=True)
class Held:
    """How an interview went: what was asked in this order, and the rules of the causes, first one first."""

    asked: list[str]
    causes: list[str]

    @property
    def seconds(self) -> float:
        """How long asking and answering took, as the questions say."""
        return sum(pack().pack.questions[name].seconds for name in self.asked)


def hold(interview: Mapping[str, Any], choose: Next) -> Held:
    """Hold an interview; `choose` gets what the engine would ask and what was asked, and ends it with None.

    Whatever the record does not say, the caller does not know.
    """
    player = Player(pack(), load_catalogue())
    complaint = rec.ComplaintChanged(complaint=interview["say"]).SerializeToString()
    packs = {pack().pack.digest: pack()}
    player.engine.apply_entry(Entry(EntryKind.COMPLAINT_CHANGED, 1, player.now, complaint), packs)
    if "facts" in interview:
        player.play([described(HEALTHY), described(dict(interview))])
        player.wait(LONG_ENOUGH)
    answers = answers_of(interview)
    asked: list[str] = []
    while (name := choose(_waiting(player), asked)) is not None:
        asked.append(name)
        player.play([_answer(name, answers.get(name, DONT_KNOW))])
        player.wait(SECOND)
    player.wait(LONG_ENOUGH if "facts" in interview else 0)
    return Held(asked, [cause.finding.rule for cause in player.engine.causes()])


def as_the_engine_asks(waiting: list[str], _asked: list[str]) -> str | None:
    """Ask what the engine puts first, until it has nothing more to ask."""
    return waiting[0] if waiting else None


def in_fixed_order(interview: Mapping[str, Any], *, until_decided: bool) -> Next:
    """Return who asks every question of the rules that the complaint names, in the order of the pack.

    With `until_decided` it stops as soon as the engine has nothing more to ask.
    """
    questions = iter(list(questionnaire(interview["say"])))

    def choose(waiting: list[str], _asked: list[str]) -> str | None:
        return None if until_decided and not waiting else next(questions, None)

    return choose


def questionnaire(complaint: str) -> Iterator[str]:
    """Yield the questions of all hazards and of the rules that a complaint names, as the pack orders them."""
    rules, relevance = pack(), Relevance(complaint, pack())
    wanted = {
        key.fact
        for compiled in rules.rules
        if relevance.names(compiled.rule.id) or compiled.rule.hazard
        for key in compiled.variables
    }
    return (name for name in rules.pack.questions if name in wanted)


def _waiting(player: Player) -> list[str]:
    return [state.fact for state in player.engine.questions() if state.answer is None]


def _answer(name: str, value: Any) -> Moment:
    return described({"facts": {name: value}})
