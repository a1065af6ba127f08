"""Stands before every operation: protected connection, size and type of the body, token, rate.

A browser's cookies count for nothing here, so that no other site can make a browser act.
"""

from __future__ import annotations

import asyncio
import logging
import math
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hotline_collector.api.http.problems import Refused, problem
from hotline_collector.calls.actor import Actor
from hotline_collector.calls.bounds import MAX_BUNDLE
from hotline_collector.calls.ports import Accounts
from hotline_collector.errors import StoreError
from hotline_collector.security.nearby import is_local
from hotline_collector.security.rates import Rates

_OPEN = ("/openapi.json", "/login")
_OPEN_BELOW = "/problems/"
_BEARER = "bearer "
_MAX_TOKEN = 512
_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
_JSON = "application/json"
# Operations that take a file.
_FILES = frozenset({"/bundles"})
_BYTES = "application/octet-stream"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class HttpLimits:
    """What one client may ask of the collector: bytes and seconds of a body or file, requests, streams."""

    body: int = 64 * 1024
    body_s: float = 15.0
    file: int = MAX_BUNDLE
    file_s: float = 120.0
    per_second: float = 20.0
    burst: int = 100
    streams: int = 8
    streams_in_all: int = 500


class Doorway:
    """Lets requests through to the application; `encrypted` if TLS ends before the collector."""

    def __init__(self, app: ASGIApp, accounts: Accounts, limits: HttpLimits, *, encrypted: bool) -> None:
        self._app = app
        self._accounts = accounts
        self._limits = limits
        self._encrypted = encrypted
        self._rates = Rates(limits.per_second, limits.burst)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; whatever fails becomes a problem document."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def sending(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._serve(scope, receive, sending)
            return
        except Refused as error:
            refused = error
        except StoreError as error:
            refused = Refused("unavailable", f"the store does not work: {error}; try again")
        except Exception:
            _log.exception("a request failed", extra={"path": scope["path"]})
            refused = Refused("failed", "the collector failed; its log says why")
        if not begun:
            await problem(refused, scope["path"])(scope, receive, send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        client = scope.get("client")
        if not (self._encrypted or scope["scheme"] == "https" or is_local(client[0] if client else "")):
            raise Refused("unprotected", "use https: nobody may read tokens and calls along")
        headers = Headers(scope=scope)
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        if path not in _OPEN and not path.startswith(_OPEN_BELOW):
            await self._admit(scope, headers)
        if scope["method"] in _WITH_BODY:
            receive = await self._body(headers, receive, is_file=path in _FILES)
        await self._app(scope, receive, send)

    async def _admit(self, scope: Scope, headers: Headers) -> None:
        token = bearer(headers)
        account = await self._accounts.who(token) if token else None
        if account is None:
            raise Refused(
                "unauthenticated",
                "log in first (or again: the login has ended), and send the token as a bearer token",
                headers={"www-authenticate": 'Bearer realm="hotline"'},
            )
        wait = self._rates.wait(token)
        if wait:
            raise Refused(
                "busy",
                f"this token asks more than {self._limits.per_second:g} times a second",
                headers={"retry-after": str(math.ceil(wait))},
            )
        state = scope.setdefault("state", {})
        state["who"], state["token"] = Actor(account.name, account.role), token

    async def _body(self, headers: Headers, receive: Receive, *, is_file: bool) -> Receive:
        """Read the body within its bounds and return what gives it to the application."""
        body, limits = bytearray(), self._limits
        most, seconds = (limits.file, limits.file_s) if is_file else (limits.body, limits.body_s)
        try:
            async with asyncio.timeout(seconds):
                while True:
                    message = await receive()
                    if message["type"] != "http.request":
                        raise Refused("malformed", "the connection ended before the request did")
                    body += message.get("body", b"")
                    if len(body) > most:
                        raise Refused("too_large", f"a request has at most {most} bytes")
                    if not message.get("more_body", False):
                        break
        except TimeoutError:
            raise Refused("timeout", f"the request did not arrive within {seconds:g} s") from None
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        wanted = _BYTES if is_file else _JSON
        if body and kind != wanted:
            raise Refused("media_type", f"send the body as {wanted}")
        first: list[Message] = [{"type": "http.request", "body": bytes(body), "more_body": False}]

        async def replaying() -> Message:
            return first.pop() if first else await receive()

        return replaying


def bearer(headers: Headers) -> str:
    """Return the token of the header `Authorization`, empty if there is none (RFC 6750 §2.1)."""
    value = headers.get("authorization", "")
    if not value.lower().startswith(_BEARER) or len(value) > _MAX_TOKEN:
        return ""
    return value[len(_BEARER) :].strip()
