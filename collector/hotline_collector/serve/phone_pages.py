"""The page for callers with only a phone: questions with large keys, and the way of the phone.

Looking at an address changes nothing; the button uses the code up, in the same paced queue as a probe's join.
"""

from __future__ import annotations

import contextlib
import ipaddress
import re
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from importlib import resources
from typing import get_args

from hotline_proto.errors import JoinCodeError
from hotline_proto.joincode import normalise_code
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from hotline_collector.calls.desk import Desk
from hotline_collector.calls.errors import CallError, CallErrorKind
from hotline_collector.calls.phone import PhoneDesk, PhonePath
from hotline_collector.calls.ports import JoinCodes
from hotline_collector.calls.runtime import CallRuntime
from hotline_collector.console.texts import texts_for
from hotline_collector.errors import Busy, StoreError
from hotline_collector.model.targets import COMPUTER
from hotline_collector.model.units import Lang
from hotline_collector.rulepack.schema import Picture
from hotline_collector.security.nearby import is_local
from hotline_collector.security.phones import LIFETIME_S, Phones
from hotline_collector.security.rates import Rates
from hotline_collector.web.forms import is_foreign, read_form
from hotline_collector.web.helpers import helpers
from hotline_collector.web.language import choose_lang

PICTURES = frozenset(get_args(Picture))
_PAGES = resources.files("hotline_collector.serve") / "pages"
_COOKIE = "hotline_phone"
_MAX_FORM = 4096
_PER_SECOND, _BURST = 2.0, 30
_NUMBER = re.compile(r"-?\d{1,12}(?:\.\d{1,6})?")
_SAID = ("phone_failed", "phone_often", "phone_shared")
_POLICY = {
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
}
Render = Callable[..., Response]


@dataclass(frozen=True, slots=True)
class PhoneParts:
    """What the pages need: the call layer, codes, sessions, and whether browsers reach the port by TLS."""

    desk: Desk
    codes: JoinCodes
    phones: Phones
    encrypted: bool


@dataclass(frozen=True, slots=True)
class _Visit:
    request: Request
    call: CallRuntime
    lang: Lang


Handler = Callable[[_Visit], Awaitable[Response]]


class PhonePages:
    """Renders the pages; `render` makes a page of a template and values."""

    def __init__(self, parts: PhoneParts, render: Render) -> None:
        self._parts = parts
        self._phone = PhoneDesk(parts.desk.manager)
        self._render = render
        self._rates = Rates(_PER_SECOND, _BURST)
        # Versions begin anew with the collector, so that they only mean something together with this.
        self._run = secrets.token_hex(4)

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route("/phone", self._start, methods=["GET"]),
            Route("/phone", self._join, methods=["POST"]),
            Route("/phone/phone.js", _script),
            Route("/phone/pictures/{name}.svg", _picture),
            Route("/phone/call", self._inside(self._show), methods=["GET"]),
            Route("/phone/now", self._inside(self._now, script=True), methods=["GET"]),
            Route("/phone/ping", self._inside(self._ping, script=True), methods=["GET"]),
            Route("/phone/answer", self._inside(self._answer), methods=["POST"]),
            Route("/phone/path", self._inside(self._path), methods=["POST"]),
            Route("/phone/leave", self._leave, methods=["POST"]),
            Route("/phone/{code}", self._start, methods=["GET"]),
        ]

    # ---- the way in ---------------------------------------------------------------------------
    async def _start(self, request: Request) -> Response:
        if not self._protected(request):
            return self._door(request, "phone_plain", 403)
        text = request.path_params.get("code", "")
        try:
            code = normalise_code(text) if text else ""
        except JoinCodeError:
            return self._door(request, "phone_bad_code", 400, typed=text[:20])
        return self._door(request, "", typed=code)

    async def _join(self, request: Request) -> Response:
        if not self._protected(request):
            return self._door(request, "phone_plain", 403)
        form = await read_form(request, _MAX_FORM)
        typed, lang = form.get("code", "")[:20], form.get("lang", "")
        if is_foreign(request):
            return self._door(request, "phone_failed", 403, lang=lang)
        host, port = (request.client.host, request.client.port) if request.client else ("", 0)
        try:
            purpose = await self._parts.codes.redeem(normalise_code(typed), host, f"{host}:{port}")
            if purpose is None or purpose.target != COMPUTER:
                return self._door(request, "phone_bad_code", 404, typed=typed, lang=lang)
            await self._phone.join(purpose.call_id)
        except JoinCodeError:
            return self._door(request, "phone_bad_code", 400, typed=typed, lang=lang)
        except CallError:
            return self._door(request, "phone_bad_code", 404, typed=typed, lang=lang)
        except Busy:
            return self._door(request, "phone_busy", 429, typed=typed, lang=lang)
        except StoreError:
            return self._door(request, "phone_failed", 503, typed=typed, lang=lang)
        response = _to_call(choose_lang(lang, request.headers.get("accept-language", "")))
        response.set_cookie(
            _COOKIE,
            self._parts.phones.begin(purpose.call_id),
            max_age=LIFETIME_S,
            secure=self._encrypted(request),
            httponly=True,
            samesite="strict",
            path="/phone",
        )
        return response

    async def _leave(self, request: Request) -> Response:
        form = await read_form(request, _MAX_FORM)
        if is_foreign(request):
            return self._door(request, "phone_failed", 403)
        call_id = self._parts.phones.call_of(request.cookies.get(_COOKIE, ""))
        if call_id is not None:
            with contextlib.suppress(CallError):
                self._phone.leave(call_id)
        return self._forget(request, "phone_left", 200, form.get("lang", ""))

    # ---- inside a call ------------------------------------------------------------------------
    def _inside(self, handler: Handler, *, script: bool = False) -> Callable[[Request], Awaitable[Response]]:
        """Let phones of a call through; a `script` that asks gets a status in place of a page."""

        async def guarded(request: Request) -> Response:
            if not self._protected(request):
                return self._door(request, "phone_plain", 403)
            token = request.cookies.get(_COOKIE, "")
            call_id = self._parts.phones.call_of(token)
            if call_id is None:
                return Response(status_code=401) if script else RedirectResponse("/phone", 303)
            if request.method == "POST" and is_foreign(request):
                return self._door(request, "phone_failed", 403)
            lang = choose_lang(
                request.query_params.get("lang", ""), request.headers.get("accept-language", "")
            )
            try:
                visit = _Visit(request, self._parts.desk.manager.live(call_id), lang)
            except CallError:
                return Response(status_code=410) if script else self._forget(request, "phone_over", 410, lang)
            if self._rates.wait(token):
                return Response(status_code=429) if script else self._page(visit, "phone_often", 429)
            self._phone.here(visit.call)
            return await handler(visit)

        return guarded

    async def _show(self, visit: _Visit) -> Response:
        said = visit.request.query_params.get("said", "")
        return self._page(visit, said if said in _SAID else "")

    async def _now(self, visit: _Visit) -> Response:
        if visit.request.query_params.get("seen", "") == self._version(visit):
            return Response(status_code=204)
        fragment = self._render("phone_now.html", visit.request, lang=visit.lang, **self._values(visit, ""))
        fragment.headers["x-version"] = self._version(visit)
        return fragment

    async def _ping(self, visit: _Visit) -> Response:
        told = {"now_ms": time.time_ns() // 1_000_000, "family": _family(visit.request)}
        return JSONResponse(told)

    async def _answer(self, visit: _Visit) -> Response:
        form = await read_form(visit.request, _MAX_FORM)
        sent = self._phone.answer(visit.call.row.id, form.get("question", "")[:100], form.get("value", ""))
        return await self._did(sent, form, "")

    async def _path(self, visit: _Visit) -> Response:
        form = await read_form(visit.request, _MAX_FORM)
        numbers = [form.get(name, "") for name in ("rtt", "loss", "offset")]
        if not all(_NUMBER.fullmatch(text) for text in numbers):
            return _to_call(_lang_of(form), "phone_failed")
        rtt, loss, offset = map(float, numbers)
        path = PhonePath(rtt, loss, offset, _family(visit.request), form.get("network", ""))
        return await self._did(self._phone.share(visit.call.row.id, path), form, "phone_shared")

    async def _did(self, doing: Awaitable[None], form: dict[str, str], said: str) -> Response:
        try:
            await doing
        except (CallError, StoreError) as error:
            over = isinstance(error, CallError) and error.kind is CallErrorKind.NOT_FOUND
            said = "" if over else "phone_failed"
        return _to_call(_lang_of(form), said)

    # ---- pages --------------------------------------------------------------------------------
    def _page(self, visit: _Visit, said: str, status: int = 200) -> Response:
        again = visit.request.query_params.get("again", "")
        values = self._values(visit, again) | {"said": said, "here": "/phone/call"}
        page = self._render("phone.html", visit.request, status=status, lang=visit.lang, **values)
        page.headers.update(_POLICY)
        return page

    def _values(self, visit: _Visit, again: str) -> dict[str, object]:
        questions = list(self._parts.desk.look(visit.call, include_facts=False).questions)
        answered = [one for one in questions if one.answer]
        chosen = [one for one in answered if one.question == again]
        waiting = chosen or [one for one in questions if not one.answer and not one.locked]
        own = helpers(visit.lang)
        asked = visit.call.rules.pack.questions.get(waiting[0].question) if waiting else None
        return {
            "question": waiting[0] if waiting else None,
            "picture": asked.picture if asked else "",
            "answered": answered,
            "again": bool(chosen),
            "over": False,
            "version": self._version(visit),
            "say": texts_for(visit.lang).text,
            "answer_of": own["answer_of"],
        }

    def _door(
        self, request: Request, said: str, status: int = 200, *, typed: str = "", lang: str = ""
    ) -> Response:
        values = {"said": said, "typed": typed, "here": "/phone"}
        page = self._render("phone_start.html", request, status=status, lang=lang, **values)
        page.headers.update(_POLICY)
        return page

    def _forget(self, request: Request, said: str, status: int, lang: str) -> Response:
        page = self._door(request, said, status, lang=lang)
        page.delete_cookie(_COOKIE, path="/phone", httponly=True, samesite="strict")
        return page

    def _version(self, visit: _Visit) -> str:
        return f"{self._run}-{visit.call.version}-{visit.lang}"

    def _protected(self, request: Request) -> bool:
        return self._encrypted(request) or is_local(request.client.host if request.client else "")

    def _encrypted(self, request: Request) -> bool:
        return self._parts.encrypted or request.url.scheme == "https"


async def _picture(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in PICTURES:
        return Response(status_code=404)
    drawing = (_PAGES / "pictures" / f"{name}.svg").read_bytes()
    return Response(drawing, media_type="image/svg+xml", headers={"cache-control": "max-age=86400"})


async def _script(_request: Request) -> Response:
    return Response((_PAGES / "phone.js").read_bytes(), media_type="text/javascript")


def _to_call(lang: Lang, said: str = "") -> Response:
    return RedirectResponse(f"/phone/call?lang={lang}" + (f"&said={said}" if said else ""), 303)


def _lang_of(form: dict[str, str]) -> Lang:
    return choose_lang(form.get("lang", ""), "")


def _family(request: Request) -> str:
    """Return the family of the address that a phone comes from, as the web port sees it."""
    try:
        address = ipaddress.ip_address(request.client.host if request.client else "")
    except ValueError:
        return "ipv4"
    mapped = getattr(address, "ipv4_mapped", None)
    return "ipv6" if address.version == 6 and mapped is None else "ipv4"
