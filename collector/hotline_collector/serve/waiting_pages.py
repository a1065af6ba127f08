"""The waiting room as a caller sees it: going in, one's own place, a call-back, going away.

Looking changes nothing but that the caller is still there; only buttons do something. Without scripts the
page reloads itself, with them only what changes is asked for.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from decimal import Decimal
from importlib import resources
from urllib.parse import quote

from hotline_proto.joincode import spoken
from hotline_proto.v1 import agent_pb2 as pb
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from hotline_collector.calls.errors import CallError, CallErrorKind
from hotline_collector.calls.waiting_room import CallerWait, WaitingRoom
from hotline_collector.console.texts import texts_for
from hotline_collector.errors import Busy, StoreError
from hotline_collector.model.units import Lang, lang_of, rough_span, whole_minutes
from hotline_collector.security.nearby import is_local
from hotline_collector.security.rates import Rates
from hotline_collector.security.turnstile import Turnstile
from hotline_collector.web.forms import is_foreign, read_form

_MAX_BODY = 16 * 1024
_STATUS = {
    CallErrorKind.NOT_FOUND: 404,
    CallErrorKind.INVALID: 400,
    CallErrorKind.CONFLICT: 409,
    CallErrorKind.UNAVAILABLE: 503,
}
_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
# As fast as a caller could ever answer by hand.
_PER_SECOND, _BURST = 1.0, 20
_MAX_NAME = 100
_INDEX = re.compile(r"[0-9]{1,3}", re.ASCII)
_SCRIPT = resources.files("hotline_collector.serve") / "pages" / "wait.js"

Render = Callable[..., HTMLResponse]
Form = Mapping[str, str]


class WaitingPages:
    """The pages; `render` makes a page of a template and values.

    With `outside_tls` something before us speaks TLS to browsers.
    """

    def __init__(self, room: WaitingRoom, render: Render, outside_tls: bool) -> None:
        self._room = room
        self._render = render
        self._outside_tls = outside_tls
        self._turnstile = Turnstile()
        self._rates = Rates(_PER_SECOND, _BURST)

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route("/wait", self._enter, methods=["POST"]),
            Route("/wait.js", self._script),
            Route("/wait/{token}", self._show, methods=["GET"]),
            Route("/wait/{token}/now", self._now, methods=["GET"]),
            Route("/wait/{token}/call-back", self._ask_number, methods=["GET"]),
            Route("/wait/{token}/call-back", self._call_back, methods=["POST"]),
            Route("/wait/{token}/code", self._code, methods=["POST"]),
            Route("/wait/{token}/tried", self._tried, methods=["POST"]),
            Route("/wait/{token}/answer", self._answer, methods=["POST"]),
            Route("/wait/{token}/leave", self._leave, methods=["POST"]),
        ]

    async def _enter(self, request: Request) -> Response:
        form = await read_form(request, _MAX_BODY)
        lang = form.get("lang", "")
        if is_foreign(request) or not form:
            return self._refused(request, 400, "wait_again", form)
        try:
            self._turnstile.enter(
                request.client.host if request.client else "", asyncio.get_running_loop().time()
            )
            token = await self._room.enter(form.get("complaint", ""), form.get("reference", ""))
        except Busy:
            return self._refused(request, 429, "wait_busy", form)
        except CallError as error:
            full = error.kind is CallErrorKind.UNAVAILABLE
            return self._refused(request, _STATUS[error.kind], "wait_full" if full else "wait_long", form)
        except StoreError:
            return self._refused(request, 503, "wait_store", form)
        return RedirectResponse(_address(token, lang), 303)

    def _refused(self, request: Request, status: int, why: str, form: dict[str, str]) -> Response:
        lang = form.get("lang", "")
        return self._render(
            "start.html", request, status=status, lang=lang, wrong=False, typed="", waiting=why, given=form
        )

    async def _show(self, request: Request) -> Response:
        token = request.path_params["token"]
        try:
            seen = self._room.look(token)
        except CallError:
            return self._over(request)
        still = request.query_params.get("still", "") == "1"
        return self._page("wait.html", request, token, seen=seen, still=still)

    async def _now(self, request: Request) -> Response:
        try:
            seen = self._room.look(request.path_params["token"])
        except CallError:
            return Response(status_code=404)
        return self._page("wait_now.html", request, request.path_params["token"], seen=seen)

    async def _ask_number(self, request: Request) -> Response:
        try:
            seen = self._room.look(request.path_params["token"])
        except CallError:
            return self._over(request)
        if not self._protected(request) or seen.state != "waiting":
            return RedirectResponse(_address(request.path_params["token"], _lang(request)), 303)
        return self._page("call_back.html", request, request.path_params["token"], seen=seen, wrong=False)

    async def _call_back(self, request: Request) -> Response:
        token, form = request.path_params["token"], await read_form(request, _MAX_BODY)
        lang = form.get("lang", "")
        if is_foreign(request) or not self._protected(request) or "lang" not in form:
            return RedirectResponse(_address(token, lang), 303)
        try:
            await self._room.call_me(token, form.get("number", ""))
        except CallError as error:
            if error.kind is not CallErrorKind.INVALID:
                return RedirectResponse(_address(token, lang), 303)
            seen = self._room.look(token)
            return self._page("call_back.html", request, token, seen, wrong=True, lang=lang, status=400)
        return RedirectResponse(_address(token, lang), 303)

    async def _code(self, request: Request) -> Response:
        return await self._doing(request, lambda token, _form: self._room.renew_code(token))

    async def _tried(self, request: Request) -> Response:
        async def tried(token: str, form: Form) -> None:
            if _INDEX.fullmatch(form.get("fix", "")):
                await self._room.tried(token, form.get("finding", ""), int(form["fix"]))

        return await self._doing(request, tried)

    async def _answer(self, request: Request) -> Response:
        async def answer(token: str, form: Form) -> None:
            value = form.get("value", "").strip()
            # A field that was left empty is no answer; whoever does not know presses the key that says so.
            if value or "unknown" in form:
                value = "" if "unknown" in form else value
                await self._room.answer(token, form.get("question", "")[:_MAX_NAME], value)

        own = f"/wait/{quote(request.path_params['token'])}"
        if self._rates.wait(own):
            return self._render("wait_fast.html", request, status=429, here=own, own=own)
        return await self._doing(request, answer)

    async def _leave(self, request: Request) -> Response:
        def leave(token: str, form: Form) -> Awaitable[None]:
            return self._room.leave(token, lang_of(form.get("lang", "")))

        return await self._doing(request, leave)

    async def _doing(self, request: Request, does: Callable[[str, Form], Awaitable[None]]) -> Response:
        token, form = request.path_params["token"], await read_form(request, _MAX_BODY)
        if not is_foreign(request):
            try:
                await does(token, form)
            except CallError as error:
                if error.kind is CallErrorKind.NOT_FOUND:
                    return self._over(request)
        return RedirectResponse(_address(token, form.get("lang", "")), 303)

    async def _script(self, _request: Request) -> Response:
        return Response(_SCRIPT.read_bytes(), media_type="text/javascript")

    def _over(self, request: Request) -> Response:
        return self._render("wait_over.html", request, status=404)

    def _page(
        self, template: str, request: Request, token: str, seen: CallerWait, **values: object
    ) -> Response:
        tariff = self._room.tariff
        frame = {
            "seen": seen,
            "tariff": tariff if tariff.charged else None,
            "token": token,
            "own": f"/wait/{quote(token)}",
            "here": request.url.path,
            "spoken": spoken,
            "may_call_back": self._protected(request),
            "about": whole_minutes,
            "rough": rough_span,
            "money": _money,
            "number": _number,
            "say": _saying,
        }
        page = self._render(template, request, **{**frame, **values})
        page.headers["content-security-policy"] = _POLICY
        return page

    def _protected(self, request: Request) -> bool:
        """Tell whether a telephone number can be taken: nobody in between can read it."""
        return (
            self._outside_tls
            or request.url.scheme == "https"
            or is_local(request.client.host if request.client else "")
        )


def _address(token: str, lang: str) -> str:
    query = f"?lang={lang}" if lang in ("en", "de") else ""
    return f"/wait/{quote(token)}{query}"


def _lang(request: Request) -> str:
    return request.query_params.get("lang", "")


def _saying(text: pb.Text, lang: Lang) -> str:
    return texts_for(lang).text(text)


def _money(amount: str | Decimal, currency: str, lang: Lang) -> str:
    return f"{_number(amount, lang)} {currency}"


def _number(amount: str | Decimal, lang: Lang) -> str:
    return str(amount).replace(".", ",") if lang == "de" else str(amount)
