"""What the engine tells people: evidence, answers, facts, sources, parameters of fixes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from hotline_proto.facts import FactValue, UnknownReason

from hotline_collector.engine.cel.tree import VarKey
from hotline_collector.engine.cel.values import UNKNOWN as NO_VALUE
from hotline_collector.engine.cells import NEVER, Cell, Scope, TargetState
from hotline_collector.engine.circuit import TRUE
from hotline_collector.engine.instance import Instance
from hotline_collector.engine.labels import label_of
from hotline_collector.engine.ruleset import RuleSet
from hotline_collector.model.finding import (
    Answered,
    Evidence,
    FactState,
    Finding,
    FindingState,
    SourceState,
)

MAX_EVIDENCE = 12


def evidence(instance: Instance, rules: RuleSet) -> list[Evidence]:
    """Return the facts behind every part of the condition that holds."""
    out: list[Evidence] = []
    for leaf, state in zip(instance.compiled.circuit.leaves, instance.states, strict=True):
        if state != TRUE:
            continue
        out += [_variable(instance, key, leaf.text, rules) for key in leaf.variables]
        for kind in leaf.lists:
            scopes = [s for s in instance.target.entities.get(kind, {}).values() if s.present]
            name = rules.catalogue.entities[kind].list_name
            # How many there are is all that can be told of a condition over a list in a word.
            out.append(Evidence(name, name, "", len(scopes), "", "", _newest(scopes), "size"))
    return out[:MAX_EVIDENCE]


def current_evidence(instance: Instance, finding: Finding, rules: RuleSet) -> list[Evidence]:
    """Return a finding's evidence as it is now, or as it last was if it does not hold now."""
    if finding.state is FindingState.SUSPECTED or (
        instance.root == TRUE and instance.findings.get(instance.path) is finding
    ):
        return evidence(instance, rules)
    return instance.evidence


def concerned(instance: Instance, rules: RuleSet) -> list[Evidence]:
    """Return every fact that a rule and the proof of its fixes look at, as it is now."""
    keys = dict.fromkeys((*instance.compiled.expect_variables, *instance.compiled.variables))
    return [_variable(instance, key, "", rules) for key in keys][:MAX_EVIDENCE]


def before_fix(instance: Instance, rules: RuleSet) -> tuple[Evidence, ...]:
    """Return the facts concerned while the fault is still seen, and else what it was last seen by."""
    return tuple(concerned(instance, rules) if instance.root == TRUE else instance.evidence)


def facts(target: TargetState) -> Iterator[FactState]:
    """Yield every fact of a target."""
    for scope in _scopes(target):
        for cell in scope.cells.values():
            yield FactState(target.id, cell.fact, scope.key, cell.told(), cell.measured_at, cell.origin)


def values(target: TargetState, kind: str, short: str) -> dict[str, FactValue]:
    """Return what is known of one fact, by the key of the entity that it is about, empty for the target."""
    scopes = target.entities.get(kind, {}).values() if kind else (target.scope,)
    return {s.key: s.cells[short].told() for s in scopes if s.present and short in s.cells}


def sources(target: TargetState) -> list[SourceState]:
    """Return the state of each source of the probe that ran."""
    return [
        SourceState(s.name, s.status, s.note, s.tried, s.duration)
        for s in target.sources.values()
        if s.tried != NEVER or s.status
    ]


def fix_parameters(instance: Instance, fix_index: int) -> dict[str, str] | None:
    """Return the parameters of a fix's action as entity keys, None when one is not known."""
    fix = instance.compiled.rule.fixes[fix_index]
    out = {}
    for name, expression in fix.parameters.items():
        value = _parameter(instance, expression)
        if not isinstance(value, str) or not value:
            return None
        out[name] = value
    return out


def answers(targets: Collection[TargetState], rules: RuleSet) -> dict[str, Answered]:
    """Return the questions that were answered, "don't know" included, by their fact."""
    given = ((name, answer(targets, name)) for name in rules.pack.questions)
    return {name: each for name, each in given if each is not None}


def answer(targets: Iterable[TargetState], question: str) -> Answered | None:
    """Return what was answered to a question, of the last target that has an answer; None if it is open."""
    out = None
    for target in targets:
        cell = target.scope.cells.get(question)
        if cell is not None and cell.reason in (None, UnknownReason.DECLINED):
            out = Answered(cell.told(), cell.origin, cell.measured_at)
    return out


def _variable(instance: Instance, key: VarKey, text: str, rules: RuleSet) -> Evidence:
    scope = instance.entity if key.kind else instance.target.scope
    cell = scope.cells.get(key.fact) if scope is not None else None
    live: Any = scope.live(key) if scope is not None else NO_VALUE
    label = rules.labels.get(key) or label_of(rules.catalogue, key)
    told: FactValue = UnknownReason.STALE if live is NO_VALUE else live
    entity = scope.key if scope is not None and key.kind else ""
    measured = _measured(cell)
    return Evidence(
        label.fact, label.text, entity, told, label.unit, text, measured, key.function, key.window
    )


def _measured(cell: Cell | None) -> int:
    return cell.measured_at if cell is not None else NEVER


def _newest(scopes: list[Scope]) -> int:
    return max((cell.measured_at for scope in scopes for cell in scope.cells.values()), default=NEVER)


def _parameter(instance: Instance, expression: str) -> object:
    entity = instance.entity
    if entity is not None and expression == entity.kind:
        return entity.key
    if entity is not None and expression.startswith(entity.kind + "."):
        return entity.field(expression.removeprefix(entity.kind + "."))
    return instance.target.scope.field(expression)


def _scopes(target: TargetState) -> Iterator[Scope]:
    yield target.scope
    for scopes in target.entities.values():
        yield from (scope for scope in scopes.values() if scope.present)
