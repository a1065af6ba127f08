"""Synthetic rules over 100 facts, the same for the engine and for all it is held against.

Of the 100 facts 84 are numbers, 12 texts and 4 bools; a fifth belongs to four entities. A rule compares
two numbers with constants, and 70 % of the rules one text or bool as well; every tenth rule is `for_each`
entity. A snapshot changes ten facts.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from hotline_collector.engine.ruleset import RuleSet
from hotline_collector.model.rule import Pack, Rule, Text
from hotline_proto.catalogue import Catalogue, EntityKind, FactSpec, FactType, SourceSpec
from hotline_proto.facts import Fact, SourceRun, SourceStatus
from hotline_proto.wire import ReadingEncoder
from hotline_proto.wording import Words

CHANGED = 10
SECOND = 1_000_000
HOLD = 30 * SECOND
UNITS = ("a", "b", "c", "d")
WORDS = ("north", "south", "east", "west")
_KIND = "unit"
_SOURCES = 5
# What one of the four plain sources tells, and what the fifth tells of each entity.
_NUMBERS: Mapping[FactType, int] = {"double": 12, "int": 5, "text": 2, "bool": 1}
_PLAIN: Sequence[FactType] = tuple(kind for kind, number in _NUMBERS.items() for _ in range(number))
_OF_UNIT: Sequence[FactType] = ("double", "double", "double", "int", "text")
# Every 20th snapshot of slowly moving gauges one text or bool changes too: states change seldom.
_STATE_CHANGE = 20

Movement = Literal["walk", "jump"]
Value = float | int | str | bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """A fact compared with a constant; `of_unit` tells facts of the bound entity from facts of the target."""

    fact: str
    of_unit: bool
    op: str
    constant: Value


@dataclass(frozen=True, slots=True)
class SyntheticRule:
    """A conjunction of comparisons, on the target or on each entity."""

    id: str
    for_each: bool
    comparisons: tuple[Comparison, ...]


@dataclass(frozen=True, slots=True)
class FlatRule:
    """A rule on one entity with the facts by the names that a snapshot uses; label as in a match set."""

    label: tuple[str, str]
    comparisons: tuple[tuple[str, str, Value], ...]


def flat_name(fact: str, unit: str = "") -> str:
    """Return the name of a fact in a snapshot: an identifier in every language compared here."""
    return f"{fact}_{unit}".replace(".", "_") if unit else fact.replace(".", "_")


class World:
    """100 facts that move, and rules over them."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self.catalogue = _catalogue()
        self.values: dict[str, Value] = {}
        self._facts: dict[str, tuple[FactSpec, str]] = {}
        for spec in self.catalogue.facts.values():
            for unit in UNITS if spec.entity else ("",):
                name = flat_name(spec.name, unit)
                self._facts[name] = spec, unit
                self.values[name] = self._new_value(spec)
        self._gauges = [name for name, (spec, _) in self._facts.items() if _is_number(spec)]
        self._states = [name for name in self._facts if name not in self._gauges]

    def place(self, name: str) -> tuple[str, str, str]:
        """Return entity kind, entity key and short name of a fact of a snapshot."""
        spec, unit = self._facts[name]
        return spec.entity, unit, spec.short

    def fact(self, name: str) -> str:
        """Return the catalogue's name of a fact of a snapshot."""
        return self._facts[name][0].name

    # ---- rules ------------------------------------------------------------------------------------
    def rules(self, count: int) -> list[SyntheticRule]:
        """Return so many rules."""
        plain = [spec for spec in self.catalogue.facts.values() if not spec.entity]
        bound = [spec for spec in self.catalogue.facts.values() if spec.entity]
        return [self._rule(f"bench.r{n}", n % 10 == 9, plain, bound) for n in range(count)]

    def _rule(
        self, name: str, for_each: bool, plain: Sequence[FactSpec], bound: Sequence[FactSpec]
    ) -> SyntheticRule:
        # A rule on an entity looks at one number of the entity and at one of the target.
        pools = (bound, plain) if for_each else (plain, plain)
        first, second = (self._random.choice([s for s in pool if _is_number(s)]) for pool in pools)
        comparisons = [self._threshold(first), self._threshold(second)]
        if self._random.random() < 0.7:
            state = self._random.choice([s for s in pools[0] if not _is_number(s)])
            value = self._random.choice(WORDS) if state.type == "text" else self._random.random() < 0.5
            comparisons.append(Comparison(state.name, bool(state.entity), "==", value))
        return SyntheticRule(name, for_each, tuple(comparisons))

    def _threshold(self, spec: FactSpec) -> Comparison:
        constant = self._random.uniform(0, 100)
        value = round(constant) if spec.type == "int" else round(constant, 3)
        return Comparison(spec.name, bool(spec.entity), self._random.choice("<>"), value)

    # ---- movement ---------------------------------------------------------------------------------
    def snapshots(self, count: int, movement: Movement) -> Iterator[dict[str, Value]]:
        """Move on and yield what changed, ten facts each time; `values` holds the whole state."""
        for number in range(1, count + 1):
            change = dict(self._changes(number, movement))
            self.values.update(change)
            yield change

    def _changes(self, number: int, movement: Movement) -> Iterator[tuple[str, Value]]:
        if movement == "jump":
            for name in self._random.sample(sorted(self.values), CHANGED):
                yield name, self._new_value(self._facts[name][0])
            return
        states = 1 if number % _STATE_CHANGE == 0 else 0
        for name in self._random.sample(self._states, states):
            yield name, self._new_value(self._facts[name][0])
        for name in self._random.sample(self._gauges, CHANGED - states):
            yield name, self._moved(name)

    def _moved(self, name: str) -> Value:
        moved = min(100.0, max(0.0, float(self.values[name]) + self._random.gauss(0, 2)))
        return round(moved) if self._facts[name][0].type == "int" else moved

    def _new_value(self, spec: FactSpec) -> Value:
        match spec.type:
            case "text":
                return self._random.choice(WORDS)
            case "bool":
                return self._random.random() < 0.5
            case "int":
                return self._random.randint(0, 100)
            case _:
                return self._random.uniform(0, 100)

    # ---- on the wire ------------------------------------------------------------------------------
    def runs(self, at: float) -> list[SourceRun]:
        """Return the state as runs of all sources."""
        told: dict[str, list[Fact]] = {name: [] for name in self.catalogue.sources}
        for name, (spec, unit) in self._facts.items():
            told[spec.source].append(Fact(spec.name, self.values[name], unit))
        return [SourceRun(source, SourceStatus.OK, at, 0.001, facts) for source, facts in told.items()]


def frames(
    world: World, count: int, movement: Movement, step: float = 1.0
) -> tuple[list[bytes], list[dict[str, Value]]]:
    """Move a world `count` times, every `step` seconds; return the frames that tell so, and what changed.

    The first two frames are the announcement and the first reading.
    """
    encoder = ReadingEncoder(world.catalogue)
    out, changes = encoder.encode(world.runs(0.0), 0.0), []
    for number, change in enumerate(world.snapshots(count, movement), 1):
        out += encoder.encode(world.runs(number * step), number * step)
        changes.append(change)
    for seq, frame in enumerate(out, 1):
        frame.seq = seq
    return [frame.SerializeToString() for frame in out], changes


def rule_set(catalogue: Catalogue, rules: Iterable[SyntheticRule]) -> RuleSet:
    """Return the rules as the engine takes them."""
    pack = Pack("bench", "1", "bench", {rule.id: _packed(rule) for rule in rules}, {}, ())
    return RuleSet(pack, catalogue)


def flat_rules(rules: Iterable[SyntheticRule]) -> list[FlatRule]:
    """Return the rules once for each entity that they bind, for engines that know no entities."""
    out = []
    for rule in rules:
        for unit in UNITS if rule.for_each else ("",):
            parts = tuple(
                (flat_name(c.fact, unit if c.of_unit else ""), c.op, c.constant) for c in rule.comparisons
            )
            out.append(FlatRule((rule.id, unit), parts))
    return out


def _packed(rule: SyntheticRule) -> Rule:
    text = Text("A fault", "Ein Fehler")
    return Rule(
        id=rule.id,
        status="stable",
        severity="warning",
        title=text,
        symptom=text,
        for_each=_KIND if rule.for_each else "",
        when=" && ".join(map(_cel, rule.comparisons)),
        hold=HOLD,
        release=0,
        confidence=0.5,
        explains=(),
        look_alikes={},
        ask=(),
        hazard=False,
        fixes=(),
        verify_within=10 * SECOND,
        verify_expect="",
        references=(),
    )


def _cel(comparison: Comparison) -> str:
    name = comparison.fact.replace("bench.unit.", f"{_KIND}.") if comparison.of_unit else comparison.fact
    return f"{name} {comparison.op} {literal(comparison.constant)}"


def literal(value: Value) -> str:
    """Return a constant as CEL, CLIPS' neighbours and most others write it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return f'"{value}"' if isinstance(value, str) else repr(value)


def _is_number(spec: FactSpec) -> bool:
    return spec.type in ("double", "int")


def _catalogue() -> Catalogue:
    names = [f"s{n}" for n in range(_SOURCES)]
    sources = {
        name: SourceSpec(name, {"en": name, "de": name}, 1.0, 1.0, 5.0, "cheap", ("linux",), False, 0.0)
        for name in names
    }
    kind = EntityKind(_KIND, "units", "bench.unit", names[-1], Words("a part", "ein Teil"), {})
    facts = [_fact(f"bench.{s}.{t}{n}", t, s, "") for s in names[:-1] for n, t in enumerate(_PLAIN)]
    facts += [_fact(f"bench.unit.{t}{n}", t, names[-1], _KIND) for n, t in enumerate(_OF_UNIT)]
    freeze = MappingProxyType
    return Catalogue(
        freeze(sources), freeze({_KIND: kind}), freeze({f.name: f for f in facts}), freeze({}), "bench"
    )


def _fact(name: str, type_: FactType, source: str, entity: str) -> FactSpec:
    short = name.removeprefix("bench.unit.") if entity else name
    return FactSpec(
        name,
        type_,
        "",
        source,
        entity,
        short,
        ("linux",),
        "public",
        (),
        {},
        Words("synthetic", "künstlich"),
        False,
    )
