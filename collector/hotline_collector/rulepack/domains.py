"""What values a fact, or a function of one, can take: the ground on which conditions are judged."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from hotline_proto.catalogue import Catalogue, FactSpec

from hotline_collector.engine.cel.tree import Call, Field, ListVar, Local, Node, Var, VarKey, find_spec
from hotline_collector.model.rule import Question

Value = bool | int | float | str
_NEVER_NEGATIVE = ("1", "By", "By/s", "bit/s", "Hz")
# How far from a strict limit a value is put: within the tenth by which mutants move limits.
_NUDGE = 0.05
_OTHER_TEXTS = ("other", "another", "different")


@dataclass(frozen=True, slots=True)
class Domain:
    """The values that are left: `among` a closed set, or else an interval for numbers and any text.

    `whole` is true for integers; `barred` are values that are excluded singly.
    """

    low: float = -math.inf
    high: float = math.inf
    low_open: bool = False
    high_open: bool = False
    whole: bool = False
    among: tuple[Value, ...] | None = None
    barred: frozenset[Value] = frozenset()

    def narrowed(self, operator: str, value: Value) -> Domain:
        """Return the part of the domain that compares to a value as an operator says."""
        if operator == "!=":
            return replace(self, barred=self.barred | {value})
        if isinstance(value, bool | str):
            # The order of texts is not followed.
            return self.only((value,)) if operator == "==" else self
        low, high = (self.low, self.low_open), (self.high, self.high_open)
        if operator in (">", ">=", "=="):
            low = max(low, (value, operator == ">"))
        if operator in ("<", "<=", "=="):
            # An open end is the lower one of two equal upper ends.
            high = min(high, (value, operator == "<"), key=lambda end: (end[0], not end[1]))
        return replace(self, low=low[0], low_open=low[1], high=high[0], high_open=high[1])

    def only(self, values: Iterable[Value]) -> Domain:
        """Return the part of the domain that is one of some values."""
        kept = tuple(value for value in values if value in self)
        return replace(self, among=kept)

    def __contains__(self, value: Value) -> bool:
        if value in self.barred:
            return False
        if self.among is not None and value not in self.among:
            return False
        if isinstance(value, bool | str):
            return True
        above = value > self.low if self.low_open else value >= self.low
        below = value < self.high if self.high_open else value <= self.high
        return above and below and (not self.whole or float(value).is_integer())

    @property
    def empty(self) -> bool:
        """Whether no value is left."""
        if self.among is not None:
            return not any(value in self for value in self.among)
        if self.whole:
            first, last = self._ends()
            # More values than are barred cannot all be barred.
            return last - first < len(self.barred) + 1 and not any(
                first + step in self for step in range(int(last - first) + 1 if last >= first else 0)
            )
        if self.low == self.high:
            return self.low not in self
        return self.low > self.high

    def sample(self, *, high: bool = False, text: bool = False) -> Value:
        """Return a value: close to the lower limit if there is one, or to the upper one with `high`.

        Raises:
            ValueError: no value is left.
        """
        candidates: Iterable[Value]
        if self.among is not None:
            candidates = self.among
        elif text:
            candidates = _OTHER_TEXTS
        else:
            candidates = self._numbers(high)
        for value in candidates:
            if value in self:
                return value
        raise ValueError("no value is left")

    def _ends(self) -> tuple[float, float]:
        first = math.floor(self.low) + 1 if self.low_open else self.low
        last = math.ceil(self.high) - 1 if self.high_open else self.high
        return (
            math.ceil(first) if math.isfinite(first) else first,
            math.floor(last) if math.isfinite(last) else last,
        )

    def _numbers(self, high: bool) -> Iterable[Value]:
        near, sign = (self.high, -1) if high else (self.low, 1)
        if not math.isfinite(near):
            near, sign = (self.low, 1) if high else (self.high, -1)
        if not math.isfinite(near):
            near, sign = 0.0, 1
        if self.whole:
            start = math.ceil(near) if sign > 0 else math.floor(near)
            yield from (start + sign * step for step in range(len(self.barred) + 2))
            return
        yield round(near, 12)
        for size in (_NUDGE * abs(near), _NUDGE, 1.0):
            yield round(near + sign * size, 12)
        if math.isfinite(self.low) and math.isfinite(self.high):
            yield (self.low + self.high) / 2


TRUTH = Domain(among=(False, True))
_COUNT = Domain(low=0, whole=True)


class Domains:
    """Knows the domain of every part of a condition that has a value of its own."""

    def __init__(self, catalogue: Catalogue, questions: Mapping[str, Question]) -> None:
        self.catalogue = catalogue
        self._questions = questions

    def of(self, node: Node) -> Domain:
        """Return the domain of a fact, a function of one, a size or any other part that is true or false.

        The field of a list element is written `Field(Local(KIND), short)`.
        """
        match node:
            case Var(key):
                return self._variable(key)
            case Field(Local(kind), short):
                spec = self.field(kind, short)
                return _of_spec(spec) if spec else Domain()
            case Call("size", (ListVar(),)):
                return _COUNT
            case _:
                return TRUTH

    def field(self, kind: str, short: str) -> FactSpec | None:
        """Return the catalogue's entry of an entity's fact, None for its key."""
        return next((f for f in self.catalogue.facts_of_entity.get(kind, ()) if f.short == short), None)

    def spec(self, node: Node) -> FactSpec | None:
        """Return the catalogue's entry of the fact that a part is about, None if there is none."""
        match node:
            case Var(key):
                return find_spec(self.catalogue, key)
            case Field(Local(kind), short):
                return self.field(kind, short)
            case _:
                return None

    def question(self, node: Node) -> Question | None:
        """Return the question whose answer a part of a condition is, None if it is no answer."""
        if isinstance(node, Var) and not node.key.kind:
            return self._questions.get(node.key.fact)
        return None

    def is_text(self, node: Node) -> bool:
        """Tell whether a part of a condition is a text."""
        question = self.question(node)
        if question is not None:
            return question.type == "text"
        spec = self.spec(node)
        return spec is not None and spec.type == "text"

    def _variable(self, key: VarKey) -> Domain:
        match key.function:
            case "known" | "changed":
                return TRUTH
            case "count":
                return _COUNT
            case "age":
                return Domain(low=0.0)
            case "rate":
                return Domain()
        spec = find_spec(self.catalogue, key)
        if spec is not None:
            return replace(_of_spec(spec), whole=spec.type == "int" and not key.function)
        question = None if key.kind else self._questions.get(key.fact)
        if question is None:
            return Domain()
        if question.type == "bool":
            return TRUTH
        return Domain(among=tuple(question.values) or None)


def _of_spec(spec: FactSpec) -> Domain:
    match spec.type:
        case "bool":
            return TRUTH
        case "text":
            return Domain(among=spec.values or None)
        case _:
            never_negative = spec.unit in _NEVER_NEGATIVE or spec.unit.startswith("{")
            low = 0.0 if never_negative else -math.inf
            high = 1.0 if spec.unit == "1" else math.inf
            return Domain(low=low, high=high, whole=spec.type == "int")
