"""The queue on the console's start page: who waits, live, and what an agent does with them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from hotline_proto.v1 import agent_pb2 as pb
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from hotline_collector.calls.desk import Desk
from hotline_collector.calls.errors import CallError, CallErrorKind
from hotline_collector.calls.runtime import QUEUE
from hotline_collector.security.browsers import Browsers
from hotline_collector.web.guard import STATUS, Guard, Visit
from hotline_collector.web.rendering import HOME, Pages
from hotline_collector.web.streams import TextStreams

_QUEUE = f"{HOME}/queue"
_MAX_SHOWN = 50
_MAX_REFERENCE = 100
_BETWEEN_S, _REFRESH_S = 1.0, 5.0


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
        view = self._desk.queue.view()
        reference = visit.request.query_params.get("ref", "")[:_MAX_REFERENCE].strip()
        return {
            "queue": view,
            "shown": view.waiting[:_MAX_SHOWN],
            "more": max(len(view.waiting) - _MAX_SHOWN, 0),
            "ref": reference,
            "mine": self._with(reference),
            "now": view.now_us,
        }

    async def agents(self) -> list[str]:
        """Return the names of those a call may be handed to."""
        return [user.name for user in await self._desk.manager.around.store.users()]

    def _with(self, reference: str) -> list[pb.CallSummary]:
        """Return the open calls of a customer that do not wait."""
        calls = [call for call in self._desk.manager.calls.values() if not call.row.queued]
        return [
            pb.CallSummary(call_id=c.row.id, state=c.row.state, complaint=c.row.complaint, agent=c.row.agent)
            for c in calls
            if reference and c.row.customer_reference == reference
        ][:_MAX_SHOWN]

    async def _watch(self, visit: Visit) -> Response:
        await self._desk.queue.look(visit.who)
        return self._streams.open(
            visit,
            QUEUE,
            lambda: self._pages.text(visit.request, "queue_live.html", visit.reader, **self.values(visit)),
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
