"""How likely each outcome of a question or a run is, if one rule or another turns out to hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from hotline_collector.engine.cel.evaluate import View
from hotline_collector.engine.cel.tree import Const, VarKey, children
from hotline_collector.engine.circuit import FALSE, TRUE, Leaf
from hotline_collector.engine.instance import Instance
from hotline_collector.model.rule import Question

_OTHER = "\0other"


class Hypothesis(NamedTuple):
    """A rule that may turn out to hold, the questions and sources that it waits for, and whether for more."""

    instance: Instance
    weight: float
    waits: frozenset[str]
    for_more: bool

    @property
    def rule(self) -> str:
        """The rule's id."""
        return self.instance.compiled.rule.id


def of_answers(
    hypotheses: Sequence[Hypothesis], concerned: Sequence[Hypothesis], question: Question
) -> list[list[float]]:
    """Return for each hypothesis, and for none of them, how likely each answer is if it is true."""
    key = VarKey("", question.fact)
    values = _values(question, concerned, key)
    outcome = {id(h): [_under(h.instance, key, value) for value in values] for h in concerned}
    sure = [any(results[i] == TRUE for results in outcome.values()) for i in range(len(values))]
    everything = [True] * len(values)
    return [
        *(_spread([result != FALSE for result in outcome.get(id(h), ())] or everything) for h in hypotheses),
        _spread([not taken for taken in sure]),
    ]


def _values(question: Question, concerned: Iterable[Hypothesis], key: VarKey) -> list[Any]:
    if question.type == "bool":
        return [True, False]
    if question.values:
        return list(question.values)
    named = {
        value
        for h in concerned
        for leaf in h.instance.compiled.circuit.leaves
        if key in leaf.variables
        for value in _texts(leaf)
    }
    return [*sorted(named), _OTHER]


def _texts(leaf: Leaf) -> Iterator[str]:
    waiting = [leaf.node]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Const) and isinstance(node.value, str):
            yield node.value
        waiting.extend(children(node))


class _Supposed:
    """What a condition sees when one fact had a certain value."""

    __slots__ = ("_key", "_value", "_view")

    def __init__(self, view: View, key: VarKey, value: Any) -> None:
        self._view = view
        self._key = key
        self._value = value

    def value(self, key: VarKey) -> Any:
        return self._value if key == self._key else self._view.value(key)

    def elements(self, kind: str) -> Any:
        return self._view.elements(kind)


def _under(instance: Instance, key: VarKey, value: Any) -> int:
    """Return the state of a rule if a fact had a value."""
    circuit = instance.compiled.circuit
    states = bytearray(instance.states)
    view = _Supposed(instance.view, key, value)
    for index, leaf in enumerate(circuit.leaves):
        if key in leaf.variables:
            states[index] = leaf.state(leaf.evaluator(view, {}))
    return circuit.evaluate(states, lambda _leaf: False)


def of_run(hypotheses: Sequence[Hypothesis], waits: str) -> list[list[float]]:
    """Return how likely each outcome of a run is: it points at one of the rules that wait, or at none.

    What values it will bring is not known, so a run that finds what a rule waits for counts as one outcome.
    """
    asked = [h for h in hypotheses if waits in h.waits]
    count = len(asked) + 1
    rows = []
    for h in hypotheses:
        row = [0.0] * count
        if waits not in h.waits:
            row[-1] = 1.0
        elif h.waits == {waits} and not h.for_more:
            row[asked.index(h)] = 1.0
        else:
            # Other facts are missing too, so the run alone may leave it open.
            row[asked.index(h)] = row[-1] = 0.5
        rows.append(row)
    return [*rows, [0.0] * (count - 1) + [1.0]]


def _spread(possible: Sequence[bool]) -> list[float]:
    """Return equal chances for what is possible; if nothing is, for everything."""
    chosen = possible if any(possible) else [True] * len(possible)
    share = 1 / sum(chosen)
    return [share if taken else 0.0 for taken in chosen]
