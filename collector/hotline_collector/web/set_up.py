"""Pages behind links that work once: the first admin's account, and a password of one's own."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hotline_collector.errors import AccountError, PasswordRefused, StoreError
from hotline_collector.model.accounts import LinkRow
from hotline_collector.model.units import lang_of
from hotline_collector.security.links import PATH
from hotline_collector.web.entry import Entry
from hotline_collector.web.rendering import HOME

_MAX_NAME = 64


class SetUpPages:
    """What a link opens, and what its form does."""

    def __init__(self, entry: Entry) -> None:
        self._entry = entry
        self._links = entry.doors.links

    def routes(self) -> list[Route]:
        """Return the routes."""
        path = PATH + "{token}"
        return [Route(path, self._show, methods=["GET"]), Route(path, self._use, methods=["POST"])]

    async def _show(self, request: Request) -> Response:
        try:
            link = await self._links.find(request.path_params["token"])
        except StoreError as error:
            return self._entry.failed(request, error)
        return self._page(request, link)

    async def _use(self, request: Request) -> Response:
        form, ours = await self._entry.form(request)
        try:
            link = await self._links.find(request.path_params["token"])
            if link is None or not ours:
                return self._page(request, link, form, "form_old", 403)
            return await self._try(request, link, form)
        except StoreError as error:
            return self._entry.failed(request, error)

    async def _try(self, request: Request, link: LinkRow, form: Mapping[str, str]) -> Response:
        if form.get("password", "") != form.get("again", ""):
            return self._page(request, link, form, "passwords_differ", 400)
        try:
            return await self._set(request, link, form)
        except PasswordRefused as error:
            return self._page(request, link, form, f"password_{error.reason}", 400)
        except AccountError:
            return self._page(request, link, form, "name_refused", 409)

    async def _set(self, request: Request, link: LinkRow, form: Mapping[str, str]) -> Response:
        password, lang = form.get("password", ""), ""
        if link.user:
            name, done = link.user, await self._links.use(link, password)
        else:
            name = form.get("name", "").strip()[:_MAX_NAME]
            lang = lang_of(form.get("language", ""))
            done = await self._links.use_first(link, name, password, lang)
        if not done:
            return self._page(request, None)
        return await self._entry.enter(request, name, HOME, lang)

    def _page(
        self,
        request: Request,
        link: LinkRow | None,
        form: Mapping[str, str] = {},
        wrong: str = "",
        status: int = 200,
    ) -> Response:
        if link is None:
            return self._entry.page(request, "set_up_gone.html", 410)
        values = {"name": link.user or form.get("name", "admin")[:_MAX_NAME], "first": not link.user}
        path = PATH + request.path_params["token"]
        return self._entry.page(request, "set_up.html", status, **values, wrong=wrong, path=path)
