"""What all operations share: name, role, who asks, and the answers that a description lists."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

from fastapi import Depends, Request, Security
from fastapi.routing import APIRoute
from fastapi.security import HTTPBearer
from google.protobuf.message import Message
from starlette.responses import JSONResponse, Response

from hotline_collector.api import access
from hotline_collector.api.http.problems import KINDS, MEDIA_TYPE, Fault, Refused
from hotline_collector.api.http.shapes import plain, reference, told
from hotline_collector.calls.actor import Actor
from hotline_collector.calls.desk import Desk

_MAX_NAME = 100
_MOST = 20
# Declared for the description; the token itself was checked at the doorway.
_scheme = HTTPBearer(scheme_name="token", auto_error=False, description="The token of a login.")
_ALWAYS = ("unauthenticated", "unprotected", "invalid", "busy", "failed", "unavailable")
_WITH_BODY = ("malformed", "timeout", "too_large", "media_type")


def does(
    method: str,
    answer: type[Message] | None = None,
    *,
    status: int = 200,
    problems: Iterable[str] = (),
    body: bool = False,
    token: bool = True,
    content: dict[str, Any] | None = None,
    links: dict[str, Any] | None = None,
    takes: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Return what a route's decorator is told about the method of AgentService that it stands for.

    Without an `answer` the `content` says by media type what comes, and `takes` what is sent if it is no
    JSON. `token` is false for what needs none.
    """
    kinds = (*_ALWAYS, *(("role",) if token else ()), *problems, *(_WITH_BODY if body else ()))
    good: dict[str, Any] = {"description": "Done."}
    if answer is not None:
        content = {"application/json": {"schema": reference(answer.DESCRIPTOR.name)}}
    if content:
        good["content"] = content
    if links:
        good["links"] = links
    extra: dict[str, Any] = {} if token else {"security": []}
    if takes is not None:
        extra["requestBody"] = {"required": True, "content": takes}
    return {
        "openapi_extra": extra or None,
        "operation_id": method[0].lower() + method[1:],
        "summary": told(f"AgentService.{method}"),
        "status_code": status,
        "response_class": Response,
        "response_model": None,
        "responses": {status: good, **refusals(kinds)},
    }


def refusals(kinds: Iterable[str]) -> dict[int | str, dict[str, Any]]:
    """Return how a description lists problems: one answer for each status."""
    out: dict[int | str, dict[str, Any]] = {}
    for name in kinds:
        kind = KINDS[name]
        before = out.get(kind.status, {}).get("description")
        out[kind.status] = {
            "description": f"{before} or: {kind.title}." if before else f"{kind.title}.",
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    return out


def _desk(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


def _allowed(request: Request, _declared: Annotated[Any, Security(_scheme)]) -> Actor:
    who: Actor = request.state.who
    route: APIRoute = request.scope["route"]
    operation = route.operation_id or ""
    method = operation[:1].upper() + operation[1:]
    if not access.allowed(who.role, method):
        raise Refused("role", f"the role {who.role} may not do this: {method}")
    _know_parameters(request, route)
    return who


def _know_parameters(request: Request, route: APIRoute) -> None:
    """Refuse parameters that mean nothing: a typing error would go unnoticed."""
    known = {parameter.alias for parameter in route.dependant.query_params}
    odd = [
        Fault(detail="there is no such parameter", parameter=name[:_MAX_NAME])
        for name in request.query_params
        if name not in known
    ][:_MOST]
    if odd:
        takes = ", ".join(sorted(known)) or "none"
        raise Refused("invalid", f"a parameter is not known; there are: {takes}", errors=odd)


Who = Annotated[Actor, Depends(_allowed)]
TheDesk = Annotated[Desk, Depends(_desk)]


def answer(message: Message, status: int = 200, **headers: str) -> Response:
    """Return a message as JSON."""
    return JSONResponse(plain(message), status, headers=headers)


def done() -> Response:
    """Return that it was done and there is nothing to say."""
    return Response(status_code=204)
