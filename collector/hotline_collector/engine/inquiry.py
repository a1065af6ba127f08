"""What is missing: suspicion, missing facts, follow-ups to the probe, questions to people."""

from __future__ import annotations

from collections.abc import Callable

from hotline_proto.facts import UnknownReason

from hotline_collector.engine.cel.evaluate import UNKNOWN as NO_VALUE
from hotline_collector.engine.cel.tree import VarKey, find_spec
from hotline_collector.engine.cells import SourceCell, TargetState
from hotline_collector.engine.circuit import TRUE, UNKNOWN
from hotline_collector.engine.instance import Instance
from hotline_collector.engine.ruleset import RuleSet
from hotline_collector.model.finding import Missing
from hotline_collector.model.rule import SEVERITY_RANK

_IDLE_REASONS = (UnknownReason.PENDING, UnknownReason.UNSUPPORTED)
COST_SECONDS = {"cheap": 0.1, "moderate": 1.0, "expensive": 5.0}


def is_suspected(instance: Instance, rules: RuleSet) -> bool:
    """Tell whether one missing fact could make an unknown rule true while a known fact supports it.

    The reason must not merely be that the fact is still pending or that the platform lacks it.
    """
    circuit, states = instance.compiled.circuit, instance.states
    leaves = circuit.leaves
    if not any(states[i] == TRUE for i in range(len(leaves))):
        return False
    for unit in _missing_units(instance):
        if _reason(instance, unit, rules) in _IDLE_REASONS:
            continue
        if circuit.evaluate(states, _waits_for(instance, unit)) == TRUE:
            return True
    return False


def missing_facts(instance: Instance, rules: RuleSet) -> list[Missing]:
    """Return the facts that an unknown rule lacks, each with the way to get it."""
    out = []
    for unit in _missing_units(instance):
        reason = _reason(instance, unit, rules)
        if isinstance(unit, str):
            kind = rules.catalogue.entities[unit]
            out.append(Missing(kind.list_name, "", reason, f"source:{kind.source}"))
            continue
        spec = find_spec(rules.catalogue, unit)
        entity = instance.entity.key if unit.kind and instance.entity else ""
        if unit.fact in rules.pack.questions and not unit.kind:
            settle = f"question:{unit.fact}"
        elif spec is None or not rules.catalogue.sources[spec.source].platforms:
            settle = ""
        elif reason is UnknownReason.DECLINED:
            settle = "consent:personal"
        else:
            settle = f"source:{spec.source}"
        out.append(Missing(spec.name if spec else unit.fact, entity, reason, settle))
    return out


def wanted_sources(instances: list[Instance], rules: RuleSet) -> list[str]:
    """Return the on-demand sources that could decide suspected rules, most deciding per second first."""
    weight: dict[str, float] = {}
    for instance in instances:
        for item in missing_facts(instance, rules):
            name = item.settle.removeprefix("source:")
            if item.reason is not UnknownReason.NOT_COLLECTED or name == item.settle:
                continue
            source = rules.catalogue.sources[name]
            if source.interval == 0 and source.platforms:
                worth = 1 + SEVERITY_RANK[instance.compiled.rule.severity]
                weight[name] = weight.get(name, 0.0) + worth / COST_SECONDS[source.cost]
    return sorted(weight, key=lambda name: (-weight[name], name))


def _missing_units(instance: Instance) -> list[VarKey | str]:
    """Return the variables and lists that unknown leaves wait for."""
    units: dict[VarKey | str, None] = {}
    for index, leaf in enumerate(instance.compiled.circuit.leaves):
        if instance.states[index] != UNKNOWN:
            continue
        for key in leaf.variables:
            if instance.view.value(key) is NO_VALUE:
                units[key._replace(function="", window=0)] = None
        for kind in leaf.lists:
            units[kind] = None
    return list(units)


def _waits_for(instance: Instance, unit: VarKey | str) -> Callable[[int], bool]:
    leaves = instance.compiled.circuit.leaves

    def depends(leaf: int) -> bool:
        if isinstance(unit, str):
            return unit in leaves[leaf].lists
        return any(key.kind == unit.kind and key.fact == unit.fact for key in leaves[leaf].variables)

    return depends


def _reason(instance: Instance, unit: VarKey | str, rules: RuleSet) -> UnknownReason:
    target = instance.target
    if isinstance(unit, str):
        return _source_reason(target, rules.catalogue.entities[unit].source, rules)
    scope = instance.entity if unit.kind else target.scope
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
