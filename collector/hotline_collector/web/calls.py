"""The list of calls, opening one, and its join code."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from hotline_collector.calls.desk import Desk
from hotline_collector.calls.errors import CallError, CallErrorKind
from hotline_collector.web.codes import FreshCodes
from hotline_collector.web.complaints import common, known, label_of, open_call_of
from hotline_collector.web.guard import Guard, Visit
from hotline_collector.web.queue_page import NO_ALERT, Alert, QueuePages
from hotline_collector.web.rendering import HOME, Pages, language_of

CALLS = f"{HOME}/calls"
_MAX_SHOWN = 200
_MAX_REFERENCE = 100


class CallsPages:
    """What leads to a call, the queue before all; `codes` are those just made."""

    def __init__(self, desk: Desk, codes: FreshCodes, guard: Guard, pages: Pages, queue: QueuePages) -> None:
        self._desk = desk
        self._queue = queue
        self._codes = codes
        self._guard = guard
        self._pages = pages

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            self._guard.get(HOME, self._list, "ListCalls"),
            self._guard.post(CALLS, self._open, "OpenCall"),
            self._guard.post(f"{CALLS}/{{call_id}}/code", self._renew, "RenewCode"),
            *self._queue.routes(self._front),
        ]

    async def _list(self, visit: Visit) -> Response:
        reference = visit.request.query_params.get("ref", "")[:_MAX_REFERENCE].strip()
        if call_id := open_call_of(self._desk, reference):
            # A telephone system opens this while it rings: the call that goes on is what is wanted.
            return RedirectResponse(f"{CALLS}/{call_id}", 303)
        return await self._page(visit, {"customer_reference": reference})

    async def _front(self, visit: Visit, status: int, alert: Alert) -> Response:
        return await self._page(visit, {}, status, alert=alert)

    async def _open(self, visit: Visit) -> Response:
        form = visit.form
        try:
            row, code = await self._desk.open(
                visit.who,
                self._complaint(visit),
                reference=form.get("customer_reference", ""),
                first_check=form.get("first_check", ""),
            )
        except CallError as error:
            if error.kind is not CallErrorKind.INVALID:
                raise
            return await self._page(visit, form, 400, str(error))
        self._codes.keep(row.id, code)
        return RedirectResponse(f"{CALLS}/{row.id}", 303)

    def _complaint(self, visit: Visit) -> str:
        """Return the complaint as typed, or by its key and then as typed or as the key is called."""
        typed, key = visit.form.get("complaint", "").strip(), visit.form.get("complaint_key", "")
        label = label_of(self._desk, key, language_of(visit.request))
        return f"#{key} {typed or label}" if label else typed

    async def _renew(self, visit: Visit) -> Response:
        call_id = visit.request.path_params["call_id"]
        self._codes.keep(call_id, await self._desk.renew_code(visit.who, call_id))
        return RedirectResponse(f"{CALLS}/{call_id}", 303)

    async def _page(
        self,
        visit: Visit,
        given: Mapping[str, str],
        status: int = 200,
        wrong: str = "",
        alert: Alert = NO_ALERT,
    ) -> Response:
        typed = {name: given.get(name, "") for name in ("complaint", "customer_reference", "first_check")}
        closed = visit.request.query_params.get("closed", "") == "1"
        listed = await self._desk.list(visit.who, include_closed=closed)
        calls = [call for call in listed if not call.queued_us]
        return self._pages.render(
            visit.request,
            "calls.html",
            reader=visit.reader,
            status=status,
            calls=calls[:_MAX_SHOWN],
            left_out=max(len(calls) - _MAX_SHOWN, 0),
            closed=closed,
            typed=typed,
            common=common(self._desk),
            complaints=known(self._desk),
            earlier=await self._desk.earlier(visit.who, typed["customer_reference"]),
            wrong=wrong,
            alert=alert,
            agents=await self._queue.agents(),
            **self._queue.values(visit),
        )
