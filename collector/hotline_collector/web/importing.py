"""A call from a file, and a call as a file."""

from __future__ import annotations

from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from hotline_collector.calls.bounds import MAX_BUNDLE
from hotline_collector.calls.desk import Desk
from hotline_collector.calls.errors import CallError
from hotline_collector.calls.importing import Imported
from hotline_collector.web.calls import CALLS
from hotline_collector.web.guard import STATUS, Guard, Visit
from hotline_collector.web.rendering import HOME, Pages

IMPORT = f"{HOME}/import"
_TEXTS = ("complaint", "customer_reference")


class ImportPages:
    """Takes a file of `hotline-probe --bundle` or of an exported call, and hands one out."""

    def __init__(self, desk: Desk, guard: Guard, pages: Pages) -> None:
        self._desk = desk
        self._guard = guard
        self._pages = pages

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            self._guard.get(IMPORT, self._show, "ImportBundle"),
            self._guard.upload(IMPORT, self._import, "ImportBundle", MAX_BUNDLE),
            self._guard.get(f"{CALLS}/{{call_id}}/record", self._record, "ExportRecord"),
        ]

    async def _show(self, visit: Visit) -> Response:
        return self._page(visit)

    async def _import(self, visit: Visit) -> Response:
        if not visit.file:
            return self._page(visit, 400, "import_nothing")
        complaint, reference = (visit.form.get(name, "") for name in _TEXTS)
        try:
            done = await self._desk.import_record(
                visit.who, visit.file, complaint=complaint, reference=reference
            )
        except CallError as error:
            return self._page(visit, STATUS[error.kind], "import_failed", str(error))
        if done.refused:
            return self._page(visit, done=done)
        return RedirectResponse(f"{CALLS}/{done.row.id}", 303)

    async def _record(self, visit: Visit) -> Response:
        data = await self._desk.export(visit.who, str(visit.request.path_params["call_id"]))
        headers = {"content-disposition": 'attachment; filename="call.hlb"'}
        return Response(data, media_type="application/octet-stream", headers=headers)

    def _page(
        self, visit: Visit, status: int = 200, wrong: str = "", detail: str = "", done: Imported | None = None
    ) -> Response:
        return self._pages.render(
            visit.request,
            "import.html",
            reader=visit.reader,
            status=status,
            wrong=wrong,
            detail=detail,
            done=done,
            typed={name: visit.form.get(name, "") for name in _TEXTS},
            size=MAX_BUNDLE // 2**20,
        )
