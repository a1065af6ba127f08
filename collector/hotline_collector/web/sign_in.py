"""Signing in and out, and what a browser keeps of its user's taste."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from hotline_collector.errors import Busy, StoreError
from hotline_collector.model.accounts import UserRow
from hotline_collector.security.browsers import Browsers
from hotline_collector.security.paced import Audit, PacedAccounts
from hotline_collector.security.tokens import new_token
from hotline_collector.web.forms import read_form
from hotline_collector.web.guard import SIGN_IN, Guard, Visit, is_ours
from hotline_collector.web.rendering import HOME, LANGUAGE, THEME, THEMES, Pages, Reader, within

ACCOUNT = f"{HOME}/account"
_VISIT = "hotline_visit"
_VISIT_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
_MAX_FORM = 4096
_MAX_NAME = 64
_YEAR_S = 365 * 86_400


@dataclass(frozen=True, slots=True)
class Doors:
    """What signing in needs."""

    accounts: PacedAccounts
    browsers: Browsers
    audit: Audit


class SignInPages:
    """The pages that lead in and out."""

    def __init__(self, doors: Doors, guard: Guard, pages: Pages) -> None:
        self._doors = doors
        self._guard = guard
        self._pages = pages

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route(SIGN_IN, self._show, methods=["GET"]),
            Route(SIGN_IN, self._sign_in, methods=["POST"]),
            self._guard.post(f"{HOME}/sign-out", self._sign_out),
            self._guard.get(ACCOUNT, self._account),
            self._guard.post(ACCOUNT, self._prefer),
        ]

    async def _show(self, request: Request) -> Response:
        return self._page(request, 200, "", "", request.query_params.get("next", ""))

    async def _sign_in(self, request: Request) -> Response:
        if not self._guard.protected(request):
            return self._page(request, 403, "", "", "")
        form = await read_form(request, _MAX_FORM)
        name, then = form.get("name", "")[:_MAX_NAME], form.get("next", "")
        visit = _visit(request)
        if not visit or not is_ours(request, form, self._doors.browsers.form_key(visit)):
            return self._page(request, 403, "form_old", name, then)
        try:
            user = await self._known(request, form)
            if user is None:
                return self._page(request, 401, "wrong", name, then)
            return await self._enter(request, user, form)
        except Busy:
            return self._page(request, 429, "busy", name, then)
        except StoreError as error:
            return self._pages.error(request, "store", 503, Reader(), str(error))

    async def _known(self, request: Request, form: Mapping[str, str]) -> UserRow | None:
        host, port = (request.client.host, request.client.port) if request.client else ("", 0)
        accounts = self._doors.accounts
        return await accounts.check(form.get("name", ""), form.get("password", ""), host, f"{host}:{port}")

    async def _enter(self, request: Request, user: UserRow, form: Mapping[str, str]) -> Response:
        if before := self._guard.session(request):
            await self._doors.browsers.end(before)
        token = await self._doors.browsers.begin(user.name)
        await self._doors.audit.audit(f"agent:{user.name}", "desk.sign_in", "", "")
        response = RedirectResponse(within(form.get("next", "")), 303)
        self._guard.keep(request, response, token)
        response.delete_cookie(_VISIT, httponly=True, samesite="strict", path=HOME)
        if (lang := form.get("lang", "")) in ("en", "de"):
            _remember(response, LANGUAGE, lang)
        return response

    async def _sign_out(self, visit: Visit) -> Response:
        await self._doors.browsers.end(visit.token)
        await self._doors.audit.audit(f"agent:{visit.who.name}", "desk.sign_out", "", "")
        response = RedirectResponse(SIGN_IN, 303)
        self._guard.forget(visit.request, response)
        return response

    async def _account(self, visit: Visit) -> Response:
        return self._pages.render(visit.request, "account.html", reader=visit.reader)

    async def _prefer(self, visit: Visit) -> Response:
        response = RedirectResponse(ACCOUNT, 303)
        lang, theme = visit.form.get("language", ""), visit.form.get("theme", "")
        if lang in ("en", "de"):
            _remember(response, LANGUAGE, lang)
        if theme in THEMES:
            _remember(response, THEME, theme)
        return response

    def _page(self, request: Request, status: int, wrong: str, name: str, then: str) -> Response:
        if not self._guard.protected(request):
            return self._pages.error(request, "plain", 403, Reader())
        visit = _visit(request) or new_token()
        reader = Reader(form_key=self._doors.browsers.form_key(visit))
        values = {"wrong": wrong, "name": name, "then": within(then)}
        response = self._pages.render(request, "sign_in.html", reader=reader, status=status, **values)
        secure = self._guard.encrypted(request)
        response.set_cookie(_VISIT, visit, secure=secure, httponly=True, samesite="strict", path=HOME)
        return response


def _visit(request: Request) -> str:
    token = request.cookies.get(_VISIT, "")
    return token if _VISIT_TOKEN.fullmatch(token) else ""


def _remember(response: Response, name: str, value: str) -> None:
    response.set_cookie(name, value, max_age=_YEAR_S, httponly=True, samesite="strict", path=HOME)
