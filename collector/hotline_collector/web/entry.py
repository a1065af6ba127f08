"""The way from outside into a session, for every page that leads there."""

from __future__ import annotations

import re
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from hotline_collector.errors import StoreError
from hotline_collector.security.doors import Doors
from hotline_collector.security.tokens import new_token
from hotline_collector.web.device import device_of
from hotline_collector.web.forms import read_form
from hotline_collector.web.guard import Guard, is_ours
from hotline_collector.web.rendering import HOME, LANGUAGE, Pages, Reader, within

# Three passwords of the greatest length in characters of four bytes, each byte as %xx.
MAX_FORM = 16 * 1024
_VISIT = "hotline_visit"
_VISIT_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
_YEAR_S = 365 * 86_400


class Entry:
    """Pages for somebody without a session, their forms, and the step into a session."""

    def __init__(self, doors: Doors, guard: Guard, pages: Pages) -> None:
        self.doors = doors
        self.guard = guard
        self._pages = pages

    def page(self, request: Request, template: str, status: int = 200, /, **values: object) -> Response:
        """Return a page whose forms only this browser can send."""
        if not self.guard.protected(request):
            return self._pages.error(request, "plain", 403, Reader())
        visit = _visit(request) or new_token()
        reader = Reader(form_key=self.doors.browsers.form_key(visit))
        response = self._pages.render(request, template, reader=reader, status=status, **values)
        secure = self.guard.encrypted(request)
        response.set_cookie(_VISIT, visit, secure=secure, httponly=True, samesite="strict", path=HOME)
        return response

    def failed(self, request: Request, error: StoreError) -> Response:
        """Return the page that says that the store does not work."""
        return self._pages.error(request, "store", 503, Reader(), str(error))

    async def form(self, request: Request) -> tuple[Mapping[str, str], bool]:
        """Return what a form brings along, and whether it is one of ours, over a protected connection."""
        if not self.guard.protected(request):
            return {}, False
        form, visit = await read_form(request, MAX_FORM), _visit(request)
        return form, bool(visit) and is_ours(request, form, self.doors.browsers.form_key(visit))

    async def enter(self, request: Request, name: str, then: str, lang: str) -> Response:
        """Begin a session in place of the one that this browser had, and lead into the console.

        Raises:
            StoreError: the store cannot be reached.
        """
        if before := self.guard.session(request):
            await self.doors.browsers.end(before)
        token = await self.doors.browsers.begin(name, device_of(request.headers.get("user-agent", "")))
        await self.doors.audit.audit(f"agent:{name}", "desk.sign_in", "", "")
        response = RedirectResponse(within(then), 303)
        self.guard.keep(request, response, token)
        secure = self.guard.encrypted(request)
        response.delete_cookie(_VISIT, secure=secure, httponly=True, samesite="strict", path=HOME)
        if lang in ("en", "de"):
            remember(response, LANGUAGE, lang, secure=secure)
        return response


def peer(request: Request) -> tuple[str, str]:
    """Return address and connection of whoever asks, for the gate."""
    host, port = (request.client.host, request.client.port) if request.client else ("", 0)
    return host, f"{host}:{port}"


def remember(response: Response, name: str, value: str, *, secure: bool) -> None:
    """Have the browser keep a taste for a year, for pages that nobody has signed in to."""
    response.set_cookie(
        name, value, max_age=_YEAR_S, secure=secure, httponly=True, samesite="strict", path=HOME
    )


def _visit(request: Request) -> str:
    token = request.cookies.get(_VISIT, "")
    return token if _VISIT_TOKEN.fullmatch(token) else ""
