"""The admin's page of tokens with which programs use the HTTP API."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from hotline_collector.errors import AccountError
from hotline_collector.model.accounts import TOKEN_DAYS
from hotline_collector.security.administration import Administration
from hotline_collector.web.admin_start import ADMIN
from hotline_collector.web.admin_users import actor_of
from hotline_collector.web.guard import Guard, Visit
from hotline_collector.web.rendering import Pages

TOKENS = f"{ADMIN}/tokens"
_MAX_NAME = 64


class AdminTokens:
    """Tokens for programs: made, shown once, listed and revoked."""

    def __init__(self, administration: Administration, guard: Guard, pages: Pages) -> None:
        self._administration = administration
        self._guard = guard
        self._pages = pages

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            self._guard.get(TOKENS, self._list, role="admin"),
            self._guard.post(TOKENS, self._add, role="admin"),
            self._guard.post(f"{TOKENS}/revoke", self._revoke, role="admin"),
        ]

    async def _list(self, visit: Visit) -> Response:
        return await self._page(visit, {"user": visit.request.query_params.get("user", "")})

    async def _add(self, visit: Visit) -> Response:
        form = visit.form
        days = {str(each): each for each in TOKEN_DAYS}.get(form.get("days", ""), 0)
        name, user = form.get("token_name", ""), form.get("user", "")
        try:
            token = await self._administration.add_token(actor_of(visit), user, name, days)
        except AccountError as error:
            return await self._page(visit, form, 400, str(error))
        return self._pages.render(
            visit.request,
            "admin_secret.html",
            reader=visit.reader,
            kind="token",
            secret=token,
            about=name.strip(),
            back=TOKENS,
        )

    async def _revoke(self, visit: Visit) -> Response:
        await self._administration.revoke_token(actor_of(visit), visit.form.get("token", ""))
        return RedirectResponse(f"{TOKENS}?done=revoked", 303)

    async def _page(
        self, visit: Visit, given: Mapping[str, str], status: int = 200, wrong: str = ""
    ) -> Response:
        users = [user.name for user in await self._administration.users() if not user.disabled]
        return self._pages.render(
            visit.request,
            "admin_tokens.html",
            reader=visit.reader,
            status=status,
            tokens=await self._administration.tokens(),
            users=users,
            days=TOKEN_DAYS,
            typed={"token_name": given.get("token_name", "")[:_MAX_NAME], "user": given.get("user", "")},
            wrong=wrong,
            done=visit.request.query_params.get("done", "") == "revoked" and not wrong,
        )
