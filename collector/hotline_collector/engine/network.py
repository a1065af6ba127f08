"""The incremental network: a changed value flips only the leaves, and wakes only the rules, that it can."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from hotline_proto.catalogue import Catalogue
from hotline_proto.facts import UnknownReason

from hotline_collector.engine.cel.tree import VarKey
from hotline_collector.engine.cel.values import UNKNOWN
from hotline_collector.engine.cells import Cell, Scope, SourceCell, TargetState
from hotline_collector.engine.circuit import UNKNOWN as UNKNOWN_STATE
from hotline_collector.engine.instance import Instance
from hotline_collector.engine.ruleset import RuleSet
from hotline_collector.engine.varplan import NO_REGION, VarPlan
from hotline_collector.engine.windows import Tracker
from hotline_collector.engine.wiring import GateInput
from hotline_collector.model.finding import FindingState

MAX_ENTITIES_OF_KIND = 1_000
_NONE: Mapping[str, Instance] = MappingProxyType({})


class Network:
    """Instances of all rules over the cells of all targets of one call.

    Callers change values with `put`, `forget` and `refresh`, then take `settle()`: the instances that need
    a look, in a deterministic order.
    """

    def __init__(self, rules: RuleSet, catalogue: Catalogue, on_usable: Callable[[SourceCell], None]) -> None:
        self.rules = rules
        self.catalogue = catalogue
        self._on_usable = on_usable
        self._dirty: dict[Instance, None] = {}
        self._residuals: dict[tuple[Instance, int], None] = {}
        self._vanished: list[Scope] = []
        # Trackers whose value time alone may change, each with when.
        self.timed: list[tuple[int, Tracker]] = []

    # ---- shape ------------------------------------------------------------------------------------
    def add_target(self, target: TargetState) -> None:
        """Give a target its instances of the rules that bind no entity."""
        self._instantiate(target, None)

    def scope(self, target: TargetState, kind: str, key: str) -> Scope:
        """Return the scope of an entity, made on first sight; kind "" is the target itself.

        Raises:
            OverflowError: the target has too many entities of that kind.
        """
        if not kind:
            return target.scope
        scopes = target.entities.setdefault(kind, {})
        scope = scopes.get(key)
        if scope is None:
            if len(scopes) >= MAX_ENTITIES_OF_KIND:
                raise OverflowError(f"more than {MAX_ENTITIES_OF_KIND} entities of kind {kind}")
            scope = scopes[key] = Scope(target, kind, key)
            self._instantiate(target, scope)
            self._touch_list(target, kind)
        elif not scope.present:
            scope.present = True
            self._touch_list(target, kind)
        return scope

    def cell(self, scope: Scope, short: str) -> Cell:
        """Return the cell of a fact by its short name, made on first sight."""
        cell = scope.cells.get(short)
        if cell is None:
            prefix = (
                self.catalogue.entities[scope.kind].prefix + "."
                if scope.kind in self.catalogue.entities
                else ""
            )
            name = prefix + short
            spec = self.catalogue.facts.get(name)
            source = self.source(scope.target, spec.source if spec else f"stated:{name}")
            cell = Cell(name, spec, scope, source, self.rules.plans.get(VarKey(scope.kind, short)))
            cell.lists = self.rules.field_leaves.get((scope.kind, short), ())
            scope.cells[short] = cell
            source.cells.append(cell)
            self._derive(scope, short, cell)
        return cell

    def source(self, target: TargetState, name: str) -> SourceCell:
        """Return a source of a target, made on first sight."""
        if name not in target.sources:
            target.sources[name] = SourceCell(name, self.catalogue.sources.get(name), target)
        return target.sources[name]

    def instances(self, target: TargetState) -> Iterator[Instance]:
        """Yield every instance of a target."""
        yield from target.scope.instances
        for scopes in target.entities.values():
            for scope in scopes.values():
                yield from scope.instances

    def rebuild(
        self, targets: Iterable[TargetState], rules: RuleSet, now: int
    ) -> dict[Instance, Instance | None]:
        """Judge all targets by another rule set from now on.

        Returns what carries on for each earlier instance, None where its rule is gone or looks at
        something else. Windows that the new rules still look at keep their samples, and rules that are
        as they were keep their instances, so that an edit of one rule costs little more than that rule.
        """
        same_questions = self.rules.pack.questions == rules.pack.questions
        self.rules = rules
        scopes = [
            scope
            for target in targets
            for scope in (target.scope, *(s for kind in target.entities.values() for s in kind.values()))
        ]
        earlier = [{i.compiled.rule.id: i for i in scope.instances} for scope in scopes]
        new_trackers = [
            tracker
            for scope in scopes
            for short, cell in scope.cells.items()
            for tracker in self._rewire(scope, short, cell)
        ]
        heirs: dict[Instance, Instance | None] = {}
        for scope, instances in zip(scopes, earlier, strict=True):
            self._instantiate(
                scope.target, scope if scope.kind else None, instances if same_questions else {}
            )
            new = {instance.compiled.rule.id: instance for instance in scope.instances}
            heirs |= {old: old.hand_over(new.get(rule_id)) for rule_id, old in instances.items()}
        for tracker in new_trackers:
            tracker.sample()
            self.track(tracker, now)
        return heirs

    def _rewire(self, scope: Scope, short: str, cell: Cell) -> list[Tracker]:
        """Connect a cell and its trackers with the plans of the rules in use; return the new trackers."""
        cell.plan = self.rules.plans.get(VarKey(scope.kind, short))
        cell.lists = self.rules.field_leaves.get((scope.kind, short), ())
        cell.region = NO_REGION
        wanted = self.rules.derived.get((scope.kind, short), ())
        for tracker in cell.source.tracked:
            if tracker.source is cell:
                tracker.target.plan = self.rules.plans.get(tracker.key)
                tracker.target.region = NO_REGION
                if tracker.key not in wanted:
                    del scope.derived[tracker.key]
        cell.source.tracked = [t for t in cell.source.tracked if t.source is not cell or t.key in wanted]
        return self._derive(scope, short, cell)

    def _instantiate(
        self, target: TargetState, entity: Scope | None, earlier: Mapping[str, Instance] = _NONE
    ) -> None:
        """Give a scope an instance of each of its rules; `earlier` ones of rules that are the same stay."""
        scope = entity or target.scope
        scope.instances = []
        if scope.kind not in self.rules.wirings:
            return
        scope.levels = self.rules.wirings[scope.kind].levels()
        for index in self.rules.rules_of_kind[scope.kind]:
            compiled = self.rules.rules[index]
            instance = earlier.get(compiled.rule.id)
            if instance is not None and instance.compiled.rule == compiled.rule:
                instance.move(compiled, scope.levels)
            else:
                instance = Instance(compiled, scope.levels, target, entity)
                if target.sources:
                    instance.evaluate_known()
                self._dirty[instance] = None
            scope.instances.append(instance)

    def _derive(self, scope: Scope, short: str, cell: Cell) -> list[Tracker]:
        """Track a fact for every function of it that is not tracked yet; return the new trackers."""
        new = []
        for key in self.rules.derived.get((scope.kind, short), ()):
            if key not in scope.derived:
                derived = Cell(cell.fact, cell.spec, scope, cell.source, self.rules.plans.get(key))
                scope.derived[key] = derived
                new.append(Tracker(key, cell, derived))
        cell.source.tracked += new
        return new

    # ---- values -----------------------------------------------------------------------------------
    def put(self, cell: Cell, value: Any) -> None:
        """Give a fact a value."""
        cell.reason = None
        cell.value = value
        if cell.source.usable:
            self.publish(cell, value)

    def forget(self, cell: Cell, reason: UnknownReason) -> None:
        """Make a fact unknown."""
        if cell.reason is not reason and cell.live is UNKNOWN and cell.plan is not None:
            # Nothing flips, but whether something is worth suspecting depends on the reason.
            for rule in cell.plan.rules:
                for instance in self._affected(cell.scope, rule):
                    self._dirty[instance] = None
        cell.reason = reason
        self.publish(cell, UNKNOWN)

    def excuse(self, source: SourceCell) -> None:
        """Take note that a source has another reason for what it does not tell.

        Nothing flips, but whether something is worth suspecting depends on the reason.
        """
        for rule in self.rules.rules_of_source.get(source.name, ()):
            for instance in self._affected(source.target.scope, rule):
                if instance.root == UNKNOWN_STATE:
                    self._dirty[instance] = None

    def refresh(self, source: SourceCell, usable: bool) -> None:
        """Say whether the facts of a source may be believed."""
        if usable == source.usable:
            return
        source.usable = usable
        source.steady = False
        if usable:
            self._on_usable(source)
        for cell in source.cells:
            self.publish(cell, cell.value if usable and cell.reason is None else UNKNOWN)
        self.follow(source, 0)
        self._touch_lists_of(source)

    def vanish(self, scope: Scope) -> None:
        """Take note that an entity is gone: what was known of it is unknown now, not cured."""
        scope.present = False
        for cell in scope.cells.values():
            self.forget(cell, UnknownReason.NOT_COLLECTED)
        self._touch_list(scope.target, scope.kind)
        self._vanished.append(scope)

    def sweep(self) -> None:
        """Drop the entities that vanished and have no finding that is still open."""
        for scope in self._vanished:
            open_findings = (
                finding.state is not FindingState.CLEARED
                for instance in scope.instances
                for finding in instance.findings.values()
            )
            if not scope.present and not any(open_findings):
                scope.target.entities[scope.kind].pop(scope.key, None)
                self._detach(scope)
        self._vanished.clear()

    def complete(self, source: SourceCell) -> None:
        """Take note that a source has told all entities of its kinds."""
        target = source.target
        for kind in self.catalogue.kinds_of_source.get(source.name, ()):
            if kind not in target.complete:
                target.complete[kind] = source
                self._touch_list(target, kind)

    def forget_lists(self, target: TargetState) -> None:
        """Take note that no list of entities is complete any more."""
        kinds = list(target.complete)
        target.complete.clear()
        for source in target.sources.values():
            source.steady = False
        for kind in kinds:
            self._touch_list(target, kind)

    def sample(self, source: SourceCell, now: int) -> None:
        """Let the trackers of a source take the values of its newest run."""
        for tracker in source.tracked:
            tracker.sample()
        self.follow(source, now)

    def follow(self, source: SourceCell, now: int) -> None:
        """Publish what the trackers of a source tell now; `now` 0 means as of the last run."""
        for tracker in source.tracked:
            self.track(tracker, now or source.ran)

    def track(self, tracker: Tracker, now: int) -> None:
        """Publish what one tracker tells now, and note when time alone will change it."""
        self.publish(tracker.target, tracker.value(now))
        due = tracker.next_change(now)
        if due is not None:
            self.timed.append((due, tracker))

    def publish(self, cell: Cell, live: Any) -> None:
        """Show a value to the conditions; flips what it can flip."""
        before = cell.live
        if live is before or (live == before and live is not UNKNOWN and before is not UNKNOWN):
            return
        cell.live = live
        scope = cell.scope
        for rule, leaf in cell.lists:
            for instance in self._affected(scope.target.scope, rule):
                self._residuals[(instance, leaf)] = None
        plan = cell.plan
        if plan is None:
            return
        region, cell.region = cell.region, plan.region(live)
        if region == NO_REGION or live is UNKNOWN:
            self._judge(scope, plan, live)
        elif region != cell.region or not plan.stepwise:
            self._flip(cell, plan, before, region)
        for rule, leaf in plan.residuals:
            for instance in self._affected(scope, rule):
                self._residuals[(instance, leaf)] = None

    def _judge(self, scope: Scope, plan: VarPlan, live: Any) -> None:
        """Set every input of a variable that became known or unknown."""
        for kind, wires in plan.wires.items():
            for reached in _reached(scope, kind):
                for place, test in wires.inputs:
                    self._set(reached, place, test(live))

    def _flip(self, cell: Cell, plan: VarPlan, before: Any, region: int) -> None:
        """Flip the inputs between the old and the new known value."""
        low, high = (region, cell.region) if region < cell.region else (cell.region, region)
        live = cell.live
        for kind, wires in plan.wires.items():
            flips = wires.flips[wires.starts[low] : wires.starts[high]]
            if wires.equals:
                flips += wires.equals.get(before, ())
                flips += wires.equals.get(live, ())
            if flips or wires.tests:
                for scope in _reached(cell.scope, kind):
                    self._toggle(scope, flips)
                    for place, test in wires.tests:
                        self._set(scope, place, test(live))

    def _toggle(self, scope: Scope, flips: Sequence[GateInput]) -> None:
        """Flip known inputs; the hot path."""
        levels, instances = scope.levels, scope.instances
        decided, roots = levels.decided, len(instances)
        for gate, bit in flips:
            before = decided[gate]
            after = decided[gate] = before ^ bit
            if gate >= roots:
                if levels.flipped(gate, before):
                    self._dirty[instances[levels.wiring.root_of[gate]]] = None
            elif not before or not after:
                self._dirty[instances[gate]] = None

    def _set(self, scope: Scope, place: GateInput, state: int) -> None:
        if scope.levels.set(*place, state):
            self._dirty[scope.instances[scope.levels.wiring.root_of[place[0]]]] = None

    def _affected(self, scope: Scope, rule: int) -> Iterator[Instance]:
        """Yield the instances of a rule that a variable of a scope can reach."""
        compiled = self.rules.rules[rule]
        for reached in _reached(scope, compiled.rule.for_each):
            yield reached.instances[compiled.slot]

    def _touch_list(self, target: TargetState, kind: str) -> None:
        for rule, leaf in self.rules.list_leaves.get(kind, ()):
            for instance in self._affected(target.scope, rule):
                self._residuals[(instance, leaf)] = None

    def _touch_lists_of(self, source: SourceCell) -> None:
        for kind in self.catalogue.kinds_of_source.get(source.name, ()):
            self._touch_list(source.target, kind)

    def _detach(self, scope: Scope) -> None:
        gone = set(map(id, scope.cells.values()))
        for cell in list(scope.cells.values()):
            source = cell.source
            source.cells = [c for c in source.cells if id(c) not in gone]
            source.tracked = [t for t in source.tracked if id(t.source) not in gone]
        for instance in scope.instances:
            instance.detached = True

    # ---- result -----------------------------------------------------------------------------------
    def wake(self, instance: Instance) -> None:
        """Have an instance looked at with the next `settle`."""
        self._dirty[instance] = None

    def settle(self) -> list[Instance]:
        """Evaluate what is left to evaluate and return the instances that need a look."""
        if self._residuals:
            for instance, leaf in self._residuals:
                if instance.evaluate_leaf(leaf):
                    self._dirty[instance] = None
            self._residuals.clear()
        if not self._dirty:
            return []
        dirty, self._dirty = self._dirty, {}
        return [instance for instance in dirty if not instance.detached]


def _reached(scope: Scope, kind: str) -> Collection[Scope]:
    """Return the scopes of a kind whose rules see a variable of a scope: itself, or all of its target."""
    if kind == scope.kind:
        return (scope,)
    return scope.target.entities.get(kind, {}).values()
