"""A form with a file as browsers send it, multipart/form-data, read strictly: anybody may send one."""

from __future__ import annotations

import re

MAX_PARTS = 8
_MAX_HEAD = 1024
_MAX_BOUNDARY = 70
# RFC 2046, 5.1.1; browsers take letters, digits and hyphens.
_BOUNDARY = re.compile(r'multipart/form-data\s*;\s*boundary=(?:"([^"]+)"|([^\s";,]+))\s*', re.I | re.ASCII)
_CHARACTERS = re.compile(r"[A-Za-z0-9'()+_,./:=? -]*[A-Za-z0-9'()+_,./:=?-]", re.ASCII)
# RFC 7578, 4.2. A browser spells a quote in a name as %22, so none stands within.
_NAMED = re.compile(
    rb'content-disposition:[ \t]*form-data;[ \t]*name="([a-z_]{1,40})"(?:;[ \t]*filename="[^"\r\n]*")?', re.I
)


class NotMultipart(ValueError):
    """It is no such form, or not a whole one."""


def parse_multipart(content_type: str, body: bytes) -> dict[str, bytes]:
    r"""Return the fields of a form by their names, files like all others; how a file is called is not read.

    >>> form = b'--x\r\nContent-Disposition: form-data; name="key"\r\n\r\n1\r\n--x--\r\n'
    >>> parse_multipart("multipart/form-data; boundary=x", form)
    {'key': b'1'}

    Raises:
        NotMultipart: it is none (RFC 7578), or has too many parts, one without a name, or a name twice.
    """
    # A boundary stands at the beginning of a line; before the first one there is nothing.
    before, *parts = (b"\r\n" + body).split(b"\r\n--" + _boundary(content_type), MAX_PARTS + 2)
    after = parts.pop() if parts else b""
    if before or after not in (b"--", b"--\r\n") or not 0 < len(parts) <= MAX_PARTS:
        raise NotMultipart("the form does not begin or end as one, or has too many parts")
    fields: dict[str, bytes] = {}
    for part in parts:
        name, value = _field(part)
        if name in fields:
            raise NotMultipart("the form has a field twice")
        fields[name] = value
    return fields


def _boundary(content_type: str) -> bytes:
    match = _BOUNDARY.fullmatch(content_type.strip())
    boundary = (match[1] or match[2]) if match else ""
    if len(boundary) > _MAX_BOUNDARY or not _CHARACTERS.fullmatch(boundary):
        raise NotMultipart("it is no form with a boundary")
    return boundary.encode("ascii")


def _field(part: bytes) -> tuple[str, bytes]:
    head, separator, value = part.partition(b"\r\n\r\n")
    if not separator or len(head) > _MAX_HEAD or not head.startswith(b"\r\n"):
        raise NotMultipart("a part of the form has no head")
    named = [match for line in head[2:].split(b"\r\n") if (match := _NAMED.fullmatch(line))]
    if len(named) != 1:
        raise NotMultipart("a part of the form has no name")
    return named[0][1].decode("ascii"), value
