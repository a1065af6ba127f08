"""The web port: pages for callers and agents, health, metrics and the CA's certificate."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from pathlib import Path

import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hotline_collector.errors import StartError
from hotline_collector.serve.caller_pages import CallerPages

_BACKLOG = 1024
_HEADERS = (
    (
        b"content-security-policy",
        b"default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
)


def build_app(
    pages: CallerPages,
    ca_pem: bytes,
    registry: CollectorRegistry,
    ready: Callable[[], Awaitable[str]],
    others: Sequence[BaseRoute] = (),
    notes: Callable[[], Mapping[str, str]] = dict,
) -> Starlette:
    """Return the application; `ready` returns why the collector is not ready, empty if it is.

    `notes` are what else is worth knowing, which does not decide whether it is ready. `ca_pem` is empty with
    a public certificate; `others` are the pages for agents and the HTTP API.
    """

    async def live(_request: Request) -> Response:
        return JSONResponse({"status": "live"})

    async def readiness(_request: Request) -> Response:
        reason = await ready()
        body = {"status": "not ready", "reason": reason} if reason else {"status": "ready"}
        return JSONResponse({**body, **notes()}, status_code=503 if reason else 200)

    async def authority(_request: Request) -> Response:
        if not ca_pem:
            return PlainTextResponse("this collector has a public certificate\n", status_code=404)
        return Response(ca_pem, media_type="application/x-pem-file")

    async def metrics(_request: Request) -> Response:
        return Response(generate_latest(registry), headers={"content-type": CONTENT_TYPE_LATEST})

    return Starlette(
        routes=[
            *pages.routes(),
            *others,
            Route("/healthz", live),
            Route("/readyz", readiness),
            Route("/ca.pem", authority),
            Route("/metrics", metrics),
        ],
        middleware=[Middleware(_SafeHeaders)],
    )


class _SafeHeaders:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = list(message.get("headers", ()))
                named = {name for name, _ in own}
                message["headers"] = [*own, *(pair for pair in _HEADERS if pair[0] not in named)]
            await send(message)

        await self._app(scope, receive, sending)


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        # The collector has one way to end, and it is not uvicorn's.
        yield


class WebServer:
    """uvicorn as a task of the collector's event loop; the socket listens at once.

    With a certificate (chain) and its key, both files in PEM, it speaks TLS.
    """

    def __init__(
        self,
        app: Starlette,
        host: str,
        port: int,
        cert_file: Path | None = None,
        key_file: Path | None = None,
    ) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.socket(family)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._socket.bind((host, port))
            self._socket.listen(_BACKLOG)
        except OSError as error:
            self._socket.close()
            raise StartError(
                f"the web port {port} on {host} cannot be used: {error.strerror}; set listen.web_port"
            ) from error
        self.port: int = self._socket.getsockname()[1]
        self._server = _Server(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                lifespan="off",
                server_header=False,
                ssl_certfile=cert_file,
                ssl_keyfile=key_file,
                timeout_graceful_shutdown=3,
                backlog=_BACKLOG,
            )
        )
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Serve."""
        self._task = asyncio.create_task(self._server.serve(sockets=[self._socket]), name="web")

    async def stop(self) -> None:
        """Stop and wait for requests that are being served, 3 s at most."""
        self._server.should_exit = True
        if self._task is not None:
            await self._task
        self._socket.close()
