"""What the engine knows of one call, for everybody who shows it or acts on it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from hotline_proto.facts import FactValue, NetworkPath, UnknownReason

from hotline_collector.engine import asking, inquiry, questions, report
from hotline_collector.engine.bearing import Bearing, bearing
from hotline_collector.engine.cells import TargetState
from hotline_collector.engine.circuit import FALSE, UNKNOWN
from hotline_collector.engine.complaint import Relevance
from hotline_collector.engine.instance import Instance
from hotline_collector.engine.lifecycle import Lifecycle
from hotline_collector.engine.network import Network
from hotline_collector.engine.plans import plan_state
from hotline_collector.engine.proofs import Proofs
from hotline_collector.engine.ranking import rank_causes, rank_suspected
from hotline_collector.model.finding import (
    Cause,
    Evidence,
    FactState,
    Finding,
    Missing,
    PlanState,
    QuestionState,
    SourceState,
    Verification,
)
from hotline_collector.model.rule import Rule


class Knowledge:
    """Findings, questions, proofs and facts of a call as they are now; nothing here changes what is known."""

    def __init__(self, network: Network, lifecycle: Lifecycle, proofs: Proofs) -> None:
        self.call_id = lifecycle.call_id
        self.rules = network.rules
        self.catalogue = network.catalogue
        self.complaint = ""
        self._plan = ""
        self._confidences: Mapping[str, float] = {}
        self._targets: dict[int, TargetState] = {}
        self._network = network
        self._lifecycle = lifecycle
        self._proofs = proofs
        self._relevance = Relevance("", self.rules)
        # What could be asked, by target, since the last input; it costs milliseconds and is wanted often.
        self._askable: dict[int, asking.Options] = {}

    def findings(self) -> Mapping[str, Finding]:
        """Return all findings by id, cleared ones included."""
        return self._lifecycle.findings

    def causes(self) -> list[Cause]:
        """Return the causes, ranked; hazards first, then by relevance to the complaint."""
        return rank_causes(self.findings(), self._targets, self.rules, self._relevance, self.confidence)

    def suspected(self) -> list[Finding]:
        """Return suspected and confirming findings, most pressing first."""
        return rank_suspected(self.findings(), self.rules, self._relevance, self.confidence)

    def confidence(self, rule: Rule) -> float:
        """Return how sure a rule is: as the field record had it when the call was opened, else as written."""
        return self._confidences.get(rule.id, rule.confidence)

    def rule(self, finding: Finding) -> Rule:
        """Return the rule that judges a finding, or judged it last if it is gone from the pack."""
        return self._lifecycle.owners[finding.id].compiled.rule

    def evidence(self, finding: Finding) -> list[Evidence]:
        """Return the facts that make a finding hold now, or made it hold last."""
        instance = self._lifecycle.owners[finding.id]
        return report.current_evidence(instance, finding, self.rules)

    def concerned(self, finding: Finding) -> list[Evidence]:
        """Return every fact that a finding's rule and its proof look at, as it is now."""
        return report.concerned(self._lifecycle.owners[finding.id], self.rules)

    def missing(self, finding: Finding) -> list[Missing]:
        """Return the facts that a suspected finding lacks."""
        return inquiry.missing_facts(self._lifecycle.owners[finding.id], self.rules)

    def questions(self) -> list[QuestionState]:
        """Return the questions that would decide something, in the order to ask them, and those answered."""
        deciding = [option for target in self._targets.values() for option in self._options(target).questions]
        answers = report.answers(self._targets.values(), self.rules)
        return questions.in_order(
            self.rules, self._relevance, deciding, self._proofs.questions(), self.plan(), answers
        )

    def answer(self, question: str) -> FactValue | None:
        """Return the answer of a question, "don't know" included; None if it is open."""
        given = report.answer(self._targets.values(), question)
        return given.value if given is not None else None

    def bearing(self, since: int, now: int) -> Bearing:
        """Return what answers and facts measured since a time say about the end of the call."""
        told = report.answers(self._targets.values(), self.rules)
        answered = {name for name, each in told.items() if not isinstance(each.value, UnknownReason)}
        return bearing(self._lifecycle, self._relevance, answered, since, now)

    def plan(self) -> PlanState | None:
        """Return how the plan stands that is followed, judged by the first target; None if none is."""
        plan = self.rules.install_plans.get(self._plan)
        target = next(iter(self._targets.values()), None)
        return plan_state(plan, target, self.rules) if plan is not None and target is not None else None

    def wants_target(self) -> bool:
        """Tell whether the complaint is about something with an address that should be checked."""
        return self._relevance.wants_target

    def by_answers(self) -> bool:
        """Tell whether the complaint is about something that is known by answers alone."""
        return self._relevance.by_answers

    def verifications(self) -> Mapping[str, Verification]:
        """Return the verifications by fix id."""
        return self._proofs.verifications

    def facts(self, target: int) -> Iterator[FactState]:
        """Yield every fact of a target, unknown ones included."""
        return report.facts(self._targets[target])

    def values(self, target: int, fact: str) -> dict[str, FactValue]:
        """Return what is known of one fact by the key of its entity, empty for the target itself."""
        spec = self.catalogue.facts[fact]
        return report.values(self._targets[target], spec.entity, spec.short)

    def consent(self, target: int) -> tuple[int, ...]:
        """Return the layers that the caller allows (numbers of hotline.v1.ConsentLayer)."""
        return self._targets[target].consent

    def targets(self) -> list[int]:
        """Return the numbers of all targets."""
        return sorted(self._targets)

    def sources(self, target: int) -> list[SourceState]:
        """Return how each source that ran is doing."""
        return report.sources(self._targets[target])

    def path(self, target: int) -> NetworkPath | None:
        """Return the network path in use."""
        return self._targets[target].path

    def entity_keys(self, target: int, kind: str) -> list[str]:
        """Return the keys of the entities of a kind that the target has now."""
        scopes = self._targets[target].entities.get(kind, {})
        return [key for key, scope in scopes.items() if scope.present]

    def fix_parameters(self, finding: Finding, fix_index: int) -> dict[str, str] | None:
        """Return the parameters of a fix's action as entity keys, None when one is not known."""
        return report.fix_parameters(self._lifecycle.owners[finding.id], fix_index)

    def is_unknown(self, target: int, rule_id: str, entity: str = "") -> bool:
        """Tell whether a rule's condition is unknown: on one entity, or on any (also when there is none)."""
        matching = [instance.root == UNKNOWN for instance in self._instances(target, rule_id, entity)]
        return any(matching) or not matching

    def ruled_out(self, target: int) -> set[str]:
        """Return the rules whose conditions are known to be false on everything they were judged on."""
        false: set[str] = set()
        others: set[str] = set()
        for instance in self._network.instances(self._targets[target]):
            (false if instance.root == FALSE else others).add(instance.compiled.rule.id)
        return false - others

    def complained_of(self) -> list[str]:
        """Return the rules that the complaint itself names, by id."""
        return sorted(rule_id for rule_id in self.rules.by_id if self._relevance.names(rule_id))

    def leaf_states(self, target: int, rule_id: str) -> list[bytes]:
        """Return the states of a condition's leaves, in the order of its circuit, for each entity judged."""
        return [
            bytes(instance.states[: len(instance.compiled.circuit.leaves)])
            for instance in self._instances(target, rule_id)
        ]

    def _instances(self, target: int, rule_id: str, entity: str = "") -> list[Instance]:
        index = self.rules.by_id[rule_id].index
        return [
            instance
            for instance in self._network.instances(self._targets[target])
            if instance.compiled.index == index
            and (not entity or (instance.entity is not None and instance.entity.key == entity))
        ]

    def _options(self, target: TargetState) -> asking.Options:
        found = self._askable.get(target.id)
        if found is None:
            found = self._askable[target.id] = self._weighed(target)
        return found

    def _weighed(self, target: TargetState) -> asking.Options:
        undecided = self._lifecycle.undecided(target.id)
        open_ = [instance for instance in undecided if asking.is_open(instance, self._relevance)]
        if not open_:
            return asking.Options()
        fresh = (cause for cause in self.causes() if cause.relevant and not cause.finding.stale)
        present = frozenset(finding.rule for finding in self.findings().values() if finding.present)
        situation = asking.Situation(self.rules, self._relevance, self.confidence, next(fresh, None), present)
        return asking.options(open_, situation)
