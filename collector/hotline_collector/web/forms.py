"""Forms that browsers send: read within bounds, and refused when another site made the browser send them."""

from __future__ import annotations

import asyncio
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette.requests import ClientDisconnect, Request

from hotline_collector.web.multipart import NotMultipart, parse_multipart

_MAX_FIELDS = 10
# What stands around the file of a form: its other fields and the heads of all.
_MAX_AROUND = 64 * 1024
_UPLOAD_S = 120.0
# A browser that still sends does not read an answer, so what is too much is read and forgotten, this often.
_OVERFLOW = 8


class TooLarge(Exception):
    """A form has more bytes than it may have."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A form with a file; both are empty if it was no such form."""

    fields: Mapping[str, str] = field(default_factory=dict)
    file: bytes = b""


def is_foreign(request: Request) -> bool:
    """Tell whether another site made the browser send it (Fetch Metadata; Origin of RFC 6454)."""
    site = request.headers.get("sec-fetch-site", "")
    if site:
        return site not in ("same-origin", "none")
    origin = request.headers.get("origin", "")
    if origin in ("", "null"):  # our own pages ask browsers to send no referrer, and some then say null
        return False
    return urllib.parse.urlsplit(origin).netloc != request.headers.get("host", "")


async def read_form(request: Request, limit: int) -> dict[str, str]:
    """Return the fields of a form, none if it has more than `limit` bytes or is no form at all."""
    body = b""
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > limit:
                return {}
    except ClientDisconnect:
        return {}
    try:
        fields = urllib.parse.parse_qs(body.decode("ascii"), max_num_fields=_MAX_FIELDS)
    except (ValueError, UnicodeDecodeError):
        return {}
    return {name: values[0] for name, values in fields.items()}


async def read_upload(request: Request, limit: int) -> Upload:
    """Return a form whose field `file` has at most `limit` bytes.

    Raises:
        TooLarge: it has more.
    """
    most, body, length = limit + _MAX_AROUND, bytearray(), 0
    try:
        async with asyncio.timeout(_UPLOAD_S):
            async for chunk in request.stream():
                length += len(chunk)
                if length > _OVERFLOW * most:
                    break
                if length <= most:
                    body += chunk
    except (ClientDisconnect, TimeoutError):
        return Upload()
    if length > most:
        raise TooLarge
    try:
        parts = await parse_multipart(request.headers.get("content-type", ""), bytes(body))
        file = parts.pop("file", b"")
        fields = {name: value.decode() for name, value in parts.items()}
    except (NotMultipart, UnicodeDecodeError):
        return Upload()
    if len(file) > limit:
        raise TooLarge
    return Upload(fields, file)
