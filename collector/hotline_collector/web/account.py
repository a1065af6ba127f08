"""The page of one's own account: language and appearance, password, and where it is signed in."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from hotline_collector.errors import PasswordRefused
from hotline_collector.model.accounts import APPEARANCES, LANGUAGES
from hotline_collector.security.own_account import OwnAccount
from hotline_collector.web.entry import peer, remember
from hotline_collector.web.guard import Guard, Visit
from hotline_collector.web.rendering import HOME, LANGUAGE, THEME, Pages, language_of, theme_of

ACCOUNT = f"{HOME}/account"
_DONE = ("taste", "password", "ended")


class AccountPages:
    """What somebody sees and changes of their own account."""

    def __init__(self, own: OwnAccount, guard: Guard, pages: Pages) -> None:
        self._own = own
        self._guard = guard
        self._pages = pages

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            self._guard.get(ACCOUNT, self._show),
            self._guard.post(ACCOUNT, self._prefer),
            self._guard.post(f"{ACCOUNT}/password", self._password),
            self._guard.post(f"{ACCOUNT}/end", self._end),
            self._guard.post(f"{ACCOUNT}/end-others", self._end_others),
        ]

    async def _show(self, visit: Visit) -> Response:
        return await self._page(visit)

    async def _prefer(self, visit: Visit) -> Response:
        taste = self._chosen(visit)
        await self._own.set_taste(visit.who.name, *taste)
        response = _done("taste")
        secure = self._guard.encrypted(visit.request)
        for name, value in zip((LANGUAGE, THEME), taste, strict=True):
            remember(response, name, value, secure=secure)
        return response

    def _chosen(self, visit: Visit) -> tuple[str, str]:
        """Return language and appearance of a form; what is left out stays as it is."""
        lang = visit.form.get("language", "") or language_of(visit.request)
        return lang, visit.form.get("theme", "") or theme_of(visit.request)

    async def _password(self, visit: Visit) -> Response:
        form = visit.form
        if form.get("password", "") != form.get("again", ""):
            return await self._page(visit, "passwords_differ", 400)
        try:
            right = await self._own.change_password(
                visit.who.name,
                form.get("old", ""),
                form.get("password", ""),
                visit.token,
                *peer(visit.request),
            )
        except PasswordRefused as error:
            return await self._page(visit, f"password_{error.reason}", 400)
        return _done("password") if right else await self._page(visit, "old_wrong", 403)

    async def _end(self, visit: Visit) -> Response:
        await self._own.end_session(visit.who.name, visit.token, visit.form.get("session", ""))
        return _done("ended")

    async def _end_others(self, visit: Visit) -> Response:
        await self._own.end_others(visit.who.name, visit.token)
        return _done("ended")

    async def _page(self, visit: Visit, wrong: str = "", status: int = 200) -> Response:
        done = visit.request.query_params.get("done", "")
        values: Mapping[str, object] = {
            "wrong": wrong,
            "done": done if done in _DONE and not wrong else "",
            "sessions": await self._own.sessions(visit.who.name, visit.token),
            "languages": LANGUAGES,
            "appearances": APPEARANCES,
        }
        return self._pages.render(visit.request, "account.html", reader=visit.reader, status=status, **values)


def _done(what: str) -> Response:
    return RedirectResponse(f"{ACCOUNT}?done={what}", 303)
