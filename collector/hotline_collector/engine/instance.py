"""One rule on one target and entity: the state of its circuit and its findings."""

from __future__ import annotations

from hotline_proto.facts import NetworkPath
from hotline_proto.relations import EntityRef

from hotline_collector.engine.cel.values import UNKNOWN
from hotline_collector.engine.cells import LiveView, Scope, TargetState
from hotline_collector.engine.ruleset import CompiledRule
from hotline_collector.engine.wiring import Levels
from hotline_collector.model.finding import Evidence, Finding


class Instance:
    """The circuit of a rule for one target and entity; its state is in the levels of the scope.

    `findings` holds the newest finding per network path (None for rules that do not depend on it), so that
    what was seen on one path is neither cleared nor refreshed by another. `due` is when hold or release
    ends, 0 if nothing is pending.
    """

    __slots__ = (
        "compiled",
        "detached",
        "due",
        "entity",
        "evidence",
        "findings",
        "levels",
        "target",
        "view",
    )

    def __init__(
        self, compiled: CompiledRule, levels: Levels, target: TargetState, entity: Scope | None
    ) -> None:
        self.compiled = compiled
        self.levels = levels
        self.target = target
        self.entity = entity
        self.view = LiveView(target, entity)
        self.findings: dict[NetworkPath | None, Finding] = {}
        self.evidence: list[Evidence] = []
        self.due = 0
        # Set when the entity or the rule is gone for good: nothing wakes the instance any more.
        self.detached = False

    @property
    def root(self) -> int:
        """State of the whole condition."""
        return self.levels.state(self.compiled.slot)

    @property
    def states(self) -> list[int]:
        """State of each leaf."""
        levels = self.levels
        return [levels.input_state(*place) for place in levels.wiring.inputs(self.compiled.slot)]

    @property
    def path(self) -> NetworkPath | None:
        """The path that a finding would belong to now."""
        return self.target.path if self.compiled.path_dependent else None

    @property
    def entity_ref(self) -> EntityRef | None:
        """The bound entity by kind and key."""
        return EntityRef(self.entity.kind, self.entity.key) if self.entity else None

    def adopt(self, path: NetworkPath) -> None:
        """Give the finding of a time without any known path to the first path that is seen."""
        finding = self.findings.pop(None, None)
        if finding is not None:
            finding.path = path
            self.findings[path] = finding

    def hand_over(self, heir: Instance | None) -> Instance | None:
        """Let the instance of another rule set carry on; return it, None if there is none that can.

        That may be the instance itself. A rule that begins or ceases to depend on the network path is
        another rule.
        """
        if heir is self:
            return self
        self.detached, self.due = True, 0
        if heir is None or heir.compiled.path_dependent != self.compiled.path_dependent:
            return None
        heir.findings, heir.evidence = self.findings, self.evidence
        return heir

    def move(self, compiled: CompiledRule, levels: Levels) -> None:
        """Carry on as the same rule of another rule set."""
        levels.adopt(compiled.slot, self.levels, self.compiled.slot)
        self.compiled, self.levels = compiled, levels

    def set_leaf(self, leaf: int, state: int) -> bool:
        """Set the state of a leaf; return whether the instance needs a look, as `Levels.set`."""
        return self.levels.set(*self.levels.wiring.inputs(self.compiled.slot)[leaf], state)

    def evaluate_leaf(self, leaf: int) -> bool:
        """Evaluate a leaf on live values and set it; return as `set_leaf`."""
        return self.set_leaf(leaf, self.compiled.circuit.leaves[leaf].read(self.view))

    def evaluate_known(self) -> None:
        """Evaluate every leaf of which something is known; the levels are those of a blank scope."""
        value, elements = self.view.value, self.view.elements
        for index, leaf in enumerate(self.compiled.circuit.leaves):
            if any(value(key) is not UNKNOWN for key in leaf.variables) or any(
                elements(kind) is not UNKNOWN for kind in leaf.lists
            ):
                self.evaluate_leaf(index)
