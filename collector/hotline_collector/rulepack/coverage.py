"""What a pack can see at all: facts that nothing produces, rules that can never fire, facts nobody uses.

Where a fact can come from is what the catalogue says of its source and platforms; that the probe's sources
keep to that is what its conformance tests are for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from hotline_proto.catalogue import OWN_KEY, Catalogue, FactSpec, SourceSpec

from hotline_collector.engine.cel.tree import ListVar, Node, Var, find_spec, walk
from hotline_collector.engine.ruleset import RuleSet
from hotline_collector.rulepack.clauses import named_fields
from hotline_collector.rulepack.domains import Domains
from hotline_collector.rulepack.solving import Goal, Solver


@dataclass(frozen=True, slots=True)
class Dead:
    """A rule that can never fire, and the facts that it would need."""

    rule: str
    status: str
    lacks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where facts come from; `has` tells of a source and the platforms of a fact, or its own, if it is there.

    With `answers` there is somebody who can be asked.
    """

    name: str
    has: Callable[[SourceSpec, tuple[str, ...]], bool]
    answers: bool = False


@dataclass(frozen=True, slots=True)
class Coverage:
    """What can be seen: numbers of rules, `dead` ones by origin, facts that no rule uses by their source."""

    rules: int
    stable: int
    unproducible: tuple[str, ...]
    unused: Mapping[str, tuple[str, ...]]
    dead: Mapping[str, tuple[Dead, ...]]

    @property
    def nowhere(self) -> tuple[Dead, ...]:
        """The rules that can fire from none of the origins."""
        first, *others = self.dead.values()
        ids = [{dead.rule for dead in rules} for rules in others]
        return tuple(dead for dead in first if all(dead.rule in other for other in ids))

    def fires(self, origin: str = "") -> int:
        """Return how many stable rules can fire from an origin, or from any."""
        dead = self.dead[origin] if origin else self.nowhere
        return self.stable - sum(rule.status == "stable" for rule in dead)


def platforms(catalogue: Catalogue) -> list[str]:
    """Return the platforms that any source runs on, in the catalogue's order."""
    return list(dict.fromkeys(name for source in catalogue.sources.values() for name in source.platforms))


def origins(catalogue: Catalogue) -> list[Origin]:
    """Return computers by platform and devices, with what humans know besides; then what may come alone."""
    known = platforms(catalogue)
    return [
        *(Origin(name, _computer(name), answers=True) for name in known),
        Origin("devices over SSH", _device, answers=True),
        Origin("answers alone", lambda _source, _on: False, answers=True),
        Origin("the operator's facts alone", lambda source, _on: source.name == "operator"),
        Origin("a bundle alone", lambda source, on: bool(on) and source.devices != "only"),
    ]


def _computer(platform: str) -> Callable[[SourceSpec, tuple[str, ...]], bool]:
    return lambda source, on: source.devices != "only" and (not source.platforms or platform in on)


def _device(source: SourceSpec, on: tuple[str, ...]) -> bool:
    # What has neither a platform nor to do with devices is entered.
    return (bool(source.devices) and (not on or "linux" in on)) or not source.platforms


def cover(rules: RuleSet, looked_at: Sequence[Origin]) -> Coverage:
    """Return what a pack can see from some origins."""
    catalogue = rules.catalogue
    everywhere = origins(catalogue)
    used = set(_used(rules))
    unused: dict[str, tuple[str, ...]] = {
        source: left
        for source, facts in catalogue.facts_of_source.items()
        if (left := tuple(spec.name for spec in facts if spec.name not in used))
    }
    return Coverage(
        rules=len(rules.pack.rules),
        stable=sum(rule.status == "stable" for rule in rules.pack.rules.values()),
        unproducible=tuple(
            spec.name
            for spec in catalogue.facts.values()
            if not any(_has(spec, origin, catalogue) for origin in everywhere)
        ),
        unused=unused,
        dead={origin.name: tuple(_dead(rules, origin)) for origin in looked_at},
    )


def _dead(rules: RuleSet, origin: Origin) -> Iterator[Dead]:
    catalogue = rules.catalogue
    solver = Solver(Domains(catalogue, rules.pack.questions), lambda node: _possible(node, origin, catalogue))
    for rule_id, (when, _) in rules.conditions.items():
        rule = rules.pack.rules[rule_id]
        bound = not rule.for_each or _runs(rule.for_each, origin, catalogue)
        if not bound or solver.solve(Goal(when.root)) is None:
            lacks = [] if bound else [f"any {rule.for_each}"]
            lacks += [spec.name for spec in _facts(when.root, catalogue) if not _has(spec, origin, catalogue)]
            yield Dead(rule_id, rule.status, tuple(dict.fromkeys(lacks)))


def _possible(node: Node, origin: Origin, catalogue: Catalogue) -> bool:
    """Tell whether everything that a part of a condition looks at can be known from an origin."""
    parts = list(walk(node))
    asked = any(isinstance(part, Var) and find_spec(catalogue, part.key) is None for part in parts)
    kinds = (part.kind for part in parts if isinstance(part, ListVar))
    return (
        (origin.answers or not asked)
        and all(_has(spec, origin, catalogue) for spec in _facts(node, catalogue))
        and all(_runs(kind, origin, catalogue) for kind in kinds)
    )


def _facts(node: Node, catalogue: Catalogue) -> Iterator[FactSpec]:
    for part in walk(node):
        if isinstance(part, Var) and (spec := find_spec(catalogue, part.key)):
            yield spec
    for kind, short in named_fields(node):
        yield from (f for f in catalogue.facts_of_entity.get(kind, ()) if f.short == short)


def _has(spec: FactSpec, origin: Origin, catalogue: Catalogue) -> bool:
    return origin.has(catalogue.sources[spec.source], spec.platforms)


def _runs(kind: str, origin: Origin, catalogue: Catalogue) -> bool:
    source = catalogue.sources[catalogue.entities[kind].source]
    return origin.has(source, source.platforms)


def _used(rules: RuleSet) -> Iterator[str]:
    catalogue = rules.catalogue
    for rule_id, conditions in rules.conditions.items():
        for condition in conditions:
            if condition is not None:
                yield from (spec.name for spec in _facts(condition.root, catalogue))
        rule = rules.pack.rules[rule_id]
        for fix in rule.fixes:
            for expression in fix.parameters.values():
                owner, _, short = expression.partition(".")
                prefix = catalogue.entities[owner].prefix if owner in catalogue.entities else owner
                yield f"{prefix}.{short}"
    for kind in catalogue.entities.values():
        # What ties things together is used by the engine itself.
        yield from (f"{kind.prefix}.{short}" for short in kind.depends_on.values() if short != OWN_KEY)
