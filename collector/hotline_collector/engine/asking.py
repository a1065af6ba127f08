"""Asking well: what is expected to decide most about the cause per second of the call.

The causes that are still open are hypotheses with a weight each; a question or a source that has not run
is worth the `information` that its outcome carries about them, divided by the seconds it takes. A rule that
could not come to lead the causes any more is no hypothesis, so what cannot change the first cause is not
asked, and nothing is once one cause stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from hotline_proto.facts import UnknownReason

from hotline_collector.engine import outcomes
from hotline_collector.engine.cel.tree import VarKey
from hotline_collector.engine.circuit import TRUE
from hotline_collector.engine.complaint import Relevance
from hotline_collector.engine.information import information
from hotline_collector.engine.inquiry import COST_SECONDS, depends_on, missing_unit, missing_units
from hotline_collector.engine.instance import Instance
from hotline_collector.engine.outcomes import Hypothesis
from hotline_collector.engine.ranking import entity_relevance
from hotline_collector.engine.ruleset import RuleSet
from hotline_collector.model.finding import Cause, FindingState, Missing
from hotline_collector.model.rule import SEVERITY_RANK, Rule

_QUESTION = "question:"
_SOURCE = "source:"
# Reasons that end by themselves.
_COMING = (UnknownReason.PENDING, UnknownReason.STALE)


@dataclass(frozen=True, slots=True)
class Option:
    """A question to a human or a run of a source, and what it is worth.

    `gain` is the share of the uncertainty about the cause that it is expected to remove, 0 to 1.
    """

    name: str
    gain: float
    seconds: float
    rules: tuple[str, ...]

    @property
    def rate(self) -> float:
        """Gain per second of the call."""
        return self.gain / self.seconds


@dataclass(slots=True)
class Options:
    """What could be asked now, best first."""

    questions: list[Option] = field(default_factory=list)
    sources: list[Option] = field(default_factory=list)


class Situation(NamedTuple):
    """What is known when the next question is chosen.

    `confidence` tells how sure a rule is, `standing` is the first relevant cause, `present` the rules of all
    findings that hold.
    """

    rules: RuleSet
    relevance: Relevance
    confidence: Callable[[Rule], float]
    standing: Cause | None
    present: frozenset[str]


def is_open(instance: Instance, relevance: Relevance) -> bool:
    """Tell whether an undecided rule is suspected or named by the complaint: asking may be worth it."""
    finding = instance.findings.get(instance.path)
    suspected = finding is not None and finding.state is FindingState.SUSPECTED
    return suspected or relevance.names(instance.compiled.rule.id)


def options(instances: Iterable[Instance], now: Situation) -> Options:
    """Return what is worth asking about open rules of one target, most information per second first."""
    ordered = sorted(instances, key=_place)
    hypotheses = [h for instance in ordered if (h := _hypothesis(instance, now)) is not None]
    names = sorted({name for hypothesis in hypotheses for name in hypothesis.waits})
    out = Options()
    for waits in names:
        if waits.startswith(_QUESTION):
            question = now.rules.pack.questions[waits.removeprefix(_QUESTION)]
            chances = outcomes.of_answers(hypotheses, [h for h in hypotheses if waits in h.waits], question)
            out.questions.append(_option(question.fact, hypotheses, waits, question.seconds, chances))
        else:
            source = now.rules.catalogue.sources[waits.removeprefix(_SOURCE)]
            chances = outcomes.of_run(hypotheses, waits)
            out.sources.append(_option(source.name, hypotheses, waits, COST_SECONDS[source.cost], chances))
    for found in (out.questions, out.sources):
        found.sort(key=lambda option: (-option.rate, option.seconds, option.name))
    return out


def _place(instance: Instance) -> tuple[str, str]:
    return instance.compiled.rule.id, instance.entity.key if instance.entity else ""


def _hypothesis(instance: Instance, now: Situation) -> Hypothesis | None:
    """Return an open rule if it could come to lead the causes."""
    if not _could_lead(instance, now):
        return None
    missing = {
        unit: missing_unit(unit, instance.target, instance.entity, now.rules)
        for unit in missing_units(instance)
    }
    waits = frozenset(item.settle for item in missing.values() if _can_be_had(item, now.rules))
    lost = [u for u, item in missing.items() if item.settle not in waits and item.reason not in _COMING]
    if not waits or not _could_hold(instance, lost):
        return None
    for_more = any(item.settle not in waits for item in missing.values())
    return Hypothesis(instance, _weight(instance, now), waits, for_more)


def _can_be_had(item: Missing, rules: RuleSet) -> bool:
    """Tell whether a missing fact comes only if somebody asks for it; all others come by themselves."""
    if item.settle.startswith(_QUESTION):
        # Whoever did not know the answer is not asked again.
        return item.reason is not UnknownReason.DECLINED
    source = rules.catalogue.sources.get(item.settle.removeprefix(_SOURCE))
    return (
        source is not None
        and item.reason is UnknownReason.NOT_COLLECTED
        and source.interval == 0
        and bool(source.platforms)
    )


def _could_hold(instance: Instance, lost: Sequence[VarKey | str]) -> bool:
    """Tell whether a rule would hold if everything turned out so that is not lost for good."""
    circuit = instance.compiled.circuit

    def may_turn_out(leaf: int) -> bool:
        return not any(depends_on(circuit.leaves[leaf], unit) for unit in lost)

    return circuit.evaluate(instance.states, may_turn_out) == TRUE


def _could_lead(instance: Instance, now: Situation) -> bool:
    """Tell whether a rule, if it held, would explain the first cause or come before it."""
    if now.standing is None:
        return True
    rule, first = instance.compiled.rule, now.standing.finding.rule
    below = now.rules.explained_by.get(rule.id, frozenset())
    if first in below:
        return True
    if rule.id in now.rules.explained_by.get(first, frozenset()):
        return False
    own = entity_relevance(instance.entity_ref, rule.id, now.relevance)
    symptoms = (now.relevance.of(name) for name in below & now.present)
    score = (
        float(rule.hazard),
        1.0,
        float(max((own, *symptoms))),
        float(SEVERITY_RANK[rule.severity]),
        now.confidence(rule),
    )
    return score > now.standing.score[: len(score)]


def _weight(instance: Instance, now: Situation) -> float:
    rule = instance.compiled.rule
    leaves = len(instance.compiled.circuit.leaves)
    supported = sum(instance.states[leaf] == TRUE for leaf in range(leaves))
    closeness = (1 + supported) / (1 + leaves)
    return now.confidence(rule) * (1 + now.relevance.of(rule.id)) * closeness


def _option(
    name: str,
    hypotheses: Sequence[Hypothesis],
    waits: str,
    seconds: float,
    chances: Sequence[Sequence[float]],
) -> Option:
    gain = information([h.weight for h in hypotheses], chances)
    return Option(name, gain, seconds, tuple(sorted({h.rule for h in hypotheses if waits in h.waits})))
