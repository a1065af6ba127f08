"""Rules compiled for evaluation: circuits, and for each variable what it can flip."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from hotline_proto.catalogue import Catalogue

from hotline_collector.engine.cel.environment import Environment
from hotline_collector.engine.cel.evaluate import Evaluator, compile_node
from hotline_collector.engine.cel.parse import parse_condition
from hotline_collector.engine.cel.tree import (
    Condition,
    Field,
    ListVar,
    Node,
    Var,
    VarKey,
    find_spec,
    walk,
)
from hotline_collector.engine.circuit import Circuit, Leaf
from hotline_collector.engine.labels import Label, label_of
from hotline_collector.engine.lexicon import Lexicon
from hotline_collector.engine.varplan import LeafIndex, RuleIndex, VarPlan
from hotline_collector.engine.wiring import Wiring
from hotline_collector.model.rule import Pack, Plan, Rule

Conditions = Mapping[str, tuple[Condition, Condition | None]]
PlanConditions = Mapping[str, tuple[Condition, ...]]


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """A rule with its circuit, its evaluators and what it depends on.

    `slot` is its place among the rules of its kind; `sources` are the sources that can refresh what `when`
    and `expect` read.
    """

    index: RuleIndex
    slot: int
    rule: Rule
    circuit: Circuit
    when: Evaluator
    expect: Evaluator | None
    variables: tuple[VarKey, ...]
    expect_variables: tuple[VarKey, ...]
    sources: tuple[str, ...]
    path_dependent: bool


@dataclass(frozen=True, slots=True)
class CompiledStep:
    """A step of a plan with the evaluator of its condition and what that reads."""

    met: Evaluator
    variables: tuple[VarKey, ...]
    lists: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CompiledPlan:
    """A plan with its compiled steps."""

    plan: Plan
    steps: tuple[CompiledStep, ...]


class RuleSet:
    """A pack compiled against a catalogue; immutable and shared by all calls.

    `conditions` are the parsed `when` and `expect` of each rule, `plans` the parsed conditions of each
    plan's steps; they are parsed here if not given.

    Raises:
        ConditionError: a condition has faults.
    """

    def __init__(
        self,
        pack: Pack,
        catalogue: Catalogue,
        conditions: Conditions | None = None,
        plans: PlanConditions | None = None,
    ) -> None:
        self.pack = pack
        self.catalogue = catalogue
        self.rules: list[CompiledRule] = []
        self._expected: dict[str, tuple[Leaf, ...]] = {}
        self.by_id: dict[str, CompiledRule] = {}
        self.plans: dict[VarKey, VarPlan] = {}
        self.labels: dict[VarKey, Label] = {}
        # Leaves over lists: by kind, and by the fact of an element that they look at.
        self.list_leaves: dict[str, list[tuple[RuleIndex, LeafIndex]]] = {}
        self.field_leaves: dict[tuple[str, str], list[tuple[RuleIndex, LeafIndex]]] = {}
        self.rules_of_kind: dict[str, list[RuleIndex]] = {}
        self.rules_of_source: dict[str, list[RuleIndex]] = {}
        # Functions over time by the fact that they follow.
        self.derived: dict[tuple[str, str], list[VarKey]] = {}
        self.questions_of: dict[str, list[RuleIndex]] = {}
        self.conditions = conditions if conditions is not None else parse_pack(pack, catalogue)
        for rule in pack.rules.values():
            if rule.status != "deprecated" and rule.id not in pack.disabled:
                self._add(rule, *self.conditions[rule.id])
        self.wirings = {
            kind: Wiring([self.rules[index].circuit for index in indices])
            for kind, indices in self.rules_of_kind.items()
        }
        for compiled in self.rules:
            self._index(compiled)
        for plan in self.plans.values():
            plan.finish()
        parsed = plans if plans is not None else parse_plans(pack, catalogue)
        self.install_plans = {
            plan.id: CompiledPlan(plan, tuple(map(_compile_step, parsed[plan.id])))
            for plan in pack.plans.values()
        }
        self.explained_by = _closure(pack.rules)

    def expected(self, rule: Rule) -> tuple[Leaf, ...]:
        """Return the parts of what must be seen after a fix, none if it is only that the fault is gone."""
        if rule.id not in self._expected:
            condition = self.conditions[rule.id][1] if rule.id in self.conditions else None
            self._expected[rule.id] = tuple(Circuit(condition.root).leaves) if condition else ()
        return self._expected[rule.id]

    @cached_property
    def lexicon(self) -> Lexicon:
        """The pack's lexicon; made when the first call needs it, as most rule sets of a test never do."""
        return Lexicon(self.pack.lexicon)

    def _add(self, rule: Rule, when: Condition, expect: Condition | None) -> None:
        index = len(self.rules)
        circuit = Circuit(when.root)
        variables = _variables(when)
        lists = _lists(when.root)
        expect_variables = _variables(expect) if expect else ()
        expect_lists = _lists(expect.root) if expect else ()
        of_kind = self.rules_of_kind.setdefault(rule.for_each, [])
        compiled = CompiledRule(
            index=index,
            slot=len(of_kind),
            rule=rule,
            circuit=circuit,
            when=compile_node(when.root),
            expect=compile_node(expect.root) if expect else None,
            variables=variables,
            expect_variables=expect_variables,
            sources=self._sources((*variables, *expect_variables), (*lists, *expect_lists)),
            path_dependent=self._on_path(variables, lists),
        )
        self.rules.append(compiled)
        self.by_id[rule.id] = compiled
        of_kind.append(index)
        for source in compiled.sources:
            self.rules_of_source.setdefault(source, []).append(index)
        for key in (*variables, *expect_variables):
            if key.function:
                derived = self.derived.setdefault((key.kind, key.fact), [])
                if key not in derived:
                    derived.append(key)
            elif key.fact in self.pack.questions:
                self.questions_of.setdefault(key.fact, []).append(index)

    def _index(self, compiled: CompiledRule) -> None:
        for leaf_index, leaf in enumerate(compiled.circuit.leaves):
            for kind in leaf.lists:
                self.list_leaves.setdefault(kind, []).append((compiled.index, leaf_index))
                for short in {part.name for part in walk(leaf.node) if isinstance(part, Field)}:
                    self.field_leaves.setdefault((kind, short), []).append((compiled.index, leaf_index))
            for key in leaf.variables:
                self.labels[key] = label_of(self.catalogue, key)
                plan = self.plans.setdefault(key, VarPlan(key))
                if compiled.index not in plan.rules:
                    plan.rules.append(compiled.index)
                if leaf.test is None:
                    plan.residuals.append((compiled.index, leaf_index))
                else:
                    kind = compiled.rule.for_each
                    plan.add(kind, leaf, leaf.test, self.wirings[kind].inputs(compiled.slot)[leaf_index])

    def _sources(self, variables: tuple[VarKey, ...], lists: tuple[str, ...]) -> tuple[str, ...]:
        specs = (find_spec(self.catalogue, key) for key in variables)
        names = [spec.source for spec in specs if spec] + [self.catalogue.entities[k].source for k in lists]
        return tuple(dict.fromkeys(names))

    def _on_path(self, variables: tuple[VarKey, ...], lists: tuple[str, ...]) -> bool:
        specs = (find_spec(self.catalogue, key) for key in variables)
        kinds = (self.catalogue.sources[self.catalogue.entities[kind].source] for kind in lists)
        return any(spec.path for spec in specs if spec) or any(source.path for source in kinds)


def parse_pack(pack: Pack, catalogue: Catalogue) -> Conditions:
    """Parse and check all conditions of a pack.

    Raises:
        ConditionError: a condition has faults.
    """
    environment = Environment(catalogue, pack.questions)
    return {
        rule.id: (
            parse_condition(environment, rule.when, rule.for_each),
            parse_condition(environment, rule.verify_expect, rule.for_each) if rule.verify_expect else None,
        )
        for rule in pack.rules.values()
    }


def parse_plans(pack: Pack, catalogue: Catalogue) -> PlanConditions:
    """Parse and check the conditions of all plans of a pack.

    Raises:
        ConditionError: a condition has faults.
    """
    environment = Environment(catalogue, pack.questions)
    return {
        plan.id: tuple(parse_condition(environment, step.met) for step in plan.steps)
        for plan in pack.plans.values()
    }


def _compile_step(condition: Condition) -> CompiledStep:
    return CompiledStep(compile_node(condition.root), _variables(condition), _lists(condition.root))


def _variables(condition: Condition) -> tuple[VarKey, ...]:
    return tuple(dict.fromkeys(part.key for part in walk(condition.root) if isinstance(part, Var)))


def _lists(root: Node) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.kind for part in walk(root) if isinstance(part, ListVar)))


def _closure(rules: Mapping[str, Rule]) -> dict[str, frozenset[str]]:
    """Return for each rule all rules that it explains, directly or through others."""
    closed: dict[str, frozenset[str]] = {}

    def close(rule_id: str) -> frozenset[str]:
        if rule_id not in closed:
            closed[rule_id] = frozenset()
            direct = rules[rule_id].explains if rule_id in rules else ()
            closed[rule_id] = frozenset(direct).union(*(close(other) for other in direct))
        return closed[rule_id]

    for rule_id in rules:
        close(rule_id)
    return closed
