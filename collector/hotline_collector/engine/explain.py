"""Which finding explains which: the closure of `explains`, joined only where things belong together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from hotline_proto.catalogue import Catalogue

from hotline_collector.engine.cells import TargetState
from hotline_collector.engine.ruleset import RuleSet
from hotline_collector.model.finding import EntityRef, Finding

_NETWORK_PREFIX = "net."


def explained(
    findings: Iterable[Finding], targets: Mapping[int, TargetState], rules: RuleSet
) -> dict[str, list[Finding]]:
    """Return for each finding the findings that it explains.

    Only findings that are present explain; a finding without an entry on the right side of any other is a
    cause. The closure is taken over rules, not over findings that fired: an intermediate fault that could
    not be seen does not cut the chain.
    """
    present = [finding for finding in findings if finding.present]
    out: dict[str, list[Finding]] = {}
    for cause in present:
        reach = rules.explained_by.get(cause.rule, frozenset())
        out[cause.id] = [
            symptom
            for symptom in present
            if symptom is not cause and symptom.rule in reach and joined(cause, symptom, targets, rules)
        ]
    return out


def joined(cause: Finding, symptom: Finding, targets: Mapping[int, TargetState], rules: RuleSet) -> bool:
    """Tell whether two findings are about the same thing, or the symptom about what depends on it."""
    if cause.target != symptom.target:
        return rules.by_id[cause.rule].rule.across
    if cause.path and symptom.path and cause.path != symptom.path:
        return False
    target = targets[cause.target]
    if cause.entity is None:
        return symptom.entity is None or _on_path(symptom.entity, target, rules.catalogue)
    if symptom.entity is None:
        return _carries_path(cause.entity, target, rules.catalogue)
    return cause.entity == symptom.entity or cause.entity in _bases(symptom.entity, target, rules.catalogue)


def _bases(entity: EntityRef, target: TargetState, catalogue: Catalogue) -> list[EntityRef]:
    """Return the entities that an entity depends on, directly or through others.

    A check depends on the path in use: on its interface and its name servers.
    """
    out: list[EntityRef] = []
    waiting = [entity]
    while waiting:
        current = waiting.pop()
        for base in _direct_bases(current, target, catalogue):
            if base not in out and base != entity:
                out.append(base)
                waiting.append(base)
    return out


def _direct_bases(entity: EntityRef, target: TargetState, catalogue: Catalogue) -> list[EntityRef]:
    scope = target.entities.get(entity.kind, {}).get(entity.key)
    if scope is None:
        return []
    if entity.kind == "check":
        if scope.field("local") is True:
            return []
        resolvers = [EntityRef("resolver", key) for key in target.entities.get("resolver", {})]
        interface = [EntityRef("interface", target.path.interface)] if target.path else []
        return resolvers + interface
    bases = []
    for kind, short in catalogue.entities[entity.kind].depends_on.items():
        key = scope.field(short)
        if isinstance(key, str) and key:
            bases.append(EntityRef(kind, key))
    return bases


def _on_path(entity: EntityRef, target: TargetState, catalogue: Catalogue) -> bool:
    """Tell whether a fault of the whole target reaches an entity.

    Things outside the network always; an interface only if it is the one in use; what depends on an
    interface only if that is; a check only if it leaves the machine.
    """
    if entity.kind == "check":
        scope = target.entities.get("check", {}).get(entity.key)
        return scope is None or scope.field("local") is not True
    interfaces = [ref for ref in (entity, *_bases(entity, target, catalogue)) if ref.kind == "interface"]
    if not interfaces or target.path is None:
        return True
    return any(ref.key == target.path.interface for ref in interfaces)


def _carries_path(entity: EntityRef, target: TargetState, catalogue: Catalogue) -> bool:
    """Tell whether a fault of an entity reaches the whole target.

    An interface does when it is in use, or when nothing is and it should be; a resolver when it belongs to
    the interface in use. Disks, filesystems, processes and services always do.
    """
    kind = catalogue.entities[entity.kind]
    if not kind.prefix.startswith(_NETWORK_PREFIX):
        return True
    if target.path is None:
        return True
    refs = [entity, *_bases(entity, target, catalogue)]
    interfaces = [ref.key for ref in refs if ref.kind == "interface"]
    return not interfaces or target.path.interface in interfaces
