"""What an agent can do with calls; the console and the command line are thin faces on this.

Everything here is audited: who, what, which call.
"""

from __future__ import annotations

import asyncio
import hashlib

from hotline_proto.record import write_file
from hotline_proto.v1 import agent_pb2 as pb

from hotline_collector.calls import devices, frames, importing, proposing, proving, tickets, turn
from hotline_collector.calls.actor import Actor
from hotline_collector.calls.bounds import MAX_CAUSE, MAX_COMPLAINT, MAX_REFERENCE
from hotline_collector.calls.checks import check_in, parse_check
from hotline_collector.calls.desk_base import bounded
from hotline_collector.calls.earlier import earlier_calls
from hotline_collector.calls.ending import Ending
from hotline_collector.calls.errors import InvalidTransition, conflict
from hotline_collector.calls.fixes import FixState
from hotline_collector.calls.ids import new_id
from hotline_collector.calls.knowing import Knowing
from hotline_collector.calls.runtime import CallRuntime
from hotline_collector.calls.views import call_summary
from hotline_collector.model.rows import CallRow


class Desk(Knowing, Ending):
    """The agent's side of the call layer; raises `CallError` for whatever cannot be."""

    async def open(
        self, who: Actor, complaint: str, *, reference: str = "", first_check: str = ""
    ) -> tuple[CallRow, pb.JoinCode]:
        """Open a call and return it with its join code.

        What the complaint names (an address or `host:port`) becomes the first check, unless one is given.
        """
        complaint = bounded(complaint, "complaint", MAX_COMPLAINT)
        reference = bounded(reference, "customer reference", MAX_REFERENCE)
        named = parse_check(first_check) if first_check.strip() else check_in(complaint)
        row = CallRow(
            id=new_id(),
            state="created",
            complaint=complaint,
            customer_reference=reference,
            first_check=named,
            agent=who.name,
            opened=self._around.clock.now(),
            pack_digest="",
            checks=(named,) if named else (),
        )
        call = await self.manager.open(row)
        code = await self._code(call)
        self._audit(who, "call.open", row.id, "")
        await self._around.saver.flush()
        return row, code

    async def import_record(
        self, who: Actor, data: bytes, *, complaint: str = "", reference: str = ""
    ) -> importing.Imported:
        """Open a closed call from a record file: an offline bundle, or an exported call."""
        done = await importing.import_record(
            self.manager, who, data, complaint=complaint, reference=reference
        )
        self._audit(who, "call.import", done.row.id, hashlib.sha256(data).hexdigest())
        await self._around.saver.flush()
        return done

    async def renew_code(self, who: Actor, call_id: str) -> pb.JoinCode:
        """Return a new join code of an open call, for a rebooted computer."""
        call = self._live(who, call_id)
        self._audit(who, "call.code", call.row.id, "")
        return await self._code(call)

    async def list(self, who: Actor, *, include_closed: bool) -> list[pb.CallSummary]:
        """Return the calls that somebody may see, newest first."""
        rows = await self._around.store.calls(include_closed=include_closed)
        self._audit(who, "call.list", "", "")
        live = self.manager.calls
        # What is in memory is newer than what was saved.
        now = [live[row.id].row if row.id in live else row for row in rows]
        return [call_summary(row, live.get(row.id)) for row in now if self.looks.listed(who, row)]

    async def view(self, who: Actor, call_id: str, *, include_facts: bool) -> pb.CallView:
        """Return one call as it is now; a closed one as it was."""
        call = await self._get(who, call_id)
        self._audit(who, "call.look", call_id, "")
        view = self.look(call, include_facts=include_facts)
        if call.row.state == "closed":
            view.deliveries.extend(map(tickets.delivery_view, await self._around.store.deliveries(call_id)))
        return view

    async def watched(self, who: Actor, call_id: str) -> CallRuntime:
        """Return a call to be watched."""
        call = await self._get(who, call_id)
        self._audit(who, "call.watch", call_id, "")
        return call

    async def export(self, who: Actor, call_id: str) -> bytes:
        """Return the record of a call as a record file; of an open call up to now."""
        call = await self._get(who, call_id)
        journal = self._around.journal
        if call.row.state != "closed":
            await journal.durable(call.ticket)
        entries = await journal.read(call_id)
        self._audit(who, "call.export", call_id, "")
        return await asyncio.to_thread(write_file, [entries])

    async def earlier(
        self, who: Actor, reference: str, *, leave_out: str = ""
    ) -> pb.ListEarlierCallsResponse:
        """Return the earlier calls of a customer, without one that is known already.

        Only if the operator has repeat contact recognised; who looked at which calls is recorded.
        """
        reference = bounded(reference, "customer reference", MAX_REFERENCE)
        found = await earlier_calls(self.manager, reference, leave_out)
        for call in found.calls:
            self._audit(who, "call.look", call.call_id, "as an earlier call")
        return found

    async def request_access(self, who: Actor, call_id: str, reason: str) -> int:
        """Open another agent's call to somebody, and return until when (µs since the epoch)."""
        call = await self.manager.get(call_id)
        until = self.looks.grant(who, call.row, reason)
        await self._around.saver.flush()
        return until

    def rule_pack(self, who: Actor) -> pb.GetRulePackResponse:
        """Return which rules judge new calls, and why a newer pack was refused."""
        self._audit(who, "rules.look", "", "")
        return self.manager.pack_state.view(self.manager.rules)

    async def rule_records(self, who: Actor, prefix: str) -> pb.ListRuleRecordsResponse:
        """Return how the rules did whose ids begin like this, and which causes no rule knows."""
        causes = await self._around.store.outside_causes(prefix)
        self._audit(who, "rules.record", "", prefix[:MAX_CAUSE])
        return pb.ListRuleRecordsResponse(
            records=self.manager.field_record.views(self.manager.rules.pack, prefix),
            outside=(pb.OutsideCauseView(cause=c.cause, rule=c.rule, calls=c.calls) for c in causes),
        )

    async def propose(
        self, who: Actor, call_id: str, finding_id: str, index: int, *, owner_agreed: bool = False
    ) -> str:
        """Propose a fix of a finding and return its id; it is kept before the caller sees it.

        On a device that is read from here its owner has to agree to an action, not the caller.
        """
        call = self._live(who, call_id)
        row = proposing.proposal(call, finding_id, index, owner_agreed=owner_agreed)
        await proposing.keep(call, row, self._seen(who))
        if row.action:
            devices.pass_on_word(call, row)
            now, around = call.moment(self._around.clock.now()), self._around
            call.sessions[row.target].send(frames.proposal(row, now, around.catalogue, around.settings))
        turn.ask(call)
        call.changed()
        self._around.deadlines.watch(call)
        return row.id

    async def update_fix(self, who: Actor, call_id: str, fix_id: str, event: str) -> str:
        """Say what a human did about a fix and return its state.

        `event` is accepted, declined, done or undo; of an action only undo, for the probe reports the rest.
        """
        call = self._live(who, call_id)
        row = call.fixes.named(fix_id)
        now = call.moment(self._around.clock.now())
        try:
            proposing.human_event(call, row, event, now)
        except InvalidTransition as error:
            raise conflict(str(error)) from error
        self._around.saver.touch(row)
        self._audit(who, f"fix.{event}", call_id, fix_id)
        await self._around.saver.flush()
        if row.undo_asked:
            call.sessions[row.target].send(frames.undo(row))
        proving.verify_done(call)
        call.changed()
        return FixState(row.state).value
