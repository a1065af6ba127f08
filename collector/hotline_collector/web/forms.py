"""Forms that browsers send: read within bounds, and refused when another site made the browser send them."""

from __future__ import annotations

import urllib.parse

from starlette.requests import ClientDisconnect, Request

_MAX_FIELDS = 10


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
