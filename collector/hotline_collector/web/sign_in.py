"""Signing in and out."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from hotline_collector.errors import Busy, StoreError
from hotline_collector.model.accounts import UserRow
from hotline_collector.web.entry import Entry, peer
from hotline_collector.web.guard import SIGN_IN, Guard, Visit
from hotline_collector.web.rendering import HOME, within

_MAX_NAME = 64


class SignInPages:
    """The pages that lead in and out."""

    def __init__(self, entry: Entry, guard: Guard) -> None:
        self._entry = entry
        self._doors = entry.doors
        self._guard = guard

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route(SIGN_IN, self._show, methods=["GET"]),
            Route(SIGN_IN, self._sign_in, methods=["POST"]),
            self._guard.post(f"{HOME}/sign-out", self._sign_out),
        ]

    async def _show(self, request: Request) -> Response:
        return self._page(request, 200, "", "", request.query_params.get("next", ""))

    async def _sign_in(self, request: Request) -> Response:
        form, ours = await self._entry.form(request)
        name, then = form.get("name", "")[:_MAX_NAME], form.get("next", "")
        if not ours:
            return self._page(request, 403, "form_old", name, then)
        try:
            user = await self._known(request, form)
            if user is None:
                return self._page(request, 401, "wrong", name, then)
            return await self._entry.enter(request, user.name, then, form.get("lang", ""))
        except Busy:
            return self._page(request, 429, "busy", name, then)
        except StoreError as error:
            return self._entry.failed(request, error)

    async def _known(self, request: Request, form: Mapping[str, str]) -> UserRow | None:
        accounts = self._doors.accounts
        return await accounts.check(form.get("name", ""), form.get("password", ""), *peer(request))

    async def _sign_out(self, visit: Visit) -> Response:
        await self._doors.browsers.end(visit.token)
        await self._doors.audit.audit(f"agent:{visit.who.name}", "desk.sign_out", "", "")
        response = RedirectResponse(SIGN_IN, 303)
        self._guard.forget(visit.request, response)
        return response

    def _page(self, request: Request, status: int, wrong: str, name: str, then: str) -> Response:
        values = {"wrong": wrong, "name": name, "then": within(then)}
        return self._entry.page(request, "sign_in.html", status, **values)
