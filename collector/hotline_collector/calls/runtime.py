"""One call in memory: its engine, journal, sessions and fixes, and the time that passes in it.

Every input of the engine goes through here, so that the journal is complete. An input is applied first
and journalled right after, without a pause between: what the engine refuses never enters the record.
"""

from __future__ import annotations

from collections.abc import Iterable

from google.protobuf.message import Message
from hotline_proto.record import Entry, EntryKind, pack_entry
from hotline_proto.v1 import record_pb2 as rec

from hotline_collector.calls import frames
from hotline_collector.calls.devices import Device
from hotline_collector.calls.errors import CallError, CallErrorKind
from hotline_collector.calls.exclusions import Excluded
from hotline_collector.calls.fixbook import FixBook
from hotline_collector.calls.reactions import Reactions
from hotline_collector.calls.session import Session
from hotline_collector.calls.surroundings import Surroundings
from hotline_collector.calls.trends import Trends
from hotline_collector.engine.engine import Engine
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
# A join code lives no longer, and nobody reads a page of consent for longer than a minute in silence.
CODE_US = 600 * 1_000_000
DECIDING_US = 60 * 1_000_000


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
        # When everyone is told that a new code may help, None if never.
        self.remind: int | None = None
        self.reactions = Reactions(self)
        self.journal = around.journal

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
            self.must_have_room()
        now = self.moment(self.around.clock.now() if at is None else at)
        raw = payload.SerializeToString(deterministic=True) if payload is not None else b""
        self.engine.apply_entry(Entry(kind, target, now, raw), self.around.packs)
        self.ticket = self.journal.append(self.row.id, pack_entry(kind, target, now, raw))
        self.settle(time_only=kind is EntryKind.TICK)

    def speaker(self, session: SessionRow) -> str:
        """Return who speaks in a session, for the audit trail: the caller, or a device read from here."""
        device = self.devices.get(session.target)
        kind = "device" if device is not None and device.from_collector else "caller"
        return f"{kind}:{session.id}"

    def settle(self, *, time_only: bool = False) -> None:
        """Act on what the last input changed and plan the next tick; time alone may change nothing."""
        changes = self.engine.take_changes()
        if changes:
            self.reactions.to(changes)
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

    def must_have_room(self) -> None:
        """Refuse an input that whoever sends it can hold back while nothing can be written.

        Raises:
            CallError: the journal takes nothing more.
        """
        if self.journal.full:
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
        for other in (self.fixes.next_expiry, self.remind):
            if other is not None and (due is None or other < due):
                due = other
        return due

    def tick(self, now: int) -> None:
        """Let time pass in the engine, and let proposals expire."""
        if self.journal.full:
            return
        due = self.engine.next_deadline()
        if due is not None and due <= now:
            self.input(EntryKind.TICK, 0, None, now)
        for row in self.fixes.expire(now):
            self.around.saver.touch(row)
            self.changed()
        if self.remind is not None and self.remind <= now:
            self.remind = None
            self.changed()

    def plan_reminder(self) -> None:
        """Have everyone told when the caller takes so long to join that a new code may help."""
        session = self.sessions.get(COMPUTER)
        if session is None:
            self.remind = self.code_made + CODE_US
        else:
            self.remind = session.row.joined + DECIDING_US if session.state == "joined" else None
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
        self.reactions.ask_personal()
        self.changed()


def topic(call_id: str) -> str:
    """Return the bus topic of a call."""
    return f"call.{call_id}"
