"""The cases of rules: read, typed by the catalogue, and played through the real codec and engine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from hotline_proto.catalogue import Catalogue, FactSpec
from hotline_proto.facts import Events, FactValue, UnknownReason

from hotline_collector.engine.cel.quantity import QuantityError, parse_quantity
from hotline_collector.rulepack import schema
from hotline_collector.rulepack.document import Document, Path
from hotline_collector.rulepack.forms import parse_form

CaseKind = Literal["fires", "silent", "unknown", "after_fix"]
KINDS: tuple[CaseKind, ...] = ("fires", "silent", "unknown", "after_fix")
FactName = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Moment:
    """What is measured `after` µs: values by (fact, entity key), and the kinds whose list is reported."""

    after: int
    values: dict[FactName, FactValue]
    kinds: tuple[str, ...]
    path: str


@dataclass(frozen=True, slots=True)
class Case:
    """One case of a rule."""

    kind: CaseKind
    name: str
    entity: str
    suspected: bool | None
    moments: tuple[Moment, ...]
    path: Path


def read_cases(document: Document, catalogue: Catalogue, questions: frozenset[str]) -> list[Case]:
    """Return the cases of a document; what is wrong is added to its faults."""
    form = parse_form(document, schema.CasesForm, document.data)
    if form is None:
        return []
    reader = _CaseReader(document, catalogue, questions)
    return [case for index, item in enumerate(form.cases) if (case := reader.read(item, ("cases", index)))]


class _CaseReader:
    def __init__(self, document: Document, catalogue: Catalogue, questions: frozenset[str]) -> None:
        self._document = document
        self._catalogue = catalogue
        self._questions = questions

    def read(self, form: schema.CaseForm, path: Path) -> Case | None:
        named: list[tuple[CaseKind, str]] = [
            (kind, getattr(form, kind)) for kind in KINDS if getattr(form, kind)
        ]
        if len(named) != 1:
            self._fault(path, f"a case is named by exactly one of {', '.join(KINDS)}")
            return None
        kind, name = named[0]
        if form.suspected is not None and kind != "unknown":
            self._fault(path, "only an unknown case says whether it is suspected")
        steps = form.sequence or [form]
        moments = []
        for index, step in enumerate(steps):
            where = (*path, "sequence", index) if form.sequence else path
            moments.append(self._moment(step, where))
        return Case(kind, name, form.entity, form.suspected, tuple(moments), path)

    def _moment(self, step: schema.CaseStep, path: Path) -> Moment:
        values: dict[FactName, FactValue] = {}
        for name, raw in step.facts.items():
            self._put(values, name, "", raw, (*path, "facts", name))
        for kind, entities in step.entities.items():
            where = (*path, "entities", kind)
            if kind not in self._catalogue.entities:
                self._fault(where, f"there are no entities of kind {kind}")
                continue
            prefix = self._catalogue.entities[kind].prefix
            for key, facts in entities.items():
                for short, raw in facts.items():
                    self._put(values, f"{prefix}.{short}", key, raw, (*where, key, short))
        return Moment(step.after, values, tuple(step.entities), step.path)

    def _put(
        self, out: dict[FactName, FactValue], name: str, key: str, raw: schema.Value, path: Path
    ) -> None:
        spec = self._catalogue.facts.get(name)
        if spec is None and name not in self._questions:
            self._fault(path, f"unknown fact {name}")
            return
        if spec is not None and bool(spec.entity) != bool(key):
            self._fault(path, f"{name} is a fact of {spec.entity or 'the target'}")
            return
        try:
            out[(name, key)] = typed_value(raw, spec)
        except ValueError as error:
            self._fault(path, f"{name}: {error}")

    def _fault(self, path: Path, message: str) -> None:
        self._document.faults.append(self._document.fault(path, message))


def typed_value(raw: schema.Value, spec: FactSpec | None) -> FactValue:
    """Return a value as the catalogue types it; without an entry (a question) it stays as it is.

    Raises:
        ValueError: it does not fit; the message says what would.
    """
    if isinstance(raw, dict):
        return _unknown(raw)
    if spec is None:
        if isinstance(raw, float | int) and not isinstance(raw, bool):
            raise ValueError("an answer is true, false or a text")
        return raw
    match spec.type:
        case "bool":
            if not isinstance(raw, bool):
                raise ValueError("must be true or false")
            return raw
        case "int":
            if isinstance(raw, bool) or not isinstance(raw, int):
                raise ValueError("must be a whole number")
            return raw
        case "events":
            if isinstance(raw, bool) or not isinstance(raw, int) or raw < 0:
                raise ValueError("must be a number of events")
            return Events(0.0 for _ in range(raw))
        case "double":
            return _number(raw, spec.unit)
        case _:
            if spec.values and raw not in spec.values:
                raise ValueError(f"must be one of {', '.join(spec.values)}")
            return str(raw)


def _unknown(raw: dict[str, str]) -> UnknownReason:
    words = {reason.word: reason for reason in UnknownReason}
    if set(raw) != {"unknown"} or raw["unknown"] not in words:
        raise ValueError(f"write {{unknown: REASON}} with one of {', '.join(words)}")
    return words[raw["unknown"]]


def _number(raw: bool | int | float | str, unit: str) -> float:
    if isinstance(raw, bool):
        raise ValueError("must be a number")
    if isinstance(raw, int | float):
        return float(raw)
    try:
        quantity = parse_quantity(raw)
    except QuantityError as error:
        raise ValueError(str(error)) from error
    if quantity.unit != (unit or "1"):
        raise ValueError(f"must be in {unit or '1'}, not in {quantity.unit}")
    return quantity.value


def missing_kinds(cases: list[Case]) -> Iterator[str]:
    """Yield the kinds of case that a rule still lacks."""
    present = {case.kind for case in cases}
    yield from (kind for kind in KINDS if kind not in present)
