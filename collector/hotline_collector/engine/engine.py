"""The engine of one call: facts in, findings out; no I/O, no clock, no randomness."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Mapping

from hotline_proto.catalogue import Catalogue
from hotline_proto.facts import FactValue, NetworkPath, UnknownReason
from hotline_proto.record import Entry, EntryKind
from hotline_proto.v1 import probe_pb2 as pb
from hotline_proto.v1 import record_pb2 as rec

from hotline_collector.engine import asking, inquiry, questions, report
from hotline_collector.engine.bearing import Bearing, bearing
from hotline_collector.engine.cells import SourceCell, TargetState
from hotline_collector.engine.circuit import FALSE, UNKNOWN
from hotline_collector.engine.complaint import Relevance
from hotline_collector.engine.errors import FrameError, InputError
from hotline_collector.engine.frames import FrameReader
from hotline_collector.engine.instance import Instance
from hotline_collector.engine.lifecycle import Lifecycle
from hotline_collector.engine.network import Network
from hotline_collector.engine.plans import plan_state
from hotline_collector.engine.proofs import Proofs
from hotline_collector.engine.ranking import rank_causes, rank_suspected
from hotline_collector.engine.ruleset import RuleSet
from hotline_collector.engine.windows import Tracker
from hotline_collector.engine.wishes import Wishes
from hotline_collector.model.finding import (
    Cause,
    Changes,
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


class Engine:
    """Judges one call. Every input carries its time `now` (µs since the epoch, collector time).

    The same inputs in the same order give byte-identical findings; `apply_entry` feeds a record.
    """

    def __init__(self, call_id: str, rules: RuleSet, catalogue: Catalogue) -> None:
        self.call_id = call_id
        self.rules = rules
        self.catalogue = catalogue
        self.complaint = ""
        self._plan = ""
        self._plan_seen: PlanState | None = None
        self._confidences: Mapping[str, float] = {}
        self._targets: dict[int, TargetState] = {}
        self._readers: dict[int, FrameReader] = {}
        self._sessions: dict[int, str] = {}
        self._network = Network(rules, catalogue, self._expire)
        self._lifecycle = Lifecycle(call_id, rules, self._schedule, lambda i: report.evidence(i, self.rules))
        self._relevance = Relevance("", rules)
        self._wishes = Wishes()
        self._proofs = Proofs(self._lifecycle, catalogue, self._wishes, self._at)
        self._changes = Changes()
        # What could be asked, by target, since the last input; it costs milliseconds and is wanted often.
        self._askable: dict[int, asking.Options] = {}
        self._deadlines: list[tuple[int, int, Callable[[int], None]]] = []
        self._ticket = 0
        self._inputs: dict[EntryKind, Callable[[Entry, Mapping[str, RuleSet]], None]] = {
            EntryKind.CALL_OPENED: self._call_opened,
            EntryKind.TARGET_ADDED: self._target_added,
            EntryKind.LINK_CHANGED: self._link_changed,
            EntryKind.PROBE_FRAME: self._probe_frame,
            EntryKind.TICK: lambda entry, _packs: self.tick(entry.at),
            EntryKind.FACT_STATED: self._fact_stated,
            EntryKind.COMPLAINT_CHANGED: self._complaint_changed,
            EntryKind.FIX_DONE: self._fix_done,
            EntryKind.PACK_CHANGED: self._pack_changed,
            EntryKind.PLAN_FOLLOWED: self._plan_followed,
        }

    # ---- inputs -----------------------------------------------------------------------------------
    def apply_entry(self, entry: Entry, packs: Mapping[str, RuleSet]) -> None:
        """Apply one entry of a record; the only way in that calls use, so that a record is complete.

        Raises:
            FrameError: a probe's frame breaks the protocol; nothing of it was applied.
            InputError: the entry does not fit the call.
        """
        self._inputs[entry.kind](entry, packs)

    def apply_frame(self, target: int, now: int, frame: pb.ProbeFrame) -> None:
        """Apply an announcement, readings, notes, answer or consent frame of a probe.

        Raises:
            FrameError: the frame breaks the protocol; nothing of it was applied.
        """
        reader = self._reader(target)
        match frame.WhichOneof("body"):
            case "readings":
                self.apply_readings(target, now, frame)
                return
            case "announcement":
                reader.announce(frame.announcement)
            case "notes":
                reader.note(frame.notes)
                self._changes.sources = True
            case "consent":
                self._targets[target].consent = tuple(frame.consent.granted)
                self._changes.sources = True
            case "answer":
                answer = frame.answer
                self._state_fact(
                    target,
                    answer.question,
                    self._parse_answer(answer.question, answer.value),
                    rec.ORIGIN_CALLER_TYPED,
                    now,
                )
            case _:
                return
        self._conclude(now)

    def apply_readings(self, target: int, now: int, frame: pb.ProbeFrame) -> None:
        """Apply a frame of readings; what `apply_frame` does with one, for those who know its body.

        Raises:
            FrameError: the frame breaks the protocol; nothing of it was applied.
        """
        self._reader(target).read(frame.readings, frame.mono_us, now)
        self._conclude(now)

    def _reader(self, target: int) -> FrameReader:
        reader = self._readers.get(target)
        if reader is None:
            raise FrameError("a frame arrived before the session began")
        return reader

    def tick(self, now: int) -> None:
        """Let time pass: holds, releases, staleness, windows and verifications that are due."""
        while self._deadlines and self._deadlines[0][0] <= now:
            heapq.heappop(self._deadlines)[2](now)
        self._conclude(now)

    def next_deadline(self) -> int | None:
        """Return when `tick` is needed next, None if never."""
        return self._deadlines[0][0] if self._deadlines else None

    def take_changes(self) -> Changes:
        """Return what changed since the last time, and forget it."""
        changes = self._changes
        if changes:
            self._changes = Changes()
        return changes

    # ---- what it knows ----------------------------------------------------------------------------
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

    def follow_ups(self, target: int) -> list[str]:
        """Return the sources that should run once now, most deciding first; they are told once."""
        return self._wishes.take(target)

    def questions(self) -> list[QuestionState]:
        """Return the questions that would decide something, in the order to ask them, and those answered."""
        deciding = [option for target in self._targets.values() for option in self._options(target).questions]
        answers = report.answers(self._targets.values(), self.rules)
        return questions.in_order(
            self.rules, self._relevance, deciding, self._proofs.questions(), self.plan(), answers
        )

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

    # ---- single inputs ----------------------------------------------------------------------------
    def _call_opened(self, entry: Entry, packs: Mapping[str, RuleSet]) -> None:
        message = rec.CallOpened.FromString(entry.payload)
        if message.call_id:
            # A record has the same findings by the same ids wherever it is played.
            self.call_id = self._lifecycle.call_id = message.call_id
        self._confidences = {item.rule: item.confidence for item in message.confidences}
        self._use_rules(message.pack_digest, packs, entry.at)
        self._set_complaint(message.complaint)
        self._conclude(entry.at)

    def _target_added(self, entry: Entry, _packs: Mapping[str, RuleSet]) -> None:
        message = rec.TargetAdded.FromString(entry.payload)
        if message.target in self._targets:
            raise InputError(f"target {message.target} exists already")
        target = self._targets[message.target] = TargetState(message.target, message.name)
        self._network.add_target(target)
        self._conclude(entry.at)

    def _link_changed(self, entry: Entry, _packs: Mapping[str, RuleSet]) -> None:
        message = rec.LinkChanged.FromString(entry.payload)
        target = self._target(entry.target)
        target.link_up = message.up
        if message.up:
            target.offset = message.clock_offset_us
            fresh_start = (
                self._sessions.get(target.id) != message.session_id or target.boot_id != message.boot_id
            )
            if fresh_start:
                self._begin_session(target, message)
        self._changes.sources = True
        for instance in self._network.instances(target):
            for finding in instance.findings.values():
                if finding.present:
                    self._lifecycle.mark_stale(
                        finding, not message.up or instance.root == UNKNOWN, self._changes
                    )
        self._conclude(entry.at)

    def _begin_session(self, target: TargetState, message: rec.LinkChanged) -> None:
        """Believe nothing that an earlier session or boot said; it will be told again."""
        self._sessions[target.id] = message.session_id
        target.boot_id = message.boot_id
        self._network.forget_lists(target)
        for source in target.sources.values():
            if source.spec is not None and source.spec.platforms:
                self._network.refresh(source, False)
        for scopes in list(target.entities.values()):
            for scope in list(scopes.values()):
                if scope.present:
                    self._network.vanish(scope)
        self._readers[target.id] = FrameReader(self._network, target)

    def _probe_frame(self, entry: Entry, _packs: Mapping[str, RuleSet]) -> None:
        self.apply_frame(entry.target, entry.at, pb.ProbeFrame.FromString(entry.payload))

    def _fact_stated(self, entry: Entry, _packs: Mapping[str, RuleSet]) -> None:
        message = rec.FactStated.FromString(entry.payload)
        value = _stated_value(message)
        observed = min(message.observed_us or entry.at, entry.at)
        self._state_fact(message.target, message.fact, value, message.origin, observed)
        self._conclude(entry.at)

    def _complaint_changed(self, entry: Entry, _packs: Mapping[str, RuleSet]) -> None:
        self._set_complaint(rec.ComplaintChanged.FromString(entry.payload).complaint)
        self._conclude(entry.at)

    def _fix_done(self, entry: Entry, _packs: Mapping[str, RuleSet]) -> None:
        message = rec.FixDone.FromString(entry.payload)
        finding = self.findings().get(message.finding_id)
        if finding is None:
            raise InputError(f"there is no finding {message.finding_id}")
        self._proofs.begin(message.fix_id, finding, message.done_us, entry.at)
        self._changes.verifications.add(message.fix_id)
        self._conclude(entry.at)

    def _pack_changed(self, entry: Entry, packs: Mapping[str, RuleSet]) -> None:
        self._use_rules(rec.PackChanged.FromString(entry.payload).pack_digest, packs, entry.at)
        self._conclude(entry.at)

    def _plan_followed(self, entry: Entry, _packs: Mapping[str, RuleSet]) -> None:
        plan = rec.PlanFollowed.FromString(entry.payload).plan
        if plan and plan not in self.rules.install_plans:
            raise InputError(f"there is no plan {plan}")
        self._plan = plan
        self._changes.questions = True
        self._conclude(entry.at)

    def _use_rules(self, digest: str, packs: Mapping[str, RuleSet], now: int) -> None:
        if not digest or digest == self.rules.pack.digest:
            return
        if digest not in packs:
            raise InputError(f"the rule pack {digest[:12]} is not at hand")
        self.rules = packs[digest]
        heirs = self._network.rebuild(self._targets.values(), self.rules, now)
        self._proofs.change_rules(heirs, now, self._changes)
        self._lifecycle.change_rules(self.rules, heirs, now, self._changes)
        if self._plan not in self.rules.install_plans:
            self._plan = ""
        self._set_complaint(self.complaint)

    def _set_complaint(self, complaint: str) -> None:
        self.complaint = complaint
        self._relevance = Relevance(complaint, self.rules)
        self._changes.questions = True

    def _state_fact(self, target: int, fact: str, value: FactValue, origin: int, observed: int) -> None:
        state = self._target(target)
        cell = self._network.cell(state.scope, fact)
        cell.origin = origin
        cell.measured = observed
        if isinstance(value, UnknownReason):
            self._network.forget(cell, value)
        else:
            cell.source.ran = max(cell.source.ran, observed)
            self._network.refresh(cell.source, True)
            self._network.put(cell, value)
        self._changes.questions = True

    def _parse_answer(self, question: str, value: str) -> FactValue:
        spec = self.rules.pack.questions.get(question)
        if spec is None:
            raise FrameError(f"there is no question {question[:64]}")
        if not value:
            return UnknownReason.DECLINED
        if spec.type == "bool":
            if value not in ("true", "false"):
                raise FrameError(f"{question} is answered with true or false")
            return value == "true"
        if spec.values and value not in spec.values:
            raise FrameError(f"{question} has no answer {value[:64]}")
        return value

    # ---- time -------------------------------------------------------------------------------------
    def _at(self, due: int, action: Callable[[int], None]) -> None:
        self._ticket += 1
        heapq.heappush(self._deadlines, (due, self._ticket, action))

    def _schedule(self, due: int, instance: Instance) -> None:
        self._at(due, lambda now: self._lifecycle.due(instance, now, self._changes))

    def _expire(self, source: SourceCell) -> None:
        """Make the facts of a source stale in time; one deadline a source, moved on as it fires."""
        if source.watched or not source.fresh:
            return
        source.watched = True

        def check(now: int) -> None:
            due = source.ran + source.fresh
            if now < due:
                self._at(due, check)
                return
            source.watched = False
            self._network.refresh(source, False)
            self._changes.sources = True

        self._at(source.ran + source.fresh, check)

    def _follow_timed(self) -> None:
        """Schedule the windows that time alone will change."""
        timed, self._network.timed = self._network.timed, []
        for due, tracker in timed:
            if tracker.due and tracker.due <= due:
                continue
            tracker.due = due

            def look(now: int, tracker: Tracker = tracker) -> None:
                tracker.due = 0
                self._network.track(tracker, now)

            self._at(due, look)

    # ---- conclusions ------------------------------------------------------------------------------
    def _conclude(self, now: int) -> None:
        """Draw the conclusions from what an input changed."""
        network = self._network
        self._askable.clear()
        if network.timed:
            self._follow_timed()
        woken = network.settle()
        for instance in woken:
            self._lifecycle.look(instance, now, self._changes)
        if self._proofs.verifications:
            self._proofs.judge(now, self._changes)
        if woken:
            network.sweep()
            if self._changes.findings:
                self._changes.questions = True
                self._inquire(now)
        if self._plan:
            self._watch_plan()
        if self._wishes:
            self._changes.follow_ups = True

    def _inquire(self, now: int) -> None:
        """Wish for the sources whose run is expected to decide something."""
        for target in self._targets.values():
            wanted = (option.name for option in self._options(target).sources)
            self._wishes.inquire(target.id, wanted, self.catalogue, now)

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

    def _watch_plan(self) -> None:
        seen = self.plan()
        if seen != self._plan_seen:
            self._plan_seen = seen
            self._changes.questions = True

    def _target(self, number: int) -> TargetState:
        try:
            return self._targets[number]
        except KeyError:
            raise InputError(f"the call has no target {number}") from None


def _stated_value(message: rec.FactStated) -> FactValue:
    match message.WhichOneof("value"):
        case "number":
            return message.number
        case "integer":
            return message.integer
        case "truth":
            return message.truth
        case "text":
            return message.text
        case "unknown":
            return UnknownReason(message.unknown)
        case _:
            raise InputError(f"the stated fact {message.fact} has no value")
