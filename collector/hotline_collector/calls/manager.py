"""All calls of the collector: opens, finds, restores and closes them, and knows whose session a token is."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import secrets
from collections import deque
from collections.abc import Iterable

from hotline_proto.errors import RecordError
from hotline_proto.record import EntryKind
from hotline_proto.v1 import probe_pb2 as pb
from hotline_proto.v1 import record_pb2 as rec
from hotline_proto.words import NONCE_BYTES

from hotline_collector.calls import linking, proving, waits
from hotline_collector.calls.errors import not_found
from hotline_collector.calls.expecting import RECENT
from hotline_collector.calls.field_record import FieldRecord
from hotline_collector.calls.figures_of import figures_of, note_repeat
from hotline_collector.calls.ids import new_id
from hotline_collector.calls.packs import PackState, forget_unused, hand_over
from hotline_collector.calls.ports import PackShelf
from hotline_collector.calls.rebuilding import rebuild
from hotline_collector.calls.runtime import ERASED, QUEUE, CallRuntime
from hotline_collector.calls.session import Session
from hotline_collector.calls.surroundings import Surroundings
from hotline_collector.engine.ruleset import RuleSet
from hotline_collector.model.rows import CallRow, SessionRow
from hotline_collector.model.targets import COMPUTER
from hotline_collector.rulepack.faults import Fault

_TOKEN_BYTES = 16
_REPLACED = "replaced by another join"
_log = logging.getLogger(__name__)


class CallManager:
    """The calls that are not closed, by id, and their sessions by token."""

    def __init__(
        self, around: Surroundings, rules: RuleSet, signer: str = "", shelf: PackShelf | None = None
    ) -> None:
        self.around = around
        self.rules = rules
        self.pack_state = PackState(around.clock.now(), signer)
        self._shelf = shelf
        self.calls: dict[str, CallRuntime] = {}
        self.field_record = FieldRecord(around)
        # Held while a record from elsewhere is judged.
        self.judging = asyncio.Lock()
        # How long the last calls took, newest first, in microseconds.
        self.handled: deque[int] = deque(maxlen=RECENT)
        self._sessions: dict[bytes, tuple[CallRuntime, Session]] = {}
        around.packs.setdefault(rules.pack.digest, rules)

    async def run(self) -> None:
        """Serve deadlines and save rows until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.around.deadlines.run())
            group.create_task(self.around.saver.run())

    async def restore(self) -> int:
        """Rebuild every call that is not closed from its journal and return how many there are.

        Raises:
            StoreError: the store cannot be read.
        """
        await self.field_record.load()
        self.handled.extend(await self.around.store.handling_times(RECENT))
        for row in await self.around.store.calls(include_closed=False):
            try:
                call, sessions = await self._rebuild(row)
            except RecordError:
                _log.exception("call %s cannot be restored; all others go on", row.id)
                continue
            self.around.clock.not_before(call.last)
            self.calls[row.id] = call
            self._outdate(call, sessions)
            for session in call.sessions.values():
                if session.was_up:
                    session.was_up = False
                    linking.down(call, session, None)
                linking.forsake(call, session)
            proving.verify_done(call)
            call.plan_reminder()
        return len(self.calls)

    async def change_rules(self, rules: RuleSet, signer: str) -> None:
        """Judge new calls by other rules from now on, and running calls as soon as their turn comes."""
        self.around.packs[rules.pack.digest] = self.rules = rules
        self.pack_state = PackState(loaded=self.around.clock.now(), signer=signer)
        await self.hand_over()

    def refuse_rules(self, faults: Iterable[Fault]) -> None:
        """Note that newer rules were refused; those in use go on."""
        self.pack_state.refused, self.pack_state.faults = self.around.clock.now(), tuple(faults)

    async def hand_over(self) -> None:
        """Have the running calls that other rules judge judged by the rules in use."""
        await hand_over(list(self.calls.values()), self.rules)
        forget_unused(self.around.packs, self.calls.values(), self.rules)

    async def open(self, row: CallRow) -> CallRuntime:
        """Start a call; it is durable when this returns.

        Raises:
            StoreError: it could not be kept.
        """
        row.pack_digest = self.rules.pack.digest
        call = CallRuntime(row, self.rules, self.around)
        opened = rec.CallOpened(
            call_id=row.id,
            complaint=row.complaint,
            pack_digest=row.pack_digest,
            catalogue_digest=self.around.catalogue.digest,
            confidences=self.field_record.confidences(self.rules.pack),
        )
        call.input(EntryKind.CALL_OPENED, 0, opened, row.opened)
        call.input(EntryKind.TARGET_ADDED, COMPUTER, rec.TargetAdded(target=COMPUTER, name="computer"))
        await self.around.store.save([row])
        await self.around.journal.durable(call.ticket)
        self.calls[row.id] = call
        _log.info("call opened", extra={"call": row.id})
        return call

    async def join(
        self, call_id: str, probe: pb.ProbeInfo, commitment: bytes, target: int = COMPUTER
    ) -> tuple[bytes, CallRuntime, Session]:
        """Start a session of a target, mostly the caller's computer, and return its token.

        A second join of the same target, after a reboot, takes the place of its first session. If it is the
        computer, the words must be confirmed again, because it may be another one.

        Raises:
            CallError: the call is closed, does not exist or has no such target.
            StoreError: the session could not be kept.
        """
        call = self.calls.get(call_id)
        if call is None:
            raise not_found("the call that this code was made for is over")
        if target != COMPUTER and target not in call.devices:
            raise not_found(f"the call has no device {target}")
        token = secrets.token_bytes(_TOKEN_BYTES)
        row = SessionRow(
            id=new_id(),
            call_id=call_id,
            target=target,
            token_digest=_digest(token),
            commitment=commitment,
            collector_nonce=secrets.token_bytes(NONCE_BYTES),
            platform=probe.platform,
            version=probe.version,
            language=probe.language,
            joined=self.around.clock.now(),
        )
        if target == COMPUTER:
            call.row.words_confirmed = False
            call.first_joined = call.first_joined or row.joined
            if call.row.state == "created":
                call.row.state = "waiting"
        await self.around.store.save([row, call.row])
        self._replace(call, target)
        session = Session(row, since=row.joined)
        call.sessions[target] = session
        self._sessions[row.token_digest] = (call, session)
        self.around.saver.audit(call.speaker(row), "join", call_id, f"{row.platform} {row.version}")
        _log.info(
            "probe joined",
            extra={
                "call": call_id,
                "session": row.id,
                "platform": row.platform,
                "probe_version": row.version,
            },
        )
        call.plan_reminder()
        call.changed()
        return token, call, session

    def session(self, token: bytes) -> tuple[CallRuntime, Session] | None:
        """Return the call and session of a token, None if it is not valid (any more)."""
        found = self._sessions.get(_digest(token))
        return None if found is None or found[1].row.ended else found

    def live(self, call_id: str) -> CallRuntime:
        """Return a call that is not closed.

        Raises:
            CallError: there is no such call, or it is closed.
        """
        call = self.calls.get(call_id)
        if call is None:
            raise not_found(f"there is no open call {call_id!r}; `hotline call list` shows those there are")
        return call

    async def get(self, call_id: str) -> CallRuntime:
        """Return a call; a closed one is rebuilt from its journal to be looked at.

        Raises:
            CallError: there is no such call.
        """
        call = self.calls.get(call_id)
        if call is not None:
            return call
        row = await self.around.store.call(call_id)
        if row is None:
            raise not_found(f"there is no call {call_id!r}; `hotline call list` shows those there are")
        return (await self._rebuild(row))[0]

    async def close(self, call: CallRuntime) -> None:
        """Take a call out of memory, after its row says that it is closed, and tell the probe.

        What it says about its rules goes into the field record, and it is counted in the figures.
        """
        for session in call.sessions.values():
            if session.link is not None:
                session.link.close("agent_closed")
            session.row.ended = session.row.ended or call.row.closed
            self.around.saver.touch(session.row)
            linking.forsake(call, session)
        self._leave_devices(call)
        self._forget(call.sessions.values())
        self._leave_queue(call)
        self.calls.pop(call.row.id, None)
        _log.info("call closed", extra={"call": call.row.id, "outcome": call.row.outcome})
        self.around.saver.touch(call.row)
        self.field_record.close(call)
        adds = figures_of(call)
        self.around.saver.touch(adds)
        call.changed()
        await self.around.saver.flush()
        await self.field_record.repeat(call)
        await note_repeat(call, adds)

    def _leave_queue(self, call: CallRuntime) -> None:
        row = call.row
        if row.queued:
            waits.end(row, row.closed, self.around.settings.tariff)
            self.around.bus.publish(QUEUE)
        # Callers who helped themselves while they waited took nobody's time.
        if row.outcome != "abandoned" and (row.picked or not row.waited_from):
            self.handled.appendleft(row.closed - (row.picked or row.opened))

    def let_go(self, call: CallRuntime) -> None:
        """Take a call that is being erased out of memory; the probe ends, with what it still holds."""
        sessions = list(call.sessions.values())
        self.calls.pop(call.row.id, None)
        self._forget(sessions)
        self._leave_devices(call)
        call.forget()
        for session in sessions:
            if session.link is not None:
                session.link.close(ERASED)
            session.row.ended = session.row.ended or self.around.clock.now()
        if call.row.queued:
            self.around.bus.publish(QUEUE)

    def _leave_devices(self, call: CallRuntime) -> None:
        if self.around.reach is not None:
            self.around.reach.end(call.row.id)

    def _replace(self, call: CallRuntime, target: int) -> None:
        earlier = call.sessions.get(target)
        if earlier is None:
            return
        link = earlier.link
        if link is not None:
            linking.down(call, earlier, link)
            link.close("replaced")
        linking.end(call, earlier, _REPLACED)
        self._forget([earlier])

    def _outdate(self, call: CallRuntime, sessions: Iterable[Session]) -> None:
        """End the sessions whose end was not saved before a crash although another had taken their place."""
        for session in sessions:
            if session is not call.sessions[session.row.target]:
                if session.was_up:
                    session.was_up = False
                    linking.down(call, session, None)
                linking.end(call, session, _REPLACED)
                self._forget([session])

    async def _rebuild(self, row: CallRow) -> tuple[CallRuntime, list[Session]]:
        call, sessions = await rebuild(self.around, row, self.rules, self._shelf)
        for session in sessions:
            if row.state != "closed" and not session.row.ended:
                self._sessions[session.row.token_digest] = (call, session)
        return call, sessions

    def _forget(self, sessions: Iterable[Session]) -> None:
        for session in sessions:
            self._sessions.pop(session.row.token_digest, None)


def _digest(token: bytes) -> bytes:
    return hashlib.sha256(token).digest()
