"""What a pack can see at all: facts that nothing produces, rules that can never fire, facts nobody uses.

Where a fact can come from is what the catalogue says of its source and platforms; that the probe's sources
keep to that is what its conformance tests are for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from hotline_proto.catalogue import OWN_KEY, Catalogue, FactSpec, SourceSpec

from hotline_collector.engine.cel.tree import ListVar, Node, Var, find_spec, walk
from hotline_collector.engine.ruleset import RuleSet
from hotline_collector.rulepack.domains import Domains
from hotline_collector.rulepack.solving import Goal, Solver, named_fields


@dataclass(frozen=True, slots=True)
class Dead:
    """A rule that can never fire, and the facts that it would need."""

    rule: str
    status: str
    lacks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Coverage:
    """What can be seen: `dead` by platform, and those rules that are dead on every one of them."""

    unproducible: tuple[str, ...]
    unused: tuple[str, ...]
    dead: Mapping[str, tuple[Dead, ...]]

    @property
    def nowhere(self) -> tuple[Dead, ...]:
        """The rules that can fire on none of the platforms."""
        first, *others = self.dead.values()
        ids = [{dead.rule for dead in rules} for rules in others]
        return tuple(dead for dead in first if all(dead.rule in other for other in ids))


def platforms(catalogue: Catalogue) -> list[str]:
    """Return the platforms that any source runs on, in the catalogue's order."""
    return list(dict.fromkeys(name for source in catalogue.sources.values() for name in source.platforms))


def cover(rules: RuleSet, looked_at: list[str]) -> Coverage:
    """Return what a pack can see on some platforms."""
    catalogue = rules.catalogue
    everywhere = platforms(catalogue)
    used = set(_used(rules))
    return Coverage(
        unproducible=tuple(
            spec.name
            for spec in catalogue.facts.values()
            if not any(_has(spec, platform, catalogue) for platform in everywhere)
        ),
        unused=tuple(name for name in catalogue.facts if name not in used),
        dead={platform: tuple(_dead(rules, platform)) for platform in looked_at},
    )


def _dead(rules: RuleSet, platform: str) -> Iterator[Dead]:
    catalogue = rules.catalogue
    solver = Solver(
        Domains(catalogue, rules.pack.questions), lambda node: _possible(node, platform, catalogue)
    )
    for rule_id, (when, _) in rules.conditions.items():
        rule = rules.pack.rules[rule_id]
        bound = not rule.for_each or _runs(_source(rule.for_each, catalogue), platform)
        if not bound or solver.solve(Goal(when.root)) is None:
            lacks = [] if bound else [f"any {rule.for_each}"]
            lacks += [
                spec.name for spec in _facts(when.root, catalogue) if not _has(spec, platform, catalogue)
            ]
            yield Dead(rule_id, rule.status, tuple(dict.fromkeys(lacks)))


def _possible(node: Node, platform: str, catalogue: Catalogue) -> bool:
    """Tell whether everything that a part of a condition looks at can be known on a platform."""
    kinds = (part.kind for part in walk(node) if isinstance(part, ListVar))
    return all(_has(spec, platform, catalogue) for spec in _facts(node, catalogue)) and all(
        _runs(_source(kind, catalogue), platform) for kind in kinds
    )


def _facts(node: Node, catalogue: Catalogue) -> Iterator[FactSpec]:
    for part in walk(node):
        if isinstance(part, Var) and (spec := find_spec(catalogue, part.key)):
            yield spec
    for kind, short in named_fields(node):
        yield from (f for f in catalogue.facts_of_entity.get(kind, ()) if f.short == short)


def _has(spec: FactSpec, platform: str, catalogue: Catalogue) -> bool:
    source = catalogue.sources[spec.source]
    return platform in spec.platforms if source.platforms else _runs(source, platform)


def _runs(source: SourceSpec, platform: str) -> bool:
    """Tell whether a source has facts of a machine on a platform; without platforms they are entered."""
    return not source.platforms or platform in source.platforms


def _source(kind: str, catalogue: Catalogue) -> SourceSpec:
    return catalogue.sources[catalogue.entities[kind].source]


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
