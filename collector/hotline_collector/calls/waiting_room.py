"""The caller's side of the queue: they enter by themselves, see their place, and may ask to be called back.

The address of a caller's page holds a token of 128 bits; only its SHA-256 is kept. Of other calls
nothing is told but how many come before.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from hotline_proto.v1 import agent_pb2 as pb

from hotline_collector.calls import caller_asked, self_help, tickets, waits, wrapup
from hotline_collector.calls.caller_asked import Danger
from hotline_collector.calls.checks import check_in
from hotline_collector.calls.errors import CallError, CallErrorKind, conflict, invalid, not_found
from hotline_collector.calls.ids import new_id
from hotline_collector.calls.manager import CallManager
from hotline_collector.calls.outage_board import ANNOUNCED
from hotline_collector.calls.phone_number import phone_number
from hotline_collector.calls.queue import Queue
from hotline_collector.calls.runtime import QUEUE, CallRuntime
from hotline_collector.calls.self_help import SelfHelp
from hotline_collector.calls.waits import Tariff
from hotline_collector.errors import StoreError
from hotline_collector.model.rows import CallRow
from hotline_collector.model.rule import Text
from hotline_collector.model.targets import COMPUTER
from hotline_collector.model.units import Lang

_TOKEN_BYTES = 16
_MAX_TOKEN = 64
_MAX_COMPLAINT = 2000
_MAX_REFERENCE = 100
# A page that is open asks every few seconds; a browser slows one in the background down to once a minute.
GONE_US = 5 * 60 * 1_000_000
_SWEEP_S = 30.0
_CALLER = "caller"
_log = logging.getLogger(__name__)
_NO_CODE_NEEDED = frozenset({"joined", "connected", "lost"})

MakeCode = Callable[[CallRuntime], Awaitable[pb.JoinCode]]


@dataclass(frozen=True, slots=True)
class CallerWait:
    """What a caller's page shows: the call's state, how it waits, and how its computer's link is.

    `code` is the join code as long as it is of use. `back` tells whether a number to call back was left,
    `outage` is the announced outage that this very caller has, and `self_help` what they may try meanwhile.
    `question` is what the desk asks now, and `danger` comes before all of it.
    """

    state: str
    wait: pb.WaitView
    now: int
    agent: str
    link: str
    code: pb.JoinCode | None
    back: bool
    outage: Text | None
    self_help: SelfHelp | None
    question: pb.QuestionView | None
    danger: Danger | None


class WaitingRoom:
    """Lets callers in and shows each of them their own wait; raises `CallError` for whatever cannot be."""

    def __init__(self, manager: CallManager, queue: Queue, make_code: MakeCode) -> None:
        self._manager = manager
        self._around = manager.around
        self._queue = queue
        self._make_code = make_code
        self._codes: dict[str, pb.JoinCode] = {}
        self._seen: dict[str, int] = {}
        self._entering = 0

    async def run(self) -> None:
        """Look for those who went away until cancelled."""
        while True:
            await asyncio.sleep(_SWEEP_S)
            try:
                await self.sweep()
            except StoreError as error:
                _log.warning("waiting calls cannot be closed, trying again later: %s", error)

    @property
    def tariff(self) -> Tariff:
        """What the line costs meanwhile."""
        return self._around.settings.tariff

    async def enter(self, complaint: str, reference: str) -> str:
        """Open a call that waits for an agent and return the token of its page."""
        complaint, reference = complaint.strip(), reference.strip()
        if len(complaint) > _MAX_COMPLAINT or len(reference) > _MAX_REFERENCE:
            raise invalid(f"at most {_MAX_COMPLAINT} characters, and {_MAX_REFERENCE} for a customer number")
        if len(self._inside()) + self._entering >= self._around.settings.max_waiting:
            raise CallError(CallErrorKind.UNAVAILABLE, "the waiting room is full; try again in some minutes")
        token, now = secrets.token_urlsafe(_TOKEN_BYTES), self._around.clock.now()
        named = check_in(complaint)
        row = CallRow(
            id=new_id(),
            state="waiting",
            complaint=complaint,
            customer_reference=reference,
            first_check=named,
            agent="",
            opened=now,
            pack_digest="",
            checks=(named,) if named else (),
            waited_from=now,
            queued=now,
            wait_digest=_digest(token),
        )
        self._entering += 1
        try:
            call = await self._manager.open(row)
        finally:
            self._entering -= 1
        self._seen[row.id] = now
        self._codes[row.id] = await self._make_code(call)
        self._around.saver.audit(_CALLER, "queue.enter", row.id)
        self._around.bus.publish(QUEUE)
        await self._around.saver.flush()
        return token

    def look(self, token: str) -> CallerWait:
        """Return how things stand for one caller."""
        call = self._of(token)
        now = self._around.clock.now()
        self._seen[call.row.id] = now
        session = call.sessions.get(COMPUTER)
        link = session.state if session is not None else "waiting"
        return CallerWait(
            state=call.row.state,
            wait=self._queue.wait_of(call, now),
            now=now,
            agent=call.row.agent,
            link=link,
            code=None if link in _NO_CODE_NEEDED else self._code(call, now),
            back=bool(call.row.back_number),
            outage=self._outage(call, now),
            self_help=self_help.offer(call),
            question=caller_asked.asked(call),
            danger=caller_asked.danger(call),
        )

    async def renew_code(self, token: str) -> None:
        """Make a new join code if none is valid and the caller's computer needs one."""
        call = self._of(token)
        session = call.sessions.get(COMPUTER)
        joined = session is not None and session.state in _NO_CODE_NEEDED
        if joined or self._code(call, self._around.clock.now()) is not None:
            return
        self._codes[call.row.id] = await self._make_code(call)

    async def call_me(self, token: str, number: str) -> None:
        """Keep the number at which a caller wants to be called back; an empty one takes the wish back."""
        call = self._waiting(token)
        row, digits = call.row, phone_number(number)
        now = call.moment(self._around.clock.now())
        if digits:
            row.back_number, row.back_asked = digits, row.back_asked or now
        elif row.back_number:
            waits.on_the_line_again(row, now, self._around.settings.tariff)
        self._around.saver.touch(row)
        self._around.saver.audit(_CALLER, "queue.call_me" if digits else "queue.stay", row.id)
        call.changed()
        await self._around.saver.flush()

    async def tried(self, token: str, finding: str, index: int) -> None:
        """Take a caller's word that what was offered to try is done."""
        await self_help.tried(self._waiting(token), finding, index, _CALLER)

    async def answer(self, token: str, question: str, value: str) -> None:
        """Take an answer to the question that is asked now, also when an agent has taken the call."""
        await caller_asked.answer(self._of(token), question, value, _CALLER)

    async def leave(self, token: str, lang: Lang = "en") -> None:
        """Let a caller go who needs no help any more: *solved* if what they tried is proven."""
        call = self._waiting(token)
        kept = await self._around.store.wrap_up(call.row.id)
        call = self._waiting(token)
        if not self_help.has_helped(call):
            await self._close(call, _CALLER)
            return
        wrapup.end(call, "solved", kept, wrapup.UNWRITTEN, lang)
        self._around.saver.audit(_CALLER, "queue.leave", call.row.id, "solved")
        await self._manager.close(call)
        self._around.bus.publish(tickets.TOPIC)

    async def sweep(self) -> int:
        """Close the calls of those who went away without a word, and return how many.

        A caller is there as long as the page is open, the probe is connected or a number was left.
        """
        now = self._around.clock.now()
        inside = self._inside()
        self._seen = {call.row.id: self._seen.get(call.row.id, now) for call in inside}
        self._codes = {call.row.id: code for call in inside if (code := self._code(call, now))}
        gone = [call for call in inside if self._is_gone(call, now)]
        for call in gone:
            # An agent may have taken it while the ones before were being closed.
            if call.row.queued:
                await self._close(call, "system")
        return len(gone)

    # ---- inside -------------------------------------------------------------------------------
    def _inside(self) -> list[CallRuntime]:
        """Return the calls that nobody has taken yet."""
        calls = self._manager.calls.values()
        return [call for call in calls if call.row.wait_digest and call.row.queued and not call.row.picked]

    def _is_gone(self, call: CallRuntime, now: int) -> bool:
        connected = any(session.link is not None for session in call.sessions.values())
        return not connected and not call.row.back_number and self._seen[call.row.id] <= now - GONE_US

    def _of(self, token: str) -> CallRuntime:
        digest = _digest(token) if len(token) <= _MAX_TOKEN else ""
        for call in self._manager.calls.values():
            if call.row.wait_digest == digest and digest:
                return call
        raise not_found("this call is over")

    def _waiting(self, token: str) -> CallRuntime:
        call = self._of(token)
        if not call.row.queued:
            raise conflict("an agent has taken this call already")
        return call

    def _code(self, call: CallRuntime, now: int) -> pb.JoinCode | None:
        code = self._codes.get(call.row.id)
        return code if code is not None and code.expires_us > now else None

    def _outage(self, call: CallRuntime, now: int) -> Text | None:
        own = {cause.finding.rule for cause in call.engine.causes()}
        for outage, mark in self._queue.outages.look(self._manager.calls.values(), now):
            if outage.rule in own and mark is not None and mark.state == ANNOUNCED:
                return outage.title
        return None

    async def _close(self, call: CallRuntime, who: str) -> None:
        row = call.row
        row.state, row.outcome = "closed", "abandoned"
        row.closed = call.moment(self._around.clock.now())
        self._around.saver.audit(who, "queue.leave", row.id)
        await self._manager.close(call)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
