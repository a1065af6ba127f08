"""The queue: callers who wait, in the order in which they came, and the agents who take them.

Whether a call waits is told by its row alone (`CallRow.queued`). Everything here runs on one event loop, and
between looking whether a call still waits and taking it nothing else runs: two agents never get the same one.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Hashable

from hotline_proto.v1 import agent_pb2 as pb

from hotline_collector.calls import frames, waits
from hotline_collector.calls.actor import Actor
from hotline_collector.calls.errors import conflict, invalid
from hotline_collector.calls.expecting import expected_wait
from hotline_collector.calls.manager import CallManager
from hotline_collector.calls.outage_board import OutageBoard
from hotline_collector.calls.presence import Presence
from hotline_collector.calls.queue_views import outage_view, queue_entry, wait_view
from hotline_collector.calls.runtime import QUEUE, CallRuntime
from hotline_collector.calls.session import Link
from hotline_collector.errors import StoreError
from hotline_collector.model.hints import did_you_mean
from hotline_collector.model.rows import CallRow

Note = Callable[[Actor, CallRuntime, str], None]
# Raises if somebody may not open a call.
Admit = Callable[[Actor, CallRow], None]
_MAX_NAME = 64
_log = logging.getLogger(__name__)
_BETWEEN_S, _REFRESH_S = 1.0, 30.0


class Queue:
    """The agent's side of the queue; raises `CallError` for what cannot be. `note` notes something down."""

    def __init__(self, manager: CallManager, note: Note, admit: Admit) -> None:
        self._manager = manager
        self._admit = admit
        self._around = manager.around
        self._note = note
        self.presence = Presence()
        self.outages = OutageBoard(manager.around.store)
        self._told: dict[str, tuple[Link, int, int | None]] = {}

    # ---- looking ------------------------------------------------------------------------------
    def waiting(self) -> list[CallRuntime]:
        """Return the calls that wait, next first."""
        waiting = [call for call in self._manager.calls.values() if call.row.queued]
        return sorted(waiting, key=lambda call: waits.place_key(call.row))

    async def look(self, who: Actor) -> pb.ListQueueResponse:
        """Return who waits."""
        self._audit(who, "queue.look", "", "")
        return self.view()

    def view(self) -> pb.ListQueueResponse:
        """Return who waits, as it is now."""
        now = self._around.clock.now()
        view = pb.ListQueueResponse(
            now_us=now, at_work=self.presence.at_work(now), outages=self._outages(now)
        )
        for place, call in enumerate(self.waiting(), 1):
            view.waiting.append(queue_entry(call, self._wait(call, place, now)))
        return view

    def stamp(self, step: int) -> Hashable:
        """Return something that is equal as long as the view is, but for times within one `step` (µs)."""
        now = self._around.clock.now()
        calls = tuple((call.row.id, call.version) for call in self.waiting())
        shown = self.outages.look(self._manager.calls.values(), now)
        outages = tuple((each, mark.state if mark else "") for each, mark in shown)
        return calls, outages, self.presence.at_work(now), len(self._manager.handled), now // step

    def wait_of(self, call: CallRuntime, now: int) -> pb.WaitView:
        """Return how a call waits, or has waited; place 0 if it does not wait now."""
        return self._wait(call, self._place(call), now)

    def show(self, view: pb.CallView, call: CallRuntime) -> None:
        """Add to the view of a call what is known of its wait, and the outages."""
        if call.row.waited_from:
            view.wait.CopyFrom(self.wait_of(call, view.now_us))
            # Only whoever has the call needs it.
            view.wait.number = "" if call.row.queued else call.row.back_number
        if call.row.state != "closed":
            view.outages.extend(self._outages(view.now_us))

    # ---- taking -------------------------------------------------------------------------------
    async def take(self, who: Actor, call_id: str = "") -> str:
        """Take a caller from the queue and return the call; without an id the next for this agent."""
        call = self._manager.live(call_id) if call_id else self._next(who)
        self._take(who, call)
        await self._around.saver.flush()
        return call.row.id

    async def call_back(self, who: Actor, call_id: str) -> str:
        """Note that a caller is being called back, and return the number; a waiting one is taken with it."""
        call = self._manager.live(call_id)
        row = call.row
        if not row.back_number:
            raise conflict("the caller has left no number to be called back at")
        if row.queued:
            self._take(who, call)
        elif row.agent != who.name:
            raise conflict(_taken(row.agent))
        row.back_called = call.moment(self._around.clock.now())
        self._audit(who, "queue.call_back", call_id, "")
        self._changed(call)
        await self._around.saver.flush()
        return row.back_number

    async def transfer(self, who: Actor, call_id: str, to: str = "", note: str = "") -> None:
        """Put a call (back) into the queue, for a named agent or anyone; it keeps its place in the order."""
        to = to.strip()
        await self._must_exist(who, to)
        call = self._manager.live(call_id)
        self._admit(who, call.row)
        row, now = call.row, call.moment(self._around.clock.now())
        if note.strip():
            self._note(who, call, note)
        if row.queued:
            row.for_agent = to
        else:
            waits.begin(row, now, for_agent=to)
            self._tell_caller(call)
        self._audit(who, "queue.transfer", call_id, f"to {to or 'anyone'}")
        self._changed(call)
        await self._around.saver.flush()

    # ---- telling callers ----------------------------------------------------------------------
    async def run(self) -> None:
        """Tell the probes of waiting callers their place whenever it changes, until cancelled."""
        async with self._around.bus.subscribe(QUEUE) as news:
            while True:
                self.tell_places()
                try:
                    await self.outages.keep(self._around.clock.now())
                except StoreError as error:
                    _log.warning("marks on outages cannot be kept, trying again: %s", error)
                await asyncio.sleep(_BETWEEN_S)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(news.next(), _REFRESH_S)

    def tell_places(self) -> None:
        """Tell each connected probe its place and the expected wait, unless it has been told the same."""
        now, told = self._around.clock.now(), self._told
        self._told = {}
        for place, call in enumerate(self.waiting(), 1):
            wait = self._wait(call, place, now)
            expected = round(wait.expected_us / 1e6) if wait.HasField("expected_us") else None
            row = call.row
            for session in call.sessions.values():
                if session.link is None:
                    continue
                said = (session.link, place, expected)
                if told.get(session.row.id) != said:
                    session.send(
                        frames.call_state(row.agent, row.words_confirmed, place=place, expected_s=expected)
                    )
                self._told[session.row.id] = said

    # ---- outages ------------------------------------------------------------------------------
    async def mark_outage(self, who: Actor, rule: str, state: str) -> None:
        """Say that an outage is announced to callers, or that it is none."""
        now = self._around.clock.now()
        self.outages.look(self._manager.calls.values(), now)
        await self.outages.mark(rule, state, who.name, now)
        self._audit(who, f"outage.{state}", "", rule)
        self._around.bus.publish(QUEUE)
        await self._around.saver.flush()

    # ---- inside -------------------------------------------------------------------------------
    def _next(self, who: Actor) -> CallRuntime:
        waiting = [call for call in self.waiting() if call.row.for_agent in ("", who.name)]
        # Who was handed over has told everything once already.
        waiting.sort(key=lambda call: not call.row.for_agent)
        if not waiting:
            raise conflict("nobody is waiting for you")
        return waiting[0]

    def _take(self, who: Actor, call: CallRuntime) -> None:
        row, now = call.row, call.moment(self._around.clock.now())
        if not row.queued:
            raise conflict(_taken(row.agent))
        waits.end(row, now, self._around.settings.tariff)
        row.agent, row.state, row.picked = who.name, "active", row.picked or now
        self._audit(who, "queue.take", row.id, "")
        self._tell_caller(call)
        self._changed(call)

    def _changed(self, call: CallRuntime) -> None:
        self._around.saver.touch(call.row)
        call.changed()
        self._around.bus.publish(QUEUE)

    def _tell_caller(self, call: CallRuntime) -> None:
        for session in call.sessions.values():
            session.send(frames.call_state(call.row.agent, words_confirmed=call.row.words_confirmed))

    async def _must_exist(self, who: Actor, to: str) -> None:
        if not to:
            return
        if to == who.name:
            raise invalid("a call is transferred to somebody else; to take it, take it from the queue")
        names = [user.name for user in await self._around.store.users()]
        if to not in names:
            raise invalid(f"there is no account {to[:_MAX_NAME]!r}{did_you_mean(to[:_MAX_NAME], names)}")

    def _place(self, call: CallRuntime) -> int:
        if not call.row.queued:
            return 0
        key = waits.place_key(call.row)
        others = self._manager.calls.values()
        return 1 + sum(1 for each in others if each.row.queued and waits.place_key(each.row) < key)

    def _wait(self, call: CallRuntime, place: int, now: int) -> pb.WaitView:
        expected = expected_wait(place, self._manager.handled, self.presence.at_work(now))
        return wait_view(call.row, place, expected, now, self._around.settings.tariff)

    def _outages(self, now: int) -> list[pb.OutageView]:
        calls = self._manager.calls.values()
        return [outage_view(outage, mark) for outage, mark in self.outages.look(calls, now)]

    def _audit(self, who: Actor, action: str, call_id: str, detail: str) -> None:
        self.presence.seen(who.name, self._around.clock.now())
        self._around.saver.audit(f"agent:{who.name}", action, call_id, detail)


def _taken(agent: str) -> str:
    return f"this call does not wait any more; {agent or 'somebody'} has it"
