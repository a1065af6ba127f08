"""What answers say about the end of a call for which no check was named."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass

from hotline_collector.engine.complaint import Relevance
from hotline_collector.engine.instance import Instance
from hotline_collector.engine.lifecycle import Lifecycle
from hotline_collector.engine.verification import look_again, questions_of
from hotline_collector.model.finding import Finding, FindingState

_FOUND = frozenset({FindingState.ACTIVE, FindingState.CLEARING, FindingState.CLEARED})


@dataclass(frozen=True, slots=True)
class Bearing:
    """Whether answers bear out that the complaint is gone, and if not, the questions whose answers would."""

    out: bool
    questions: tuple[str, ...] = ()


def bearing(
    lifecycle: Lifecycle, relevance: Relevance, answered: Container[str], since: int, now: int
) -> Bearing:
    """Judge what was answered, and what holds by facts measured since a time, mostly that of the last fix.

    Answers count that the proof of a cause asks for which has to do with the complaint, if they and all else
    that this proof wants to see hold. While no such cause is active, an answer to the complaint's own first
    question counts as well. What rules out a hazard says nothing about the complaint.
    """
    questions = lifecycle.rules.pack.questions
    found = [each for each in lifecycle.findings.values() if _concerns(each, relevance)]
    wanted: dict[str, None] = {}
    for finding in found:
        instance = lifecycle.owners[finding.id]
        asked = questions_of(instance.compiled, questions)
        if asked and _is_gone(finding, instance, max(since, finding.onset), now):
            return Bearing(True)
        wanted.update(dict.fromkeys(asked))
    if not any(finding.state is FindingState.ACTIVE for finding in found):
        first = [entry.first_question for entry in relevance.entries if entry.first_question in questions]
        own = [name for name in first if not questions[name].hazard]
        if any(name in answered for name in own):
            return Bearing(True)
        wanted.update(dict.fromkeys(own))
    return Bearing(False, tuple(wanted))


def _concerns(finding: Finding, relevance: Relevance) -> bool:
    return finding.state in _FOUND and relevance.of(finding.rule) > 0


def _is_gone(finding: Finding, instance: Instance, since: int, now: int) -> bool:
    fault, cured = look_again(finding, instance, since, now)
    return cured is True and fault is not True
