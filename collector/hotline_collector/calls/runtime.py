"""One call in memory: its engine, journal, sessions and fixes.

Every input of the engine goes through here, so that the journal is complete. An input is applied first
and journalled right after, without a pause between: what the engine refuses never enters the record.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable

from google.protobuf.message import Message
from hotline_proto.record import Entry, EntryKind, pack_entry
from hotline_proto.v1 import probe_pb2 as pb
from hotline_proto.v1 import record_pb2 as rec

from hotline_collector.calls import devices, frames
from hotline_collector.calls.devices import Device
from hotline_collector.calls.errors import CallError, CallErrorKind, InvalidTransition, not_found
from hotline_collector.calls.exclusions import Excluded, remembered
from hotline_collector.calls.fixbook import FixBook
from hotline_collector.calls.fixes import FixState
from hotline_collector.calls.reactions import Reactions
from hotline_collector.calls.session import Link, Session
from hotline_collector.calls.surroundings import Surroundings
from hotline_collector.calls.trends import Trends
from hotline_collector.engine.engine import Engine
from hotline_collector.engine.errors import FrameError
from hotline_collector.engine.ruleset import RuleSet
from hotline_collector.model.finding import Cause
from hotline_collector.model.rows import CallRow, DisagreementRow, FixRow, NoteRow, SessionRow
from hotline_collector.model.targets import COMPUTER

# The bus topic of the queue.
QUEUE = "queue"
# The outcome that somebody sees who still looks at a call when it is erased.
ERASED = "erased"
# The outcome of a call that was read from a file and never ran here.
IMPORTED = "imported"
ENGINE_BODIES = frozenset({"readings", "announcement", "notes", "answer", "consent"})
_REPORTED = {
    pb.ACTION_STATE_ACCEPTED: FixState.ACCEPTED,
    pb.ACTION_STATE_DECLINED: FixState.DECLINED,
    pb.ACTION_STATE_RUNNING: FixState.RUNNING,
    pb.ACTION_STATE_DONE: FixState.DONE,
    pb.ACTION_STATE_FAILED: FixState.FAILED,
    pb.ACTION_STATE_UNDONE: FixState.UNDONE,
}
_log = logging.getLogger(__name__)
_PROBE_FRAME = int(EntryKind.PROBE_FRAME)
# A join code lives no longer, and nobody reads a page of consent for longer than a minute in silence.
CODE_US = 600 * 1_000_000
DECIDING_US = 60 * 1_000_000
_MAX_DETAIL = 500
_MAX_REASON = 64


class CallRuntime:
    """One call; not closed calls live in memory, closed ones are rebuilt to be looked at."""

    def __init__(
        self,
        row: CallRow,
        rules: RuleSet,
        around: Surroundings,
        *,
        fixes: Iterable[FixRow] = (),
        notes: Iterable[NoteRow] = (),
        disagreements: Iterable[DisagreementRow] = (),
    ) -> None:
        self.row = row
        self.around = around
        self.engine = Engine(row.id, rules, around.catalogue)
        self.fixes = FixBook(fixes)
        self.notes = list(notes)
        self.disagreements = {each.id: each for each in disagreements}
        self.shown: dict[str, None] = {}
        self.first_shown = 0
        self.first_joined = 0
        self.trends = Trends()
        self.known_false: list[Excluded] = []
        self.sessions: dict[int, Session] = {}
        self.devices: dict[int, Device] = {}
        self.version = 1
        self.last = row.opened
        self.ticket = 0
        self.scheduled = 0
        # The question that is asked now, empty for none.
        self.asked = ""
        self.code_made = row.opened
        # Since when the caller is there with a phone, 0 if not; after a restart the phone says so again.
        self.phone_since = 0
        self._remind: int | None = None
        self._reactions = Reactions(self)
        self._journal = around.journal

    @property
    def rules(self) -> RuleSet:
        """The rules that judge the call now."""
        return self.engine.rules

    # ---- inputs -------------------------------------------------------------------------------
    def moment(self, now: int) -> int:
        """Return a time that is never before the last input's."""
        self.last = max(now, self.last)
        return self.last

    def input(
        self,
        kind: EntryKind,
        target: int,
        payload: Message | None,
        at: int | None = None,
        *,
        spare: bool = False,
    ) -> None:
        """Apply and journal one input of the engine, and act on what it changed.

        With `spare` it may use the room that a full journal keeps for what nobody can hold back.

        Raises:
            CallError: the journal takes nothing more.
            InputError: the engine refuses it.
        """
        if not spare:
            self._must_have_room()
        now = self.moment(self.around.clock.now() if at is None else at)
        raw = payload.SerializeToString(deterministic=True) if payload is not None else b""
        self.engine.apply_entry(Entry(kind, target, now, raw), self.around.packs)
        self.ticket = self._journal.append(self.row.id, pack_entry(kind, target, now, raw))
        self.settle(time_only=kind is EntryKind.TICK)

    def frame(self, session: Session, now: int, raw: bytes, frame: pb.ProbeFrame, body: str) -> None:
        """Apply and journal a probe's frame just as it came; the hot path.

        Raises:
            CallError: the journal takes nothing more.
            FrameError: the frame breaks the protocol; nothing of it was applied.
        """
        if self._journal.full:
            self._must_have_room()
        if now < self.last:
            now = self.last
        else:
            self.last = now
        target = session.row.target
        if body == "readings":
            self.engine.apply_readings(target, now, frame)
        elif body == "answer":
            self._answered(session, now, frame)
            return
        elif body in ENGINE_BODIES:
            self.apply(target, now, frame, body)
        session.ticket = self._journal.append(self.row.id, pack_entry(_PROBE_FRAME, target, now, raw))
        if frame.seq:
            session.seq = frame.seq
        if body == "readings":
            if now >= self.trends.due and target == COMPUTER:
                self.trends.note(now, lambda fact: self.engine.values(COMPUTER, fact))
            changes = self.engine.take_changes()
            if changes:
                self._reactions.to(changes)
            self.around.deadlines.watch(self)
            return
        self.beyond_engine(session, frame, body, now)
        self.settle()
        self._record(session, frame, body)
        if body == "device":
            devices.learned(self, target, frame.device)
        self.verify_done()

    def _answered(self, session: Session, now: int, frame: pb.ProbeFrame) -> None:
        """Take up what the caller typed if it answers what is asked; the record holds the answer as a fact.

        A probe sends what a human said until it is durable, so refusing the frame would never end.
        """
        bare = pb.ProbeFrame(seq=frame.seq, mono_us=frame.mono_us).SerializeToString()
        session.ticket = self._journal.append(
            self.row.id, pack_entry(_PROBE_FRAME, session.row.target, now, bare)
        )
        session.seq = frame.seq or session.seq
        stated = self._reactions.stated(session, frame.answer)
        if stated is not None:
            self.input(EntryKind.FACT_STATED, COMPUTER, stated, now, spare=True)
            session.ticket = self.ticket
            self._record(session, frame, "answer")

    def apply(self, target: int, now: int, frame: pb.ProbeFrame, body: str) -> None:
        """Apply a frame to the engine; an answer that fits no question is kept and not believed.

        A probe sends what a human said until it is durable, so refusing the frame would never end.

        Raises:
            FrameError: the frame breaks the protocol; nothing of it was applied.
        """
        try:
            self.engine.apply_frame(target, now, frame)
        except FrameError:
            if body != "answer":
                raise

    def beyond_engine(self, session: Session, frame: pb.ProbeFrame, body: str, now: int) -> None:
        """Act on what a frame means for the call besides its facts; also when a record is replayed."""
        if body == "consent":
            if session.consent(tuple(frame.consent.granted), frame.consent.declined):
                self.around.saver.touch(session.row)
        elif body == "action":
            self._action(session, frame, now)
        elif body == "check":
            session.checks_decided.add(frame.check.check)
        elif body == "device":
            devices.reported(self.devices, session.row.target, frame.device)

    def _record(self, session: Session, frame: pb.ProbeFrame, body: str) -> None:
        audit, caller = self.around.saver.audit, self.speaker(session.row)
        if body == "consent":
            layers = [pb.ConsentLayer.Name(layer) for layer in session.row.consent]
            refused = [f"no {pb.ConsentLayer.Name(layer)}" for layer in frame.consent.declined]
            audit(caller, "consent", self.row.id, ", ".join([*layers, *refused]) or "none")
        elif body == "action":
            state = pb.ActionState.Name(frame.action.state)
            audit(caller, "fix.report", self.row.id, f"{frame.action.proposal_id}: {state}")
        elif body == "answer":
            audit(caller, "question.answer", self.row.id, frame.answer.question)
        elif body == "check":
            verdict = "allowed" if frame.check.allowed else "declined"
            audit(caller, "check.decide", self.row.id, f"{frame.check.check}: {verdict}")
        elif body == "device":
            state = pb.DeviceState.Name(frame.device.state)
            audit(caller, "device.report", self.row.id, f"{frame.device.target}: {state}")

    def speaker(self, session: SessionRow) -> str:
        """Return who speaks in a session, for the audit trail: the caller, or a device read from here."""
        device = self.devices.get(session.target)
        kind = "device" if device is not None and device.from_collector else "caller"
        return f"{kind}:{session.id}"

    def settle(self, *, time_only: bool = False) -> None:
        """Act on what the last input changed and plan the next tick; time alone may change nothing."""
        changes = self.engine.take_changes()
        if changes:
            self._reactions.to(changes)
        elif not time_only:
            self.changed()
        self.around.deadlines.watch(self)

    def shown_at(self, now: int) -> int:
        """Return the time that a look shows: a closed call as it was when it, or its record, ended."""
        if self.row.outcome == IMPORTED:
            return self.last
        return self.row.closed or max(now, self.last)

    @property
    def shows_personal(self) -> bool:
        """Whether personal values are shown; of a file its caller decided that when it was written."""
        return self.row.words_confirmed or self.row.outcome == IMPORTED

    def forget(self) -> None:
        """Let go of everything that is known, because the call is erased; who still looks sees nothing."""
        row = self.row
        row.state, row.outcome = "closed", ERASED
        row.complaint = row.customer_reference = row.first_check = row.back_number = ""
        row.checks, row.queued, self.phone_since = (), 0, 0
        self.trends = Trends()
        self.engine = Engine(row.id, self.rules, self.around.catalogue)
        # A frame that was on its way is refused like any that makes no sense.
        target = rec.TargetAdded(target=COMPUTER, name="").SerializeToString()
        self.engine.apply_entry(Entry(EntryKind.TARGET_ADDED, COMPUTER, self.last, target), {})
        self.fixes = FixBook()
        self.notes.clear()
        self.disagreements.clear()
        self.shown.clear()
        self.sessions.clear()
        self.devices.clear()
        self.changed()
        self.around.bus.publish(QUEUE)

    def changed(self) -> None:
        """Tell everyone who watches that there is something new."""
        self.version += 1
        self.around.bus.publish(topic(self.row.id))
        if self.row.queued:
            self.around.bus.publish(QUEUE)

    def _must_have_room(self) -> None:
        if self._journal.full:
            raise CallError(
                CallErrorKind.UNAVAILABLE,
                "the collector cannot write to its disk right now; nothing is lost, it is tried again",
            )

    # ---- time ---------------------------------------------------------------------------------
    def deadline(self) -> int | None:
        """Return when `tick` is needed next."""
        if self.row.state == "closed":
            return None
        due = self.engine.next_deadline()
        for other in (self.fixes.next_expiry, self._remind):
            if other is not None and (due is None or other < due):
                due = other
        return due

    def tick(self, now: int) -> None:
        """Let time pass in the engine, and let proposals expire."""
        if self._journal.full:
            return
        due = self.engine.next_deadline()
        if due is not None and due <= now:
            self.input(EntryKind.TICK, 0, None, now)
        for row in self.fixes.expire(now):
            self.around.saver.touch(row)
            self.changed()
        if self._remind is not None and self._remind <= now:
            self._remind = None
            self.changed()

    def plan_reminder(self) -> None:
        """Have everyone told when the caller takes so long to join that a new code may help."""
        session = self.sessions.get(COMPUTER)
        if session is None:
            self._remind = self.code_made + CODE_US
        else:
            self._remind = session.row.joined + DECIDING_US if session.state == "joined" else None
        self.around.deadlines.watch(self)

    def remember_shown(self, causes: Iterable[Cause]) -> None:
        """Remember the rules that were shown as causes; the one that was ranked first last is at the end."""
        relevant = [each for each in causes if each.relevant]
        if relevant and not self.first_shown:
            self.first_shown = self.last
        for cause in reversed(relevant):
            self.shown.pop(cause.finding.rule, None)
            self.shown[cause.finding.rule] = None

    def words_confirmed(self) -> None:
        """Unlock what waited for the two words."""
        self.row.words_confirmed = True
        self.around.saver.touch(self.row)
        for session in self.sessions.values():
            session.send(frames.call_state(self.row.agent, words_confirmed=True))
        self._reactions.ask_personal()
        self.changed()

    # ---- links --------------------------------------------------------------------------------
    def link_up(self, session: Session, link: Link, hello: pb.Hello, mono_us: int) -> None:
        """Take up a connection of a session; an older one of the same session is dropped.

        Raises:
            CallError: the journal takes nothing more.
        """
        self._must_have_room()
        self.drop_link(session)
        now = self.moment(self.around.clock.now())
        session.link, session.since, session.offset = link, now, now - mono_us
        self._remind = None
        session.asked = ""
        session.advice = ()
        self.sessions[session.row.target] = session
        if self.row.state in ("created", "waiting") and not self.row.queued:
            self.row.state = "active"
            self.around.saver.touch(self.row)
        self.around.saver.touch(session.row)
        self.input(
            EntryKind.LINK_CHANGED,
            session.row.target,
            rec.LinkChanged(
                target=session.row.target,
                up=True,
                boot_id=hello.boot_id,
                clock_offset_us=session.offset,
                session_id=session.row.id,
            ),
            now,
        )
        session.ticket = max(session.ticket, self.ticket)
        self._log_link("link up", session)
        self.consent_stated(session, hello.consent)
        self._reactions.greet(session, now)

    def drop_link(self, session: Session) -> None:
        """Let go of a connection that another one of the same session replaces."""
        if session.link is not None:
            link, session.link = session.link, None
            link.drop("another connection of this session took its place")

    def consent_stated(self, session: Session, consent: pb.ConsentState) -> None:
        """Record what Hello says about consent if it differs from what is known."""
        declined = pb.CONSENT_LAYER_PERSONAL in consent.declined
        if tuple(consent.granted) == session.row.consent and declined == session.declined:
            return
        frame = pb.ProbeFrame(consent=consent)
        self.frame(session, self.around.clock.now(), frame.SerializeToString(), frame, "consent")

    def link_down(self, session: Session, link: Link | None) -> None:
        """Note that a connection is gone; what the session has told stays."""
        if session.link is not link or self.row.state == "closed":
            return
        session.link, session.since = None, self.moment(self.around.clock.now())
        self.input(
            EntryKind.LINK_CHANGED,
            session.row.target,
            rec.LinkChanged(target=session.row.target, session_id=session.row.id),
            session.since,
            spare=True,
        )
        self.known_false = remembered(self)
        self._log_link("link lost", session)

    def _log_link(self, what: str, session: Session) -> None:
        _log.info(what, extra={"call": self.row.id, "session": session.row.id})

    def end_session(self, session: Session, reason: str) -> None:
        """Note that the probe has said goodbye for good, or that another one took its place."""
        if not session.row.ended:
            self.around.saver.audit(self.speaker(session.row), "end", self.row.id, reason[:_MAX_REASON])
            self._log_link("session ended", session)
            session.row.ended = session.since = self.moment(self.around.clock.now())
            self.around.saver.touch(session.row)
            self.forsake(session)
            self.changed()

    def forsake(self, session: Session) -> None:
        """Let actions fail that nobody will report on: of earlier sessions, and of this if it is over."""
        now = self.moment(self.around.clock.now())
        for row in self.fixes.under_way():
            alive = not session.row.ended and row.id in session.reported
            if row.target == session.row.target and not alive:
                self.fixes.forsake(row, now)
                self.around.saver.touch(row)

    # ---- fixes --------------------------------------------------------------------------------
    def fix(self, fix_id: str) -> FixRow:
        """Return a fix.

        Raises:
            CallError: there is none.
        """
        row = self.fixes.rows.get(fix_id)
        if row is None:
            raise not_found(f"this call has no fix {fix_id!r}")
        return row

    def verify_done(self) -> None:
        """Have fresh facts decide about every fix that is done and not yet being verified."""
        for row in self.fixes.open_verifications():
            if row.state != FixState.DONE or row.finding_id not in self.engine.findings():
                continue
            done = rec.FixDone(
                fix_id=row.id, finding_id=row.finding_id, fix_index=row.index, done_us=row.done
            )
            self.input(EntryKind.FIX_DONE, row.target, done)
            self.fix_verifying(row)
            self.changed()

    def fix_verifying(self, row: FixRow) -> None:
        """Take up what the engine says about the proof of a fix."""
        verification = self.engine.verifications().get(row.id)
        if verification is None:
            return
        self.fixes.verifying(row, verification.until)
        self.fixes.prove(verification)
        self.around.saver.touch(row)

    def _action(self, session: Session, frame: pb.ProbeFrame, now: int) -> None:
        report = frame.action
        row, goal = self.fixes.rows.get(report.proposal_id), _REPORTED.get(report.state)
        if row is None or goal is None or not row.action or row.target != session.row.target:
            return
        session.reported.add(row.id)
        try:
            new = self.fixes.report(row, goal, now)
        except InvalidTransition:
            # The caller's machine cannot be argued with; the agent sees both states in the audit trail.
            return
        if goal is FixState.FAILED and row.undo_asked:
            row.undo_asked, new = False, True
        if not new:
            return
        self.around.saver.touch(row)
        row.undoable = report.undoable
        row.detail = ": ".join(part for part in (report.code, report.detail) if part)[:_MAX_DETAIL]
        if goal is FixState.DONE:
            measured = frame.mono_us + session.offset if session.offset else now
            row.done = min(now, max(measured, row.proposed))


def topic(call_id: str) -> str:
    """Return the bus topic of a call."""
    return f"call.{call_id}"
