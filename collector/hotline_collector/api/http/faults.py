"""Puts what is wrong with a request into words, fault by fault."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi.exceptions import RequestValidationError

from hotline_collector.api.http.problems import Fault, Refused

_MOST = 20
_MAX_WORDS = 200


def faults_of(error: RequestValidationError) -> Refused:
    """Return how a request is refused; nothing that was sent is repeated but names of members."""
    found = error.errors()
    if any(one["type"] == "json_invalid" for one in found):
        return Refused(
            "malformed", f"this is no JSON: {found[0].get('ctx', {}).get('error', '')}"[:_MAX_WORDS]
        )
    faults = [_fault(one) for one in found[:_MOST]]
    named = "; ".join(f"{fault.pointer or fault.parameter or 'body'}: {fault.detail}" for fault in faults)
    return Refused("invalid", named, errors=faults)


def _fault(one: Mapping[str, Any]) -> Fault:
    where, *rest = one["loc"]
    words = str(one["msg"])[:_MAX_WORDS]
    if where == "body":
        return Fault(detail=words, pointer="#" + "".join(f"/{_escaped(part)}" for part in rest))
    return Fault(detail=words, parameter=".".join(str(part) for part in rest)[:_MAX_WORDS])


def _escaped(part: object) -> str:
    # RFC 6901 §3.
    text = str(part).replace("~", "~0").replace("/", "~1")[:_MAX_WORDS]
    return text.encode("utf-8", "replace").decode()
