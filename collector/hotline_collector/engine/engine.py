"""The engine of one call: facts in, findings out; no I/O, no clock, no randomness."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hotline_proto.catalogue import Catalogue
from hotline_proto.facts import FactValue, UnknownReason
from hotline_proto.record import Entry, EntryKind
from hotline_proto.v1 import probe_pb2 as pb
from hotline_proto.v1 import record_pb2 as rec

from hotline_collector.engine import report
from hotline_collector.engine.cells import SourceCell, TargetState
from hotline_collector.engine.circuit import UNKNOWN
from hotline_collector.engine.complaint import Relevance
from hotline_collector.engine.deadlines import Deadlines
from hotline_collector.engine.errors import FrameError, InputError
from hotline_collector.engine.frames import FrameReader
from hotline_collector.engine.instance import Instance
from hotline_collector.engine.knowledge import Knowledge
from hotline_collector.engine.lifecycle import Lifecycle
from hotline_collector.engine.network import Network
from hotline_collector.engine.proofs import Proofs
from hotline_collector.engine.ruleset import RuleSet
from hotline_collector.engine.stated import answered_value, stated_value
from hotline_collector.engine.wishes import Wishes
from hotline_collector.model.consent import known_layers
from hotline_collector.model.finding import Changes, PlanState


class Engine(Knowledge):
    """Judges one call. Every input carries its time `now` (µs since the epoch, collector time).

    The same inputs in the same order give byte-identical findings; `apply_entry` feeds a record.
    """

    def __init__(self, call_id: str, rules: RuleSet, catalogue: Catalogue) -> None:
        self._changes = Changes()
        self._deadlines = Deadlines(self._make_stale)
        self._wishes = Wishes()
        lifecycle = Lifecycle(call_id, rules, self._schedule, lambda i: report.evidence(i, self.rules))
        super().__init__(
            Network(rules, catalogue, self._deadlines.expire),
            lifecycle,
            Proofs(lifecycle, catalogue, self._wishes, self._deadlines.at),
        )
        self._plan_seen: PlanState | None = None
        self._readers: dict[int, FrameReader] = {}
        self._sessions: dict[int, str] = {}
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
                reader.announced.learn(frame.announcement)
            case "notes":
                reader.note(frame.notes)
                self._changes.sources = True
            case "consent":
                self._targets[target].consent = known_layers(frame.consent.granted)
                self._changes.sources = True
            case "answer":
                answer = frame.answer
                self._state_fact(
                    target,
                    answer.question,
                    answered_value(self.rules.pack.questions, answer.question, answer.value),
                    rec.ORIGIN_CALLER_TYPED,
                    now,
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
        self._deadlines.pass_by(now)
        self._conclude(now)

    def next_deadline(self) -> int | None:
        """Return when `tick` is needed next, None if never."""
        return self._deadlines.next()

    def take_changes(self) -> Changes:
        """Return what changed since the last time, and forget it."""
        changes = self._changes
        if changes:
            self._changes = Changes()
        return changes

    def follow_ups(self, target: int) -> list[str]:
        """Return the sources that should run once now, most deciding first; they are told once."""
        return self._wishes.take(target)

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
        value = stated_value(message)
        observed = min(message.observed_us or entry.at, entry.at)
        self._state_fact(message.target, message.fact, value, message.origin, observed, entry.at)
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

    def _state_fact(
        self, target: int, fact: str, value: FactValue, origin: int, observed: int, now: int
    ) -> None:
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
        if cell.source.tracked:
            self._network.sample(cell.source, now)
        self._changes.questions = True

    # ---- time -------------------------------------------------------------------------------------
    def _schedule(self, due: int, instance: Instance) -> None:
        self._deadlines.at(due, lambda now: self._lifecycle.due(instance, now, self._changes))

    def _make_stale(self, source: SourceCell) -> None:
        self._network.refresh(source, False)
        self._changes.sources = True

    # ---- conclusions ------------------------------------------------------------------------------
    def _conclude(self, now: int) -> None:
        """Draw the conclusions from what an input changed."""
        network = self._network
        self._askable.clear()
        if network.timed:
            self._deadlines.follow_windows(network)
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
