"""The page where a call comes to its end: texts, temporary changes, outcome, report."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from hotline_collector.calls.closing import OUTCOMES
from hotline_collector.calls.desk import Desk
from hotline_collector.calls.errors import CallError, CallErrorKind
from hotline_collector.calls.reports.build import lines
from hotline_collector.calls.wrapup import Texts
from hotline_collector.web.calls import CALLS
from hotline_collector.web.guard import STATUS, Guard, Visit
from hotline_collector.web.rendering import Pages, language_of

# A report is a document of its own: no script, nothing loaded, no way to the console (CSP 3, sandbox).
_REPORT_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'"
_FORM_FIELDS = ("outcome", "ticket", "summary", "note", "caller_confirmed")


@dataclass(frozen=True, slots=True)
class _Wrong:
    word: str = ""
    detail: str = ""
    status: int = 200


class WrapUpPage:
    """Shows how a call can be closed, closes it, and hands out its report."""

    def __init__(self, desk: Desk, guard: Guard, pages: Pages) -> None:
        self._desk = desk
        self._guard = guard
        self._pages = pages

    def routes(self) -> list[Route]:
        """Return the routes."""
        one = f"{CALLS}/{{call_id}}"
        return [
            self._guard.get(f"{one}/wrap-up", self._show, "GetWrapUp"),
            self._guard.post(f"{one}/wrap-up", self._end, "CloseCall"),
            self._guard.post(f"{one}/wrap-up/undo", self._undo, "UpdateFix"),
            self._guard.post(f"{one}/wrap-up/resend", self._resend, "ResendDeliveries"),
            self._guard.get(f"{one}/report", self._report, "ExportReport"),
            self._guard.post(f"{one}/complaint", self._complaint, "CorrectComplaint"),
        ]

    async def _show(self, visit: Visit) -> Response:
        return await self._page(visit, {"outcome": visit.request.query_params.get("outcome", "")}, _Wrong())

    async def _end(self, visit: Visit) -> Response:
        form = visit.form
        try:
            if form.get("do", "") == "keep":
                return await self._keep(visit)
            await self._close(visit)
        except CallError as error:
            if error.kind is CallErrorKind.NOT_FOUND:
                raise
            wrong = _Wrong(f"error_{error.kind.value}", str(error), STATUS[error.kind])
            return await self._page(visit, form, wrong)
        return RedirectResponse(_address(visit), 303)

    async def _close(self, visit: Visit) -> None:
        form = visit.form
        await self._desk.close(
            visit.who,
            visit.request.path_params["call_id"],
            form.get("outcome", ""),
            note=form.get("note", ""),
            caller_confirmed=form.get("caller_confirmed", "") == "yes",
            # What nobody changed is written again, for the call has gone on since the page was made.
            texts=Texts(_changed(form, "ticket"), _changed(form, "summary")),
            lang=language_of(visit.request),
        )

    async def _keep(self, visit: Visit) -> Response:
        form, call_id = visit.form, visit.request.path_params["call_id"]
        outcome = form.get("outcome", "")
        shown = await self._desk.wrap_up(visit.who, call_id, outcome, language_of(visit.request))
        ticket = _kept(form, "ticket", shown.ticket if shown.ticket_edited else "")
        summary = _kept(form, "summary", shown.summary if shown.summary_edited else "")
        await self._desk.save_texts(visit.who, call_id, Texts(ticket, summary))
        return RedirectResponse(_address(visit, outcome=outcome, said="texts_kept"), 303)

    async def _undo(self, visit: Visit) -> Response:
        call_id = visit.request.path_params["call_id"]
        await self._desk.update_fix(visit.who, call_id, visit.form.get("fix", ""), "undo")
        return RedirectResponse(_address(visit), 303)

    async def _resend(self, visit: Visit) -> Response:
        await self._desk.resend(visit.who, visit.request.path_params["call_id"])
        return RedirectResponse(_address(visit), 303)

    async def _complaint(self, visit: Visit) -> Response:
        call_id, form = visit.request.path_params["call_id"], visit.form
        complaint = with_key(form.get("complaint_key", ""), form.get("complaint", ""))
        await self._desk.correct_complaint(visit.who, call_id, complaint)
        return RedirectResponse(f"{CALLS}/{call_id}", 303)

    async def _report(self, visit: Visit) -> Response:
        form = visit.request.query_params.get("format", "html")
        call_id = visit.request.path_params["call_id"]
        report = await self._desk.report(visit.who, call_id, form, language_of(visit.request))
        shown = "inline" if form == "html" else "attachment"
        headers = {
            "content-disposition": f'{shown}; filename="{report.name}"',
            "content-security-policy": _REPORT_POLICY,
        }
        return Response(report.data, media_type=report.media_type, headers=headers)

    async def _page(self, visit: Visit, typed: Mapping[str, str], wrong: _Wrong) -> Response:
        call_id, lang = visit.request.path_params["call_id"], language_of(visit.request)
        view = await self._desk.view(visit.who, call_id, include_facts=False)
        outcome = typed.get("outcome", "") if typed.get("outcome", "") in OUTCOMES else ""
        shown = await self._desk.wrap_up(visit.who, call_id, outcome, lang)
        return self._pages.render(
            visit.request,
            "wrap_up.html",
            reader=visit.reader,
            status=wrong.status,
            call=view,
            shown=shown,
            outcomes=OUTCOMES,
            typed={name: lines(typed.get(name, "")) for name in _FORM_FIELDS},
            drafts={"ticket": _digest(shown.ticket), "summary": _digest(shown.summary)},
            wrong=wrong,
            said=visit.request.query_params.get("said", "") == "texts_kept",
            now=view.now_us,
        )


def with_key(key: str, text: str) -> str:
    """Return a complaint that begins with a key of the lexicon, if one was picked."""
    return f"#{key} {text}".strip() if key else text


def _address(visit: Visit, **query: str) -> str:
    page = f"{CALLS}/{visit.request.path_params['call_id']}/wrap-up"
    return f"{page}?{urlencode(query)}" if query else page


def _digest(text: str) -> str:
    return hashlib.sha256(lines(text).encode()).hexdigest()


def _changed(form: Mapping[str, str], name: str) -> str:
    """Return a text that somebody changed since the page was made, else nothing."""
    text = form.get(name, "")
    return "" if _digest(text) == form.get(f"{name}_draft", "") else text


def _kept(form: Mapping[str, str], name: str, before: str) -> str:
    """Return a text to keep: as it is now if somebody changed it, now or before."""
    unchanged = _digest(form.get(name, "")) == form.get(f"{name}_draft", "")
    return before if unchanged else form.get(name, "")
