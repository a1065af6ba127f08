"""What can go wrong, as problem documents.

Source: RFC 9457 (members, `application/problem+json`); its §3 shows `errors` with JSON pointers (RFC 6901).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import quote

from pydantic import BaseModel, Field
from starlette.responses import JSONResponse, Response

from hotline_collector.calls.errors import CallErrorKind

PREFIX = "/api/v1"
MEDIA_TYPE = "application/problem+json"
_MAX_DETAIL = 2000


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of problem: its status, a title that never changes, and what to do about it."""

    status: int
    title: str
    remedy: str


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "malformed": Kind(400, "The request cannot be read", "Send one JSON object in UTF-8."),
        "unauthenticated": Kind(
            401, "No valid token", "Log in and send the token as `Authorization: Bearer TOKEN`."
        ),
        "unprotected": Kind(
            403, "The connection is not encrypted", "Use https; without it only the same machine is served."
        ),
        "role": Kind(403, "The role does not allow this", "Ask a lead or an admin."),
        "locked": Kind(
            403, "Something must be unlocked first", "Do first what the detail says, such as the two words."
        ),
        "reason": Kind(
            403,
            "The call is another agent's",
            "Say why it is opened: POST a reason to `/calls/{call_id}/access`.",
        ),
        "not_found": Kind(
            404, "There is no such thing", "Check the address; closed calls cannot be changed."
        ),
        "method": Kind(405, "This method is not offered here", "Use one of those in the header Allow."),
        "timeout": Kind(408, "The request did not arrive in time", "Send it again."),
        "conflict": Kind(409, "It does not fit the present state", "Look at the call and decide anew."),
        "too_large": Kind(413, "The request is too large", "Send less at once."),
        "media_type": Kind(415, "The content type is not the right one", "Send what the detail names."),
        "invalid": Kind(422, "The request does not make sense", "Correct what the detail and `errors` name."),
        "busy": Kind(429, "Too many requests", "Wait as long as the header Retry-After says."),
        "failed": Kind(500, "The collector failed", "Tell its operator; the log says why."),
        "unavailable": Kind(503, "The collector cannot do it now", "Try again in a moment."),
    }
)
OF_CALLS = {
    CallErrorKind.NOT_FOUND: "not_found",
    CallErrorKind.INVALID: "invalid",
    CallErrorKind.LOCKED: "locked",
    CallErrorKind.REASON: "reason",
    CallErrorKind.CONFLICT: "conflict",
    CallErrorKind.UNAVAILABLE: "unavailable",
}


class Fault(BaseModel):
    """One thing that is wrong with a request."""

    detail: str = Field(description="What is wrong with it.")
    pointer: str = Field(default="", description="JSON pointer into the body, such as `#/facts/0/age_s`.")
    parameter: str = Field(default="", description="Name of a parameter in the address.")


class Problem(BaseModel):
    """What went wrong (RFC 9457)."""

    type: str = Field(description="Address that names the kind of problem and explains it.")
    title: str = Field(description="The kind in words; always the same for one kind.")
    status: int = Field(description="The HTTP status.")
    detail: str = Field(description="What is wrong this time, and what to do.")
    instance: str = Field(description="The address that was asked for.")
    errors: list[Fault] = Field(default=[], description="Every single fault of a request that is `invalid`.")


class Refused(Exception):
    """A request is answered with a problem; `kind` is one of KINDS."""

    def __init__(
        self,
        kind: str,
        detail: str,
        *,
        headers: Mapping[str, str] = MappingProxyType({}),
        errors: Sequence[Fault] = (),
    ) -> None:
        super().__init__(detail)
        self.kind = kind
        self.headers = headers
        self.errors = errors


def problem(refused: Refused, path: str) -> Response:
    """Return the answer that says so; `path` is the whole path that was asked for, decoded."""
    kind = KINDS[refused.kind]
    document = Problem(
        type=f"{PREFIX}/problems/{refused.kind}",
        title=kind.title,
        status=kind.status,
        detail=str(refused)[:_MAX_DETAIL],
        instance=quote(path, errors="replace"),
        errors=list(refused.errors),
    )
    told = document.model_dump(exclude_defaults=True)
    return JSONResponse(told, kind.status, headers=dict(refused.headers), media_type=MEDIA_TYPE)
