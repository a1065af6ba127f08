"""Puts the web console together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hotline_collector.calls.desk import Desk
from hotline_collector.security.doors import Doors
from hotline_collector.web.account import AccountPages
from hotline_collector.web.admin_audit import AdminAudit, AuditTrail
from hotline_collector.web.admin_start import AdminStart
from hotline_collector.web.admin_tokens import AdminTokens
from hotline_collector.web.admin_users import AdminUsers
from hotline_collector.web.call_page import CallPage
from hotline_collector.web.calls import CallsPages
from hotline_collector.web.codes import FreshCodes
from hotline_collector.web.entry import Entry
from hotline_collector.web.guard import Guard, Visit
from hotline_collector.web.importing import ImportPages
from hotline_collector.web.lead import LeadPages
from hotline_collector.web.live import LivePages
from hotline_collector.web.operation import Operation
from hotline_collector.web.protection import ProtectionPages
from hotline_collector.web.queue_page import QueuePages
from hotline_collector.web.rendering import HOME, Pages, static_file
from hotline_collector.web.rules import RulesPages
from hotline_collector.web.set_up import SetUpPages
from hotline_collector.web.sign_in import SignInPages
from hotline_collector.web.wrap_up import WrapUpPage


@dataclass(frozen=True, slots=True)
class Face:
    """How the console appears: whose it is, and the web port's address as browsers see it."""

    operator: str
    web_url: str


@dataclass(frozen=True, slots=True)
class Console:
    """The whole console: its routes, and what ends its live pages before the web port stops."""

    routes: list[Route]
    hang_up: Callable[[], None]


def build_console(face: Face, doors: Doors, desk: Desk, operation: Operation, trail: AuditTrail) -> Console:
    """Put the console together; the event loop must be running."""
    pages = Pages(face.operator)
    codes = FreshCodes()
    guard = Guard(doors.browsers, pages, face.web_url)
    entry = Entry(doors, guard, pages)

    async def style(_request: Request) -> Response:
        return static_file("desk.css", "text/css")

    async def figures_style(_request: Request) -> Response:
        return static_file("figures.css", "text/css")

    async def nothing(visit: Visit) -> Response:
        return pages.error(visit.request, "not_found", 404, visit.reader)

    async def script(request: Request) -> Response:
        return static_file(request.url.path.removeprefix(f"{HOME}/"), "text/javascript")

    page = CallPage(desk, codes, guard, pages)
    queue = QueuePages(desk, doors.browsers, guard, pages)
    live = LivePages(desk, doors.browsers, guard, page.fragment, page.strip)
    routes = [
        *SignInPages(entry, guard).routes(),
        *SetUpPages(entry).routes(),
        *AccountPages(doors.own, guard, pages).routes(),
        *CallsPages(desk, codes, guard, pages, queue).routes(),
        *page.routes(),
        *WrapUpPage(desk, guard, pages).routes(),
        *live.routes(),
        *AdminStart(desk, operation, lambda: live.open, guard, pages).routes(),
        *AdminUsers(doors.administration, face.web_url, guard, pages).routes(),
        *AdminTokens(doors.administration, guard, pages).routes(),
        *AdminAudit(trail, guard, pages).routes(),
        *LeadPages(desk, guard, pages).routes(),
        *RulesPages(desk, guard, pages).routes(),
        *ProtectionPages(desk, guard, pages).routes(),
        *ImportPages(desk, guard, pages).routes(),
        Route(f"{HOME}/desk.css", style),
        Route(f"{HOME}/figures.css", figures_style),
        *(Route(f"{HOME}/{name}", script) for name in ("desk.js", "keys.js", "morph.js", "call.js")),
        *(guard.any(path, nothing) for path in (HOME, f"{HOME}/{{rest:path}}")),
    ]

    def hang_up() -> None:
        live.hang_up()
        queue.hang_up()

    return Console(routes, hang_up)
