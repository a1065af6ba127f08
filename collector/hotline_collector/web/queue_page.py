"""The queue on the console's start page: who waits, live, and what an agent does with them."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from hotline_proto.v1 import agent_pb2 as pb
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from hotline_collector.calls.desk import Desk
from hotline_collector.calls.errors import CallError, CallErrorKind
from hotline_collector.calls.runtime import QUEUE
from hotline_collector.calls.views import call_summary
from hotline_collector.security.browsers import Browsers
from hotline_collector.web.guard import STATUS, Guard, Visit
from hotline_collector.web.rendering import HOME, Pages, Reader, language_of
from hotline_collector.web.streams import SharedTexts, Shown, TextStreams

_QUEUE = f"{HOME}/queue"
_MAX_SHOWN = 50
_MAX_REFERENCE = 100
_BETWEEN_S, _REFRESH_S = 1.0, 5.0
_STEP_US = 5_000_000


@dataclass(frozen=True, slots=True)
class Alert:
    """Why something could not be done: a word of the page, a name in it, and details in English."""

    word: str = ""
    name: str = ""
    detail: str = ""


NO_ALERT = Alert()
Front = Callable[[Visit, int, Alert], Awaitable[Response]]


class QueuePages:
    """Shows the queue and takes its forms; `front` renders the console's start page."""

    def __init__(self, desk: Desk, browsers: Browsers, guard: Guard, pages: Pages) -> None:
        self._desk = desk
        self._guard = guard
        self._pages = pages
        self._texts = SharedTexts(_BETWEEN_S, asyncio.get_running_loop().time)
        # What callers write must not be taken for it.
        self._stand_in = secrets.token_hex(16)
        self._streams = TextStreams(desk.manager.around.bus, browsers, between=_BETWEEN_S, refresh=_REFRESH_S)

    def routes(self, front: Front) -> list[Route]:
        """Return the routes."""
        forms = {
            "take": ("TakeCall", self._take),
            "call-back": ("CallBack", self._call_back),
            "transfer": ("TransferCall", self._transfer),
            "outage": ("MarkOutage", self._outage),
        }
        posts = [
            self._guard.post(f"{_QUEUE}/{name}", self._doing(does, front), needs)
            for name, (needs, does) in forms.items()
        ]
        return [self._guard.get(f"{_QUEUE}/events", self._watch, "ListQueue"), *posts]

    def hang_up(self) -> None:
        """End every live page."""
        self._streams.hang_up()

    def values(self, visit: Visit) -> Mapping[str, Any]:
        """Return what the queue's part of a page shows."""
        reference = visit.request.query_params.get("ref", "")[:_MAX_REFERENCE].strip()
        return {**self._now(), "ref": reference, "theirs": self._with(reference)}

    def _now(self) -> Mapping[str, Any]:
        view = self._desk.queue.view()
        return {
            "queue": view,
            "shown": view.waiting[:_MAX_SHOWN],
            "more": max(len(view.waiting) - _MAX_SHOWN, 0),
            "now": view.now_us,
        }

    def _fragment(self, visit: Visit) -> Shown:
        """Return the part that changes; browsers of the same language share it but for the key of forms."""
        handed = any(call.row.for_agent == visit.who.name for call in self._desk.queue.waiting())
        who = visit.who if handed else None
        key = f"{language_of(visit.request)} {who.name if who else ''}"
        reader = Reader(who, self._stand_in)
        made = self._texts.get(
            key,
            self._desk.queue.stamp(_STEP_US),
            lambda: self._pages.text(visit.request, "queue_live.html", reader, **self._now()),
        )
        return replace(made, text=made.text.replace(self._stand_in, visit.reader.form_key))

    async def agents(self) -> list[str]:
        """Return the names of those a call may be handed to."""
        return [user.name for user in await self._desk.manager.around.store.users()]

    def _with(self, reference: str) -> list[pb.CallSummary]:
        """Return the open calls of a customer, those that wait first."""
        calls = [c for c in self._desk.manager.calls.values() if c.row.customer_reference == reference]
        calls.sort(key=lambda call: not call.row.queued)
        return [call_summary(call.row, call) for call in calls[:_MAX_SHOWN]] if reference else []

    async def _watch(self, visit: Visit) -> Response:
        await self._desk.queue.look(visit.who)
        return self._streams.open(
            visit,
            QUEUE,
            lambda: self._fragment(visit),
        )

    def _doing(
        self, does: Callable[[Visit], Awaitable[str]], front: Front
    ) -> Callable[[Visit], Awaitable[Response]]:
        async def handle(visit: Visit) -> Response:
            try:
                return RedirectResponse(await does(visit), 303)
            except CallError as error:
                return await front(visit, STATUS[error.kind], self._alert(visit, error))

        return handle

    def _alert(self, visit: Visit, error: CallError) -> Alert:
        call = self._desk.manager.calls.get(visit.form.get("call", ""))
        if error.kind is CallErrorKind.CONFLICT and call is not None and call.row.agent:
            return Alert("queue_taken", call.row.agent)
        if error.kind is CallErrorKind.NOT_FOUND:
            return Alert("queue_gone")
        if error.kind is CallErrorKind.CONFLICT and "call" not in visit.form:
            return Alert("queue_nobody")
        return Alert(f"error_{error.kind.value}", "", str(error))

    async def _take(self, visit: Visit) -> str:
        call_id = await self._desk.queue.take(visit.who, visit.form.get("call", ""))
        return f"{HOME}/calls/{call_id}"

    async def _call_back(self, visit: Visit) -> str:
        call_id = visit.form.get("call", "")
        await self._desk.queue.call_back(visit.who, call_id)
        return f"{HOME}/calls/{call_id}"

    async def _transfer(self, visit: Visit) -> str:
        form = visit.form
        await self._desk.queue.transfer(
            visit.who, form.get("call", ""), form.get("to", ""), form.get("note", "")
        )
        return HOME

    async def _outage(self, visit: Visit) -> str:
        await self._desk.queue.mark_outage(visit.who, visit.form.get("rule", ""), visit.form.get("state", ""))
        return HOME
