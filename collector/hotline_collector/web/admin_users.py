"""The admin's pages of accounts: adding one, and everything that is done with it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from hotline_collector.errors import AccountError, LastAdmin
from hotline_collector.model.accounts import ROLES
from hotline_collector.security.administration import Administration
from hotline_collector.security.links import PATH
from hotline_collector.web.admin_start import ADMIN
from hotline_collector.web.guard import Guard, Visit
from hotline_collector.web.rendering import Pages

USERS = f"{ADMIN}/users"
_DONE = ("role", "disable", "enable", "end")
_MAX_NAME = 64


class AdminUsers:
    """Accounts; `outside` is the address of the web port as browsers see it."""

    def __init__(self, administration: Administration, outside: str, guard: Guard, pages: Pages) -> None:
        self._administration = administration
        self._outside = outside
        self._guard = guard
        self._pages = pages

    def routes(self) -> list[Route]:
        """Return the routes."""
        one = f"{USERS}/{{name}}"
        return [
            self._guard.get(USERS, self._list, role="admin"),
            self._guard.post(USERS, self._add, role="admin"),
            self._guard.get(one, self._show, role="admin"),
            self._guard.post(f"{one}/link", self._link, role="admin"),
            *(self._guard.post(f"{one}/{name}", self._acting(name), role="admin") for name in _DONE),
        ]

    async def _list(self, visit: Visit) -> Response:
        return await self._page(visit, {})

    async def _add(self, visit: Visit) -> Response:
        form = visit.form
        name, program = form.get("name", "").strip(), form.get("program", "") == "yes"
        actor = actor_of(visit)
        try:
            await self._administration.add(actor, name, form.get("role", ""))
        except AccountError as error:
            return await self._page(visit, form, 400, str(error))
        if program:
            return RedirectResponse(f"{USERS}/{name}", 303)
        return self._secret(visit, name, await self._administration.link(actor, name))

    async def _show(self, visit: Visit) -> Response:
        return await self._one(visit)

    async def _link(self, visit: Visit) -> Response:
        name = visit.request.path_params["name"]
        return self._secret(visit, name, await self._administration.link(actor_of(visit), name))

    def _acting(self, act: str) -> Callable[[Visit], Awaitable[Response]]:
        async def acting(visit: Visit) -> Response:
            name = visit.request.path_params["name"]
            try:
                await self._act(act, name, visit)
            except LastAdmin:
                return await self._one(visit, "last_admin", 409)
            return RedirectResponse(f"{USERS}/{name}?done={act}", 303)

        return acting

    async def _act(self, act: str, name: str, visit: Visit) -> None:
        actor, administration = actor_of(visit), self._administration
        match act:
            case "role":
                await administration.set_role(actor, name, visit.form.get("role", ""))
            case "disable":
                await administration.disable(actor, name)
            case "enable":
                await administration.enable(actor, name)
            case _:
                await administration.end_sessions(actor, name)

    async def _one(self, visit: Visit, wrong: str = "", status: int = 200) -> Response:
        done = visit.request.query_params.get("done", "")
        user = await self._administration.user(visit.request.path_params["name"])
        return self._pages.render(
            visit.request,
            "admin_user.html",
            reader=visit.reader,
            status=status,
            user=user,
            roles=ROLES,
            tokens=[row for row in await self._administration.tokens() if row.user == user.name],
            wrong=wrong,
            done=done if done in _DONE and not wrong else "",
        )

    async def _page(
        self, visit: Visit, given: Mapping[str, str], status: int = 200, wrong: str = ""
    ) -> Response:
        return self._pages.render(
            visit.request,
            "admin_users.html",
            reader=visit.reader,
            status=status,
            users=await self._administration.users(),
            roles=ROLES,
            typed={"name": given.get("name", "")[:_MAX_NAME], "role": given.get("role", "agent")},
            wrong=wrong,
        )

    def _secret(self, visit: Visit, name: str, token: str) -> Response:
        # Without TLS the link works where the admin sits, for passwords are taken on one machine only.
        tls = self._outside.startswith("https:")
        place = self._outside if tls else str(visit.request.base_url).rstrip("/")
        return self._pages.render(
            visit.request,
            "admin_secret.html",
            reader=visit.reader,
            kind="link",
            secret=f"{place}{PATH}{token}",
            about=name,
            back=f"{USERS}/{name}",
        )


def actor_of(visit: Visit) -> str:
    """Return who acts, as the audit trail names them."""
    return f"agent:{visit.who.name}"
