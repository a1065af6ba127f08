"""Stands before every page: protected connection, session, role and form; turns errors into pages."""

from __future__ import annotations

import hmac
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from hotline_collector.api.access import allowed, at_least
from hotline_collector.calls.actor import Actor
from hotline_collector.calls.errors import CallError, CallErrorKind
from hotline_collector.calls.looking import LookEnded
from hotline_collector.errors import AccountError, Busy, SecurityError, StoreError
from hotline_collector.security.browsers import LIFETIME_S, Browsers
from hotline_collector.security.nearby import is_local
from hotline_collector.web.forms import TooLarge, is_foreign, read_form, read_upload
from hotline_collector.web.rendering import HOME, Pages, Reader, Taste, here

SIGN_IN = f"{HOME}/sign-in"
# The longest texts of a wrap-up, every character in its longest form.
_MAX_FORM = 128 * 1024
STATUS = {
    CallErrorKind.NOT_FOUND: 404,
    CallErrorKind.INVALID: 400,
    CallErrorKind.LOCKED: 403,
    CallErrorKind.REASON: 403,
    CallErrorKind.CONFLICT: 409,
    CallErrorKind.UNAVAILABLE: 503,
}
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Visit:
    """One request of somebody who is signed in; `form` and `file` are what a POST brought along."""

    request: Request
    who: Actor
    token: str
    reader: Reader
    form: Mapping[str, str] = field(default_factory=dict)
    file: bytes = b""


Handler = Callable[[Visit], Awaitable[Response]]


class Guard:
    """Lets requests through to their pages.

    `outside` is the address of the web port as browsers see it: with https there, TLS ends before us.
    """

    def __init__(self, browsers: Browsers, pages: Pages, outside: str) -> None:
        self._browsers = browsers
        self._pages = pages
        self._outside_tls = outside.startswith("https:")

    def get(self, path: str, handler: Handler, needs: str = "", role: str = "agent") -> Route:
        """Return the route of a page.

        `needs` is the method of AgentService that a role must be allowed; what is no such method names the
        lowest `role`.
        """
        return Route(path, self._guarded(handler, needs, role), methods=["GET"])

    def post(self, path: str, handler: Handler, needs: str = "", role: str = "agent") -> Route:
        """Return the route of a form; `needs` and `role` as for a page."""
        return Route(path, self._guarded(handler, needs, role), methods=["POST"])

    def upload(self, path: str, handler: Handler, needs: str, most: int) -> Route:
        """Return the route of a form with a file of at most `most` bytes."""
        return Route(path, self._guarded(handler, needs, "agent", most), methods=["POST"])

    def any(self, path: str, handler: Handler) -> Route:
        """Return the route of whatever else is asked for, by any method."""
        return Route(
            path, self._guarded(handler, "", "agent"), methods=["GET", "POST", "PUT", "PATCH", "DELETE"]
        )

    def protected(self, request: Request) -> bool:
        """Tell whether nobody between us and the browser can read along."""
        return self.encrypted(request) or is_local(request.client.host if request.client else "")

    def session(self, request: Request) -> str:
        """Return the token that a browser brought along, empty if it has none."""
        return request.cookies.get(self._cookie(request), "")

    def keep(self, request: Request, response: Response, token: str) -> None:
        """Have the browser keep a session."""
        name, secure = self._cookie(request), self.encrypted(request)
        response.set_cookie(
            name, token, max_age=LIFETIME_S, secure=secure, httponly=True, samesite="strict", path="/"
        )

    def forget(self, request: Request, response: Response) -> None:
        """Have the browser forget its session."""
        name, secure = self._cookie(request), self.encrypted(request)
        response.delete_cookie(name, secure=secure, httponly=True, samesite="strict", path="/")

    def encrypted(self, request: Request) -> bool:
        """Tell whether the browser speaks TLS, to us or to what stands before us."""
        return self._outside_tls or request.url.scheme == "https"

    def _cookie(self, request: Request) -> str:
        # The prefix keeps other hosts of the domain from planting a session (RFC 6265bis §4.1.3.2).
        return "__Host-hotline" if self.encrypted(request) else "hotline"

    def _guarded(
        self, handler: Handler, needs: str, role: str, file: int = 0
    ) -> Callable[[Request], Awaitable[Response]]:
        async def guarded(request: Request) -> Response:
            if not self.protected(request):
                return self._pages.error(request, "plain", 403, Reader())
            try:
                return await self._admit(request, handler, needs, role, file)
            except StoreError as error:
                return self._pages.error(request, "store", 503, Reader(), str(error))

        return guarded

    async def _admit(self, request: Request, handler: Handler, needs: str, role: str, file: int) -> Response:
        token = self.session(request)
        user = await self._browsers.find(token) if token else None
        if user is None:
            again = here(request) if request.method == "GET" else HOME
            return RedirectResponse(f"{SIGN_IN}?next={quote(again, safe='')}", 303)
        who = Actor(user.name, user.role)
        request.state.taste = Taste(user.language, user.appearance)
        reader = Reader(who, self._browsers.form_key(token))
        if not at_least(user.role, role) or (needs and not allowed(user.role, needs)):
            return self._pages.error(request, "role", 403, reader)
        if request.method != "POST":
            return await self._answer(Visit(request, who, token, reader), handler)
        try:
            form, sent = await _sent(request, file)
        except TooLarge:
            return self._pages.error(
                request, "too_large", 413, reader, f"the file is larger than {file / 2**20:.4g} MiB"
            )
        if not is_ours(request, form, reader.form_key):
            return self._pages.error(request, "form", 403, reader)
        return await self._answer(Visit(request, who, token, reader, form, sent), handler)

    async def _answer(self, visit: Visit, handler: Handler) -> Response:
        try:
            return await handler(visit)
        except CallError as error:
            if error.kind is CallErrorKind.REASON:
                over = isinstance(error, LookEnded)
                return ask_reason(self._pages, visit.request, visit.reader, over=over)
            kind, status, detail = error.kind.value, STATUS[error.kind], str(error)
        except StoreError:
            raise
        except (AccountError, SecurityError) as error:
            kind, status, detail = "invalid", 400, str(error)
        except Busy as error:
            kind, status, detail = "busy", 429, str(error)
        except Exception:
            _log.exception("a page failed", extra={"path": visit.request.url.path})
            kind, status, detail = "failed", 500, ""
        return self._pages.error(visit.request, kind, status, visit.reader, detail)


async def _sent(request: Request, file: int) -> tuple[Mapping[str, str], bytes]:
    if not file:
        return await read_form(request, _MAX_FORM), b""
    upload = await read_upload(request, file)
    return upload.fields, upload.file


def ask_reason(
    pages: Pages, request: Request, reader: Reader, wrong: str = "", *, over: bool = False
) -> Response:
    """Return the page that asks why somebody opens the call of another agent, again if the hour is `over`."""
    call_id = request.path_params["call_id"]
    back = here(request) if request.method == "GET" else f"{HOME}/calls/{call_id}"
    shown: dict[str, object] = {"call_id": call_id, "back": back, "wrong": wrong, "over": over}
    return pages.render(request, "reason.html", reader=reader, status=403, **shown)


def is_ours(request: Request, form: Mapping[str, str], key: str) -> bool:
    """Tell whether a form comes from a page of ours that was made for this very browser."""
    brought = form.get("key", "").encode("utf-8", "surrogatepass")
    return bool(key) and not is_foreign(request) and hmac.compare_digest(brought, key.encode())
