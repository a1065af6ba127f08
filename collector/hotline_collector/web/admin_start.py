"""The admin's start page: how the collector does, which rules it uses, and how long it keeps what."""

from __future__ import annotations

from collections.abc import Callable

from starlette.responses import Response
from starlette.routing import Route

from hotline_collector import __version__
from hotline_collector.calls.desk import Desk
from hotline_collector.security.browsers import IDLE_S, LIFETIME_S
from hotline_collector.security.links import LIFETIME_S as LINK_S
from hotline_collector.web.guard import Guard, Visit
from hotline_collector.web.operation import Operation, size_of
from hotline_collector.web.rendering import HOME, Pages

ADMIN = f"{HOME}/admin"
_EXPIRES_SOON_US = 30 * 86_400_000_000
_MAX_FAULTS = 20


class AdminStart:
    """Shows the state of the collector; `live` counts the pages that are kept up to date."""

    def __init__(
        self, desk: Desk, operation: Operation, live: Callable[[], int], guard: Guard, pages: Pages
    ) -> None:
        self._desk = desk
        self._operation = operation
        self._live = live
        self._guard = guard
        self._pages = pages

    def routes(self) -> list[Route]:
        """Return the route."""
        return [self._guard.get(ADMIN, self._show, role="admin")]

    async def _show(self, visit: Visit) -> Response:
        operation, manager = self._operation, self._desk.manager
        now = manager.around.clock.now()
        pack = self._desk.rule_pack(visit.who)
        return self._pages.render(
            visit.request,
            "admin_start.html",
            reader=visit.reader,
            operation=operation,
            not_ready=await operation.ready(),
            size=size_of(operation.database),
            pack=pack,
            faults=pack.faults[:_MAX_FAULTS],
            more_faults=max(len(pack.faults) - _MAX_FAULTS, 0),
            open_calls=len(manager.calls),
            live=self._live(),
            version=__version__,
            expires_soon=operation.certificate_ends - now < _EXPIRES_SOON_US,
            left=(operation.certificate_ends - now) / 1e6,
            limits={"idle": IDLE_S, "session": LIFETIME_S, "link": LINK_S},
        )
