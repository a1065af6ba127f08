"""Pages about personal data: opening another agent's call, everything kept of a call, erasing it."""

from __future__ import annotations

import secrets

from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from hotline_collector.calls.desk import Desk
from hotline_collector.calls.errors import CallError, CallErrorKind
from hotline_collector.web.calls import CALLS
from hotline_collector.web.guard import STATUS, Guard, Visit, ask_reason
from hotline_collector.web.rendering import Pages, language_of, within

_CONFIRM = 4


class ProtectionPages:
    """Asks for reasons and confirmation; what then happens is the call layer's."""

    def __init__(self, desk: Desk, guard: Guard, pages: Pages) -> None:
        self._desk = desk
        self._guard = guard
        self._pages = pages

    def routes(self) -> list[Route]:
        """Return the routes."""
        one = f"{CALLS}/{{call_id}}"
        return [
            self._guard.post(f"{one}/look", self._look, "RequestAccess"),
            self._guard.get(f"{one}/subject", self._subject, "ExportSubject"),
            self._guard.get(f"{one}/erase", self._ask, "EraseCall"),
            self._guard.post(f"{one}/erase", self._erase, "EraseCall"),
        ]

    async def _look(self, visit: Visit) -> Response:
        try:
            await self._desk.request_access(visit.who, _call(visit), visit.form.get("reason", ""))
        except CallError as error:
            if error.kind is not CallErrorKind.INVALID:
                raise
            return ask_reason(self._pages, visit.request, visit.reader, str(error))
        return RedirectResponse(within(visit.form.get("back", "")), 303)

    async def _subject(self, visit: Visit) -> Response:
        call_id = _call(visit)
        text = await self._desk.export_subject(visit.who, call_id, language_of(visit.request))
        headers = {"content-disposition": f'attachment; filename="{_file_name(call_id)}.txt"'}
        return Response(text, media_type="text/plain; charset=utf-8", headers=headers)

    async def _ask(self, visit: Visit) -> Response:
        await self._desk.manager.get(_call(visit))
        return self._page(visit)

    async def _erase(self, visit: Visit) -> Response:
        call_id, typed = _call(visit), visit.form.get("confirm", "").strip().lower().encode()
        if not secrets.compare_digest(typed, call_id[-_CONFIRM:].lower().encode()):
            return self._page(visit, 400, "erase_differs")
        try:
            await self._desk.erase(visit.who, call_id, visit.form.get("reason", ""))
        except CallError as error:
            if error.kind is not CallErrorKind.INVALID:
                raise
            return self._page(visit, STATUS[error.kind], "erase_no_reason", str(error))
        return self._page(visit, done=True)

    def _page(
        self, visit: Visit, status: int = 200, wrong: str = "", detail: str = "", *, done: bool = False
    ) -> Response:
        return self._pages.render(
            visit.request,
            "erase.html",
            reader=visit.reader,
            status=status,
            call_id=_call(visit),
            wrong=wrong,
            detail=detail,
            typed={"reason": visit.form.get("reason", "")},
            done=done,
        )


def _call(visit: Visit) -> str:
    return str(visit.request.path_params["call_id"])


def _file_name(call_id: str) -> str:
    # A name of ours: nothing of an address is ever put into a header.
    return "call-" + "".join(c for c in call_id[:36] if c in "0123456789abcdef-")
