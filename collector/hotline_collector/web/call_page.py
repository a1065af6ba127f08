"""The page of one call."""

from __future__ import annotations

from starlette.responses import Response
from starlette.routing import Route

from hotline_collector.calls.desk import Desk
from hotline_collector.web.calls import CALLS
from hotline_collector.web.codes import FreshCodes
from hotline_collector.web.guard import Guard, Visit
from hotline_collector.web.rendering import Pages

_NOT_JOINED = frozenset({"waiting", "ended"})


class CallPage:
    """Shows a call as it is now."""

    def __init__(self, desk: Desk, codes: FreshCodes, guard: Guard, pages: Pages) -> None:
        self._desk = desk
        self._codes = codes
        self._guard = guard
        self._pages = pages

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [self._guard.get(f"{CALLS}/{{call_id}}", self._show, "GetCall")]

    async def _show(self, visit: Visit) -> Response:
        call_id = visit.request.path_params["call_id"]
        view = await self._desk.view(visit.who, call_id, include_facts=False)
        if not all(target.link in _NOT_JOINED for target in view.targets):
            # A code is used up by joining.
            self._codes.drop(call_id)
        code = self._codes.of(call_id, view.now_us) if view.state != "closed" else None
        return self._pages.render(
            visit.request, "call.html", reader=visit.reader, call=view, code=code, now=view.now_us
        )
