"""What an agent can do with calls; the console and the command line are thin faces on this.

Everything here is audited: who, what, which call.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from hotline_proto.joincode import JoinTarget
from hotline_proto.record import EntryKind, write_file
from hotline_proto.v1 import agent_pb2 as pb
from hotline_proto.v1 import probe_pb2 as pbp
from hotline_proto.v1 import record_pb2 as rec

from hotline_collector.calls import (
    closing,
    complaining,
    devices,
    entering,
    erasing,
    frames,
    measuring,
    personal,
    proposing,
    subject,
    tickets,
    words,
    wrapup,
)
from hotline_collector.calls.bounds import (
    MAX_CAUSE,
    MAX_CHECKS,
    MAX_COMPLAINT,
    MAX_NOTE,
    MAX_REASON,
    MAX_REFERENCE,
)
from hotline_collector.calls.checks import check_in, parse_check
from hotline_collector.calls.disagreeing import disagreement
from hotline_collector.calls.earlier import earlier_calls
from hotline_collector.calls.errors import InvalidTransition, conflict, invalid, locked
from hotline_collector.calls.fixes import FixState
from hotline_collector.calls.heard import heard_inputs, heard_runs
from hotline_collector.calls.ids import new_id
from hotline_collector.calls.looking import Looks
from hotline_collector.calls.manager import CallManager
from hotline_collector.calls.operator_facts import Entered, stated
from hotline_collector.calls.ports import JoinCodes
from hotline_collector.calls.queue import Queue
from hotline_collector.calls.reporting import Reporting
from hotline_collector.calls.reports.rendering import Rendered, render
from hotline_collector.calls.rule_cases import RuleCases
from hotline_collector.calls.runtime import CallRuntime
from hotline_collector.calls.views import call_summary, call_view
from hotline_collector.calls.waiting_room import WaitingRoom
from hotline_collector.errors import StoreError
from hotline_collector.model.rows import CallRow, NoteRow
from hotline_collector.model.targets import COMPUTER
from hotline_collector.model.units import Lang
from hotline_collector.rulepack.spoken import spoken_items


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks: the name of a local account and its role (agent, lead, admin)."""

    name: str
    role: str


# Who sends a result from a phone: nobody has an account, the join code is what counts.
CALLER = Actor("caller", "caller")


class Desk:
    """The agent's side of the call layer; raises `CallError` for whatever cannot be."""

    def __init__(self, manager: CallManager, codes: JoinCodes) -> None:
        self.manager = manager
        self._codes = codes
        self._around = manager.around
        self.looks = Looks(manager.around)
        self.queue = Queue(manager, self._note, self.looks.admit)
        self.waiting_room = WaitingRoom(manager, self.queue, self._code)
        self.reporting = Reporting(manager)
        self.rule_cases = RuleCases(manager)

    # ---- the life of a call -------------------------------------------------------------------
    async def open(
        self, who: Actor, complaint: str, *, reference: str = "", first_check: str = ""
    ) -> tuple[CallRow, pb.JoinCode]:
        """Open a call and return it with its join code.

        What the complaint names (an address or `host:port`) becomes the first check, unless one is given.
        """
        complaint = _bounded(complaint, "complaint", MAX_COMPLAINT)
        reference = _bounded(reference, "customer reference", MAX_REFERENCE)
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

    def look(self, call: CallRuntime, *, include_facts: bool) -> pb.CallView:
        """Return a call as it is now."""
        now = call.row.closed or max(self._around.clock.now(), call.last)
        view = call_view(call, now, include_facts=include_facts)
        self.queue.show(view, call)
        return view

    async def close(
        self,
        who: Actor,
        call_id: str,
        outcome: str,
        *,
        note: str = "",
        caller_confirmed: bool = False,
        texts: wrapup.Texts = wrapup.UNWRITTEN,
        lang: Lang = "en",
    ) -> str:
        """Close a call with an outcome and return its state.

        Only what was measured and confirmed by the caller is *solved*. The system writes the texts that are
        left empty, the ticket in the agent's language `lang`.
        """
        call, texts = self._live(who, call_id), wrapup.bounded(texts)
        kept = await self._around.store.wrap_up(call_id)
        call = self._live(who, call_id)
        closing.check(call, outcome, caller_confirmed=caller_confirmed)
        if note.strip():
            self._note(who, call, note)
        before = call.row.state
        call.row.state, call.row.outcome = "closed", outcome
        call.row.closed = call.moment(self._around.clock.now())
        try:
            wrapup.finish(call, kept, texts, lang)
        except Exception:
            # A call that cannot be told of is not half closed.
            call.row.state, call.row.outcome, call.row.closed = before, "", 0
            raise
        self._audit(who, "call.close", call_id, outcome)
        await self.manager.close(call)
        self._around.bus.publish(tickets.TOPIC)
        return call.row.state

    async def wrap_up(
        self, who: Actor, call_id: str, outcome: str = "", lang: Lang = "en"
    ) -> pb.GetWrapUpResponse:
        """Return how a call can be closed and the texts for it, of a closed call those it was closed with."""
        call = await self._get(who, call_id)
        self._audit(who, "call.look", call_id, "wrap-up")
        return await wrapup.wrap_up_of(call, outcome, lang)

    async def save_texts(self, who: Actor, call_id: str, texts: wrapup.Texts) -> None:
        """Keep an agent's texts until the call is closed; an empty one is left to the system again."""
        await wrapup.keep_texts(self._live(who, call_id), texts)
        self._audit(who, "call.texts", call_id, "")
        await self._around.saver.flush()

    async def report(self, who: Actor, call_id: str, form: str, lang: Lang) -> Rendered:
        """Return the report of a call as json, html, pdf or text."""
        call = await self._get(who, call_id)
        report = await wrapup.report_of(call)
        rendered = await asyncio.to_thread(render, report, form, lang)
        self._audit(who, "call.report", call_id, form)
        return rendered

    async def resend(self, who: Actor, call_id: str) -> int:
        """Try messages about a closed call once more that were given up, and return how many those are."""
        await self.manager.get(call_id)
        again = await self._around.store.resend_deliveries(call_id, self._around.clock.now())
        self._audit(who, "webhook.resend", call_id, f"{again} messages")
        self._around.bus.publish(tickets.TOPIC)
        return again

    async def earlier(
        self, who: Actor, reference: str, *, leave_out: str = ""
    ) -> pb.ListEarlierCallsResponse:
        """Return the earlier calls of a customer, without one that is known already.

        Only if the operator has repeat contact recognised; who looked at which calls is recorded.
        """
        reference = _bounded(reference, "customer reference", MAX_REFERENCE)
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

    async def export_subject(self, who: Actor, call_id: str, lang: str) -> str:
        """Return everything that is kept of a call as a text for the caller, in German or English."""
        call = await self._get(who, call_id)
        self._audit(who, "call.export_subject", call_id, "")
        await self._around.saver.flush()
        store = self._around.store
        kept = subject.Kept(
            await store.sessions(call_id),
            await store.wrap_up(call_id),
            await store.deliveries(call_id),
            await store.audit_of(call_id),
        )
        return subject.written_down(call, self.look(call, include_facts=True), kept, lang)

    async def erase(self, who: Actor, call_id: str, reason: str) -> None:
        """Erase a call with everything that is kept of it; the reason stays in the audit trail."""
        await erasing.erase(self.manager, f"agent:{who.name}", call_id, reason)

    def rule_pack(self, who: Actor) -> pb.GetRulePackResponse:
        """Return which rules judge new calls, and why a newer pack was refused."""
        self._audit(who, "rules.look", "", "")
        return self.manager.pack_state.view(self.manager.rules)

    # ---- what is known ------------------------------------------------------------------------
    async def correct_complaint(self, who: Actor, call_id: str, complaint: str) -> str:
        """Correct what the caller says is wrong and return it as it is kept; ranking and questions follow."""
        call = self._live(who, call_id)
        complaint = _bounded(complaint, "complaint", MAX_COMPLAINT)
        named = complaining.correct(call, complaint)
        self._audit(who, "complaint.correct", call_id, "")
        if named:
            await self.add_check(who, call_id, named)
        await self._around.journal.durable(call.ticket)
        await self._around.saver.flush()
        return complaint

    async def add_check(self, who: Actor, call_id: str, text: str) -> None:
        """Have the probe check something; the caller allows it there."""
        call = self._live(who, call_id)
        named = parse_check(text)
        if named not in call.row.checks:
            if len(call.row.checks) >= MAX_CHECKS:
                raise conflict(f"a call has at most {MAX_CHECKS} checks")
            call.row.checks += (named,)
        self._around.saver.touch(call.row)
        self._audit(who, "check.add", call_id, named)
        session = call.sessions.get(COMPUTER)
        if session is not None:
            session.checks_decided.discard(named)
            session.send(frames.check(named))
        call.changed()
        await self._around.saver.flush()

    async def add_target(self, who: Actor, call_id: str, address: str) -> int:
        """Have the caller asked whether a device of theirs may be read, and return its target."""
        call = self._live(who, call_id)
        device = devices.wanted(call, address)
        code = await self._codes.issue(call_id, device.target)
        self._audit(who, "device.add", call_id, device.address)
        await self._around.journal.durable(call.ticket)
        await self._around.saver.flush()
        devices.request(call, device, code)
        return device.target

    async def measure(self, who: Actor, call_id: str, source: str) -> None:
        """Have a source of the caller's computer run at once."""
        call = self._live(who, call_id)
        measuring.measure(call, source, call.moment(self._around.clock.now()))
        self._audit(who, "source.measure", call_id, source)
        await self._around.saver.flush()

    async def ask_personal(self, who: Actor, call_id: str) -> None:
        """Have the caller asked for personal facts, again if they have refused; their own screen does it."""
        call = self._live(who, call_id)
        session = call.sessions.get(COMPUTER)
        if session is None or session.link is None:
            raise conflict("the caller is not connected, so they cannot be asked")
        if not call.row.words_confirmed:
            raise locked("confirm the two words first; until then the caller is not asked for personal facts")
        if session.personal:
            raise conflict("the caller allows personal facts already")
        self._audit(who, "consent.ask", call_id, "personal")
        personal.ask(call, session, pbp.CONSENT_REASON_AGENT, personal.wanted(call, COMPUTER))
        await self._around.saver.flush()

    async def answer(self, who: Actor, call_id: str, question: str, value: str) -> None:
        """Answer a question for the caller; an empty value means "don't know"."""
        call = self._live(who, call_id)
        fact = entering.answer(call.rules.pack.questions, question, value)
        await self._state(call, fact, rec.ORIGIN_CALLER)
        self._audit(who, "question.answer", call_id, question)

    async def enter_fact(
        self, who: Actor, call_id: str, name: str, value: str, *, age_s: float = 0.0, origin: str = ""
    ) -> None:
        """Enter what the operator's own systems know; `age_s` is how old the knowledge is in seconds."""
        await self.enter_facts(who, call_id, [Entered(name, value, age_s, origin)])

    async def enter_facts(self, who: Actor, call_id: str, facts: Sequence[Entered]) -> None:
        """Enter several facts of the operator's own systems, all of them or none.

        Those systems say what they know about any open call and see nothing of it.
        """
        call = self.manager.live(call_id)
        fitting = stated(self._around.catalogue, call.rules.pack.questions, facts, self._around.clock.now())
        for number, fact in enumerate(fitting):
            fact.target = COMPUTER
            # What fills up in between must not cut the facts in two.
            call.input(EntryKind.FACT_STATED, COMPUTER, fact, spare=number > 0)
        for given in facts:
            origin = given.origin.strip() or "the agent"
            self._audit(who, "fact.enter", call_id, f"{given.fact} from {origin}")
        await self._around.journal.durable(call.ticket)

    async def enter_spoken(self, who: Actor, call_id: str, digits: str) -> int:
        """Enter the digits that the caller reads out and return how many facts they stood for.

        Only while no probe is connected, for what a probe measures is better than what is read out.
        """
        call = self._live(who, call_id)
        if any(session.link is not None for session in call.sessions.values()):
            raise conflict("the caller's computer is connected; its readings are here already")
        items = await asyncio.to_thread(spoken_items, call.rules)
        runs = heard_runs(digits, items, call.rules)
        for kind, message in heard_inputs(
            runs, self._around.catalogue, COMPUTER, call.moment(self._around.clock.now())
        ):
            call.input(kind, COMPUTER, message)
        self._audit(who, "spoken.enter", call_id, "")
        await self._around.journal.durable(call.ticket)
        return sum(len(run.facts) for run in runs)

    async def follow_plan(self, who: Actor, call_id: str, plan: str) -> None:
        """Follow an installation plan from now on; an empty name follows none."""
        call = self._live(who, call_id)
        if plan and plan not in call.rules.pack.plans:
            known = ", ".join(call.rules.pack.plans) or "none"
            raise invalid(f"there is no plan {plan!r}; there are: {known}")
        call.input(EntryKind.PLAN_FOLLOWED, COMPUTER, rec.PlanFollowed(plan=plan))
        self._audit(who, "plan.follow", call_id, plan or "none")
        await self._around.journal.durable(call.ticket)

    async def note(self, who: Actor, call_id: str, text: str) -> None:
        """Note something down."""
        call = self._live(who, call_id)
        self._note(who, call, text)
        self._audit(who, "call.note", call_id, "")
        call.changed()
        await self._around.saver.flush()

    async def confirm_words(self, who: Actor, call_id: str, spoken: str) -> bool:
        """Compare the words that the caller read out; if they match, personal facts and actions unlock."""
        call = self._live(who, call_id)
        session = call.sessions.get(COMPUTER)
        if session is None:
            raise conflict("nobody has joined this call yet")
        right = words.confirmed(session, self._around.settings.ca_fingerprint, spoken)
        self._audit(who, "words.confirm", call_id, "match" if right else "differ")
        if right:
            call.words_confirmed()
        await self._around.saver.flush()
        return right

    # ---- disagreement -------------------------------------------------------------------------
    async def disagree(self, who: Actor, call_id: str, finding_id: str, cause: str, reason: str) -> None:
        """Note that a finding is not the cause, what it was instead and why; said again, the last counts."""
        call = self._live(who, call_id)
        # One cause is one cause, however many blanks somebody typed.
        named = _bounded(" ".join(cause.split()), "cause", MAX_CAUSE)
        why = _bounded(reason, "reason", MAX_REASON)
        at = call.moment(self._around.clock.now())
        row = disagreement(call, finding_id, named, why, who.name, at)
        call.disagreements[row.id] = row
        self._around.saver.touch(row)
        instead = row.cause if row.in_pack else "a cause outside the pack"
        self._audit(who, "finding.disagree", call_id, f"{row.rule}: {instead}")
        call.changed()
        await self._around.saver.flush()

    async def rule_records(self, who: Actor, prefix: str) -> pb.ListRuleRecordsResponse:
        """Return how the rules did whose ids begin like this, and which causes no rule knows."""
        causes = await self._around.store.outside_causes(prefix)
        self._audit(who, "rules.record", "", prefix[:MAX_CAUSE])
        return pb.ListRuleRecordsResponse(
            records=self.manager.field_record.views(self.manager.rules.pack, prefix),
            outside=(pb.OutsideCauseView(cause=c.cause, rule=c.rule, calls=c.calls) for c in causes),
        )

    # ---- fixes --------------------------------------------------------------------------------
    async def propose(self, who: Actor, call_id: str, finding_id: str, index: int) -> str:
        """Propose a fix of a finding and return its id; it is kept before the caller sees it."""
        call = self._live(who, call_id)
        row = proposing.proposal(call, finding_id, index)
        call.fixes.add(row)
        self._around.saver.touch(row)
        self._audit(who, "fix.propose", call_id, f"{row.id}: {row.rule}#{row.index} {row.action}".rstrip())
        try:
            await self._around.saver.flush()
        except StoreError:
            call.fixes.remove(row)
            raise
        if row.action:
            now, around = call.moment(self._around.clock.now()), self._around
            call.sessions[row.target].send(frames.proposal(row, now, around.catalogue, around.settings))
        call.changed()
        self._around.deadlines.watch(call)
        return row.id

    async def update_fix(self, who: Actor, call_id: str, fix_id: str, event: str) -> str:
        """Say what a human did about a fix and return its state.

        `event` is accepted, declined, done or undo; of an action only undo, for the probe reports the rest.
        """
        call = self._live(who, call_id)
        row = call.fix(fix_id)
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
        call.verify_done()
        call.changed()
        return FixState(row.state).value

    # ---- inside -------------------------------------------------------------------------------
    def _live(self, who: Actor, call_id: str) -> CallRuntime:
        call = self.manager.live(call_id)
        self.looks.admit(who, call.row)
        return call

    async def _get(self, who: Actor, call_id: str) -> CallRuntime:
        call = await self.manager.get(call_id)
        self.looks.admit(who, call.row)
        return call

    async def _code(self, call: CallRuntime) -> pb.JoinCode:
        issued = await self._codes.issue(call.row.id)
        call.code_made = self._around.clock.now()
        call.plan_reminder()
        call.changed()
        settings = self._around.settings
        host, port = settings.join_host, settings.join_port
        addresses, web = settings.numeric_addresses, settings.web_url
        target = JoinTarget(issued.code, host, port, settings.ca_fingerprint, addresses, web)
        shown = f"[{host}]" if ":" in host else host
        page = f"{settings.web_url}/join/{issued.code}" if settings.web_url else ""
        return pb.JoinCode(
            code=issued.code,
            address=f"{shown}:{port}",
            link=target.link(),
            expires_us=issued.expires,
            page=page,
        )

    async def _state(self, call: CallRuntime, fact: rec.FactStated, origin: rec.Origin) -> None:
        fact.target, fact.origin = COMPUTER, origin
        call.input(EntryKind.FACT_STATED, COMPUTER, fact)
        await self._around.journal.durable(call.ticket)

    def _note(self, who: Actor, call: CallRuntime, text: str) -> None:
        written = _bounded(text, "note", MAX_NOTE)
        if not written:
            raise invalid("a note has at least one character")
        note = NoteRow(new_id(), call.row.id, call.moment(self._around.clock.now()), who.name, written)
        call.notes.append(note)
        self._around.saver.touch(note)

    def _audit(self, who: Actor, action: str, call_id: str, detail: str) -> None:
        by_caller = who.role == CALLER.role
        if not by_caller:
            self.queue.presence.seen(who.name, self._around.clock.now())
        name = who.name if by_caller else f"agent:{who.name}"
        self._around.saver.audit(name, action, call_id, detail)


def _bounded(text: str, what: str, limit: int) -> str:
    stripped = text.strip()
    if len(stripped) > limit:
        raise invalid(f"the {what} has {len(stripped)} characters; at most {limit} are kept")
    return stripped
