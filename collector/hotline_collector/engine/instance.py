"""One rule on one target and entity: the state of its circuit and its findings."""

from __future__ import annotations

from hotline_proto.facts import NetworkPath
from hotline_proto.relations import EntityRef

from hotline_collector.engine.cells import LiveView, Scope, TargetState
from hotline_collector.engine.circuit import FALSE, TRUE, UNKNOWN
from hotline_collector.engine.ruleset import CompiledRule
from hotline_collector.model.finding import Evidence, Finding


class Instance:
    """The circuit of a rule for one target and entity.

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
        "falses",
        "findings",
        "states",
        "target",
        "unknowns",
        "view",
    )

    def __init__(self, compiled: CompiledRule, target: TargetState, entity: Scope | None) -> None:
        circuit = compiled.circuit
        self.compiled = compiled
        self.target = target
        self.entity = entity
        self.view = LiveView(target, entity)
        self.states = bytearray([UNKNOWN] * len(circuit.parent))
        self.falses = [0] * len(circuit.parent)
        self.unknowns = list(circuit.size)
        self.findings: dict[NetworkPath | None, Finding] = {}
        self.evidence: list[Evidence] = []
        self.due = 0
        # Set when the entity or the rule is gone for good: nothing wakes the instance any more.
        self.detached = False

    @property
    def root(self) -> int:
        """State of the whole condition."""
        return self.states[-1]

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

    def set_leaf(self, leaf: int, new: int) -> bool:
        """Set the state of a leaf; return whether the instance needs a look.

        It does when the root changed, and while the root is unknown: then what is missing has changed.
        """
        states = self.states
        old = states[leaf]
        if old == new:
            return False
        states[leaf] = new
        circuit = self.compiled.circuit
        node = leaf
        while (above := circuit.parent[node]) >= 0:
            falses, unknowns = self.falses, self.unknowns
            if old == FALSE:
                falses[above] -= 1
            elif old == UNKNOWN:
                unknowns[above] -= 1
            if new == FALSE:
                falses[above] += 1
            elif new == UNKNOWN:
                unknowns[above] += 1
            before = states[above]
            if circuit.conjunction[above]:
                after = FALSE if falses[above] else UNKNOWN if unknowns[above] else TRUE
            elif circuit.size[above] > falses[above] + unknowns[above]:
                after = TRUE
            else:
                after = UNKNOWN if unknowns[above] else FALSE
            if after == before:
                return states[-1] == UNKNOWN
            states[above] = after
            node, old, new = above, before, after
        return True

    def evaluate_leaf(self, leaf: int) -> bool:
        """Evaluate a leaf on live values and set it; return as `set_leaf`."""
        part = self.compiled.circuit.leaves[leaf]
        return self.set_leaf(leaf, part.state(part.evaluator(self.view, {})))

    def evaluate_all(self) -> None:
        """Evaluate every leaf on live values."""
        for leaf in range(len(self.compiled.circuit.leaves)):
            self.evaluate_leaf(leaf)
