"""How calls end: closed with outcome and texts, told to others, written down for the caller, erased."""

from __future__ import annotations

import asyncio

from hotline_proto.v1 import agent_pb2 as pb

from hotline_collector.calls import closing, erasing, subject, tickets, wrapup
from hotline_collector.calls.actor import Actor
from hotline_collector.calls.desk_base import DeskBase
from hotline_collector.calls.reports.rendering import Rendered, render
from hotline_collector.model.units import Lang


class Ending(DeskBase):
    """Closes calls and gives out what is kept of them."""

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
        wrapup.end(call, outcome, kept, texts, lang)
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
