"""What agents have found out, enter or disagree with in a call, in words and facts."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from hotline_proto.record import EntryKind
from hotline_proto.v1 import probe_pb2 as pbp
from hotline_proto.v1 import record_pb2 as rec

from hotline_collector.calls import complaining, devices, entering, frames, measuring, personal, safety, words
from hotline_collector.calls.actor import Actor
from hotline_collector.calls.bounds import MAX_CAUSE, MAX_CHECKS, MAX_COMPLAINT, MAX_REASON
from hotline_collector.calls.checks import parse_check
from hotline_collector.calls.desk_base import DeskBase, bounded
from hotline_collector.calls.disagreeing import disagreement
from hotline_collector.calls.errors import conflict, invalid, locked
from hotline_collector.calls.heard import heard_inputs, heard_runs
from hotline_collector.calls.operator_facts import Entered, stated
from hotline_collector.model.targets import COMPUTER
from hotline_collector.rulepack.spoken import spoken_items


class Knowing(DeskBase):
    """Takes in what is known about a call, and has more measured and asked."""

    async def correct_complaint(self, who: Actor, call_id: str, complaint: str) -> str:
        """Correct what the caller says is wrong and return it as it is kept; ranking and questions follow."""
        call = self._live(who, call_id)
        complaint = bounded(complaint, "complaint", MAX_COMPLAINT)
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

    async def add_target(
        self,
        who: Actor,
        call_id: str,
        address: str,
        fingerprint: str = "",
        *,
        from_collector: bool = False,
    ) -> int:
        """Have a device read, by the caller's computer once they allow it or from here; return its target.

        `fingerprint` is that of its host key, if support knows it; from here the operator names it.
        """
        call = self._live(who, call_id)
        named_key = devices.parse_named_key(fingerprint)
        if from_collector and named_key:
            raise invalid("the key of a device that is read from here is named in devices.allow")
        ready = devices.reachable(call, address) if from_collector else None
        if ready is None:
            device = devices.wanted(call, address)
            device.named_key = named_key
        else:
            device = devices.add_device(call, address, from_collector=True)
        code = await self._codes.issue(call_id, device.target)
        way = "from the collector" if from_collector else "through the probe"
        self._audit(who, "device.add", call_id, f"{device.address} {way}")
        await self._around.journal.durable(call.ticket)
        await self._around.saver.flush()
        call = self._live(who, call_id)
        if ready is None:
            devices.request(call, device, code)
        else:
            devices.begin(call, device, ready, code)
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
        safety.respect_for_answer(call, question)
        fact.target, fact.origin = COMPUTER, rec.ORIGIN_CALLER
        call.input(EntryKind.FACT_STATED, COMPUTER, fact)
        await self._around.journal.durable(call.ticket)
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
        for fact in fitting:
            safety.respect_for_answer(call, fact.fact)
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
        session = call.sessions.get(COMPUTER)
        if session is not None and session.link is not None:
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

    async def disagree(self, who: Actor, call_id: str, finding_id: str, cause: str, reason: str) -> None:
        """Note that a finding is not the cause, what it was instead and why; said again, the last counts."""
        call = self._live(who, call_id)
        # One cause is one cause, however many blanks somebody typed.
        named = bounded(" ".join(cause.split()), "cause", MAX_CAUSE)
        why = bounded(reason, "reason", MAX_REASON)
        at = call.moment(self._around.clock.now())
        row = disagreement(call, finding_id, named, why, who.name, at)
        call.disagreements[row.id] = row
        self._around.saver.touch(row)
        instead = row.cause if row.in_pack else "a cause outside the pack"
        self._audit(who, "finding.disagree", call_id, f"{row.rule}: {instead}")
        call.changed()
        await self._around.saver.flush()
