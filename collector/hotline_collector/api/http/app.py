"""Puts the HTTP API together: routes, errors, description."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from google.protobuf.descriptor import Descriptor
from hotline_proto.v1 import agent_pb2 as pb
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Match, Mount, Route

from hotline_collector.api.http import calls, contents, endings, queueing
from hotline_collector.api.http.doorway import Doorway, HttpLimits
from hotline_collector.api.http.events import Streams
from hotline_collector.api.http.faults import faults_of
from hotline_collector.api.http.problems import KINDS, OF_CALLS, PREFIX, Problem, Refused, problem
from hotline_collector.api.http.shapes import schemas
from hotline_collector.calls.desk import Desk
from hotline_collector.calls.errors import CallError
from hotline_collector.calls.ports import Accounts
from hotline_collector.errors import Busy, StoreError

VERSION = "1.0"
_ABOUT = (
    "What agents do with calls, for programs: the same operations as the console and the `hotline` command. "
    "Every request but `login` carries a token. Problems are RFC 9457 documents. "
    "Within v1 nothing is taken away or changes its meaning; ignore members that you do not know."
)
_TAGS = (
    ("login", "A token for name and password."),
    ("calls", "Calls as a whole."),
    ("diagnosis", "What a call knows and asks."),
    ("fixes", "Proposing a fix, and what became of it."),
    ("queue", "Who waits, and taking the next caller."),
    ("figures", "How the call centre did; for leads."),
    ("rules", "The rules in use and how they did; for leads."),
)


@dataclass(frozen=True, slots=True)
class HttpApi:
    """The API for the web port: where it is mounted, and what ends its streams before the port stops."""

    mount: Mount
    hang_up: Callable[[], None]


def build_http_api(
    desk: Desk, accounts: Accounts, *, encrypted: bool, limits: HttpLimits | None = None
) -> HttpApi:
    """Put the API together; `encrypted` if browsers and programs reach the web port by https only."""
    limits = limits or HttpLimits()
    app = _application()
    streams = Streams(desk, accounts, limits)
    app.state.desk, app.state.streams, app.state.accounts = desk, streams, accounts
    mount = Mount(PREFIX, Doorway(app, accounts, limits, encrypted=encrypted))
    # A line feed in an address would otherwise lead past this API to the pages' own "not found".
    mount.path_regex = re.compile(mount.path_regex.pattern, re.DOTALL)
    return HttpApi(mount, streams.hang_up)


def description() -> dict[str, Any]:
    """Return the OpenAPI document of the API."""
    return _description(_application())


def _application() -> FastAPI:
    document: list[bytes] = []

    async def described(_request: Request) -> Response:
        if not document:
            document.append(json.dumps(_description(app)).encode())
        return Response(document[0], media_type="application/json")

    routes = [
        *calls.router.routes,
        *contents.router.routes,
        *contents.fixes.routes,
        *queueing.router.routes,
        *endings.router.routes,
        *endings.others.routes,
        Route("/openapi.json", described),
        Route("/problems/{kind}", _explained),
    ]
    app = FastAPI(routes=routes, openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    for error, handler in (
        (Refused, _refused),
        (CallError, _call_error),
        (StoreError, _store_error),
        (Busy, _busy),
        (RequestValidationError, _invalid),
        (HTTPException, _routing),
        (Exception, _failed),
    ):
        app.add_exception_handler(error, handler)
    return app


def _description(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(
        title="Hotline",
        version=VERSION,
        description=_ABOUT,
        routes=app.routes,
        servers=[{"url": PREFIX}],
        tags=[{"name": name, "description": words} for name, words in _TAGS],
    )
    own = {"Problem": Problem.model_json_schema(ref_template="#/components/schemas/{model}")}
    own |= own["Problem"].pop("$defs")
    document["components"]["schemas"] |= own | schemas(_messages(document))
    return document


def _messages(document: dict[str, Any]) -> list[Descriptor]:
    """Return the messages of the contract that operations answer with."""
    named = set(re.findall(r'#/components/schemas/(\w+)"', json.dumps(document["paths"])))
    return [m for name, m in pb.DESCRIPTOR.message_types_by_name.items() if name in named]


async def _explained(request: Request) -> Response:
    name = request.path_params["kind"]
    kind = KINDS.get(name)
    if kind is None:
        return problem(Refused("not_found", "there is no such kind of problem"), request.scope["path"])
    return PlainTextResponse(f"{kind.title} ({kind.status}).\n{kind.remedy}\n")


async def _refused(request: Request, error: Any) -> Response:
    return problem(error, request.scope["path"])


async def _call_error(request: Request, error: Any) -> Response:
    return problem(Refused(OF_CALLS[error.kind], str(error)), request.scope["path"])


async def _store_error(request: Request, error: Any) -> Response:
    return problem(
        Refused("unavailable", f"the store does not work: {error}; try again"), request.scope["path"]
    )


async def _busy(request: Request, error: Any) -> Response:
    detail = str(error) or "too many attempts right now; try again in a moment"
    return problem(Refused("busy", detail, headers={"retry-after": "1"}), request.scope["path"])


async def _invalid(request: Request, error: Any) -> Response:
    return problem(faults_of(error), request.scope["path"])


async def _failed(request: Request, _error: Any) -> Response:
    # It is raised again after this answer; the doorway logs it.
    return problem(Refused("failed", "the collector failed; its log says why"), request.scope["path"])


async def _routing(request: Request, error: Any) -> Response:
    if error.status_code == KINDS["method"].status:
        offered = sorted(
            {
                method
                for route in request.app.routes
                if route.matches(request.scope)[0] is Match.PARTIAL
                for method in route.methods or ()
            }
        )
        refused = Refused(
            "method", f"here is only {', '.join(offered)}", headers={"allow": ", ".join(offered)}
        )
    elif error.status_code == KINDS["not_found"].status:
        refused = Refused("not_found", f"there is nothing here; {PREFIX}/openapi.json lists what there is")
    else:
        refused = Refused("malformed", "the request cannot be read as JSON")
    return problem(refused, request.scope["path"])
