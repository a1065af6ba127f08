"""What is missing: suspicion, missing facts, follow-ups to the probe, questions to people."""

from __future__ import annotations

from hotline_proto.facts import UnknownReason

from hotline_collector.engine.cel.tree import VarKey, find_spec
from hotline_collector.engine.cel.values import UNKNOWN as NO_VALUE
from hotline_collector.engine.cells import Scope, SourceCell, TargetState
from hotline_collector.engine.circuit import TRUE, UNKNOWN, Leaf
from hotline_collector.engine.instance import Instance
from hotline_collector.engine.ruleset import RuleSet
from hotline_collector.model.finding import Missing

_IDLE_REASONS = (UnknownReason.PENDING, UnknownReason.UNSUPPORTED)
COST_SECONDS = {"cheap": 0.1, "moderate": 1.0, "expensive": 5.0}


def is_suspected(instance: Instance, rules: RuleSet) -> bool:
    """Tell whether one missing fact could make an unknown rule true while a known fact supports it.

    The reason must not merely be that the fact is still pending or that the platform lacks it.
    """
    circuit, states = instance.compiled.circuit, instance.states
    if TRUE not in states:
        return False
    for unit in missing_units(instance):
        if _reason(unit, instance.target, instance.entity, rules) in _IDLE_REASONS:
            continue
        waiting = [depends_on(leaf, unit) for leaf in instance.compiled.circuit.leaves]
        if circuit.evaluate(states, waiting.__getitem__) == TRUE:
            return True
    return False


def missing_facts(instance: Instance, rules: RuleSet) -> list[Missing]:
    """Return the facts that an unknown rule lacks, each with the way to get it."""
    return [missing_unit(unit, instance.target, instance.entity, rules) for unit in missing_units(instance)]


def missing_unit(unit: VarKey | str, target: TargetState, entity: Scope | None, rules: RuleSet) -> Missing:
    """Return a missing variable or list (by its kind) with the reason and the way to get it."""
    reason = _reason(unit, target, entity, rules)
    if isinstance(unit, str):
        kind = rules.catalogue.entities[unit]
        return Missing(kind.list_name, "", reason, f"source:{kind.source}")
    spec = find_spec(rules.catalogue, unit)
    key = entity.key if unit.kind and entity else ""
    if unit.fact in rules.pack.questions and not unit.kind:
        settle = f"question:{unit.fact}"
    elif spec is None or not rules.catalogue.sources[spec.source].platforms:
        settle = ""
    elif reason is UnknownReason.DECLINED:
        settle = "consent:personal"
    else:
        settle = f"source:{spec.source}"
    return Missing(spec.name if spec else unit.fact, key, reason, settle)


def missing_units(instance: Instance) -> list[VarKey | str]:
    """Return the variables and lists that unknown leaves wait for."""
    units: dict[VarKey | str, None] = {}
    for leaf, state in zip(instance.compiled.circuit.leaves, instance.states, strict=True):
        if state != UNKNOWN:
            continue
        for key in leaf.variables:
            if instance.view.value(key) is NO_VALUE:
                units[key._replace(function="", window=0)] = None
        for kind in leaf.lists:
            units[kind] = None
    return list(units)


def depends_on(leaf: Leaf, unit: VarKey | str) -> bool:
    """Tell whether a part of a condition reads a variable, or any function of it, or a list."""
    if isinstance(unit, str):
        return unit in leaf.lists
    return any(key.kind == unit.kind and key.fact == unit.fact for key in leaf.variables)


def _reason(unit: VarKey | str, target: TargetState, entity: Scope | None, rules: RuleSet) -> UnknownReason:
    if isinstance(unit, str):
        return _source_reason(target, rules.catalogue.entities[unit].source, rules)
    scope = entity if unit.kind else target.scope
    cell = scope.cells.get(unit.fact) if scope is not None else None
    if cell is not None:
        if cell.reason is not None:
            return cell.reason
        # A known fact with an unknown function of it waits for its window to be covered.
        return UnknownReason.STALE if cell.live is NO_VALUE else UnknownReason.PENDING
    spec = find_spec(rules.catalogue, unit)
    if spec is None:
        return UnknownReason.NOT_COLLECTED
    if target.platform and spec.platforms and target.platform not in spec.platforms:
        return UnknownReason.UNSUPPORTED
    return _source_reason(target, spec.source, rules)


def _source_reason(target: TargetState, name: str, rules: RuleSet) -> UnknownReason:
    source = target.sources.get(name) or SourceCell(name, rules.catalogue.sources[name], target)
    spec = rules.catalogue.sources[name]
    return source.reason(expected=spec.interval > 0 and target.link_up)
