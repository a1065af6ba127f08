"""One question over HTTP/1.1 and the whole answer, bounded in bytes and time; no redirect is followed."""

from __future__ import annotations

import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field

from hotline_probe.checks.limits import Deadline
from hotline_probe.errors import SourceFailed

MAX_HEAD = 16 * 1024
_HEAD = re.compile(rb"HTTP/1\.[01] ([2-5]\d\d)(?: [^\r\n]*)?\r?\n")
_INTERIM = re.compile(rb"HTTP/1\.[01] 1\d\d[^\n]*\n(?:[^\n]+\n)*?\r?\n")
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,8})[^\r\n]*\r\n")
_EMPTY = (204, 304)


@dataclass(frozen=True, slots=True)
class Page:
    """An answer; `headers` have lower-case names, of repeated ones the first counts."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


def fetch(
    channel: socket.socket,
    path: str,
    host: str,
    deadline: Deadline,
    *,
    most: int,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
) -> Page:
    """Ask for a path (POST with a body) and return the answer, with at most `most` bytes of its body.

    Raises:
        SourceFailed: the answer is not HTTP/1.
        TimeoutError: it does not end in time.
        OSError: the connection broke.
    """
    channel.settimeout(deadline.left(deadline.rest()))
    channel.sendall(question(path, host, headers or {}, body))
    received, closed = b"", False
    while True:
        page = parse_page(received, closed, most)
        if page is not None:
            return page
        channel.settimeout(deadline.left(deadline.rest()))
        part = channel.recv(65536)
        received, closed = received + part, not part


def question(path: str, host: str, headers: Mapping[str, str], body: bytes | None) -> bytes:
    """Return a request (RFC 9110, 9112); path and headers must be ASCII and free of line ends."""
    method = "GET" if body is None else "POST"
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", "User-Agent: hotline-probe", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if body is not None:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("ascii") + (body or b"")


def parse_page(received: bytes, closed: bool, most: int) -> Page | None:
    r"""Return the answer as soon as enough of it is there, None while more must come.

    A body that is longer than `most` bytes is cut; one that ends early because the server hung up counts as
    far as it came.

    >>> parse_page(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", False, 100).body
    b'hi'
    >>> parse_page(b"HTTP/1.1 200 OK\r\nContent-Le", False, 100)

    Raises:
        SourceFailed: it is not HTTP/1, or its head does not end.
    """
    while interim := _INTERIM.match(received):
        received = received[interim.end() :]
    head, separator, rest = _split(received)
    if not separator:
        if closed or len(received) > MAX_HEAD:
            raise SourceFailed("the answer has no complete head")
        return None
    match = _HEAD.match(head + b"\r\n")
    if not match:
        raise SourceFailed("the answer is not HTTP")
    status, headers = int(match[1]), _headers(head)
    body = _body(rest, headers, closed, most) if status not in _EMPTY else b""
    return None if body is None else Page(status, body, headers)


def _split(received: bytes) -> tuple[bytes, bytes, bytes]:
    found = received.partition(b"\r\n\r\n")
    return found if found[1] else received.partition(b"\n\n")


def _headers(head: bytes) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in head.splitlines()[1:]:
        name, colon, value = line.decode("latin-1").partition(":")
        if colon:
            found.setdefault(name.strip().lower(), value.strip())
    return found


def _body(rest: bytes, headers: Mapping[str, str], closed: bool, most: int) -> bytes | None:
    if "chunked" in headers.get("transfer-encoding", "").lower():
        body, ended = _unchunk(rest, most)
        return body if ended or closed else None
    length = headers.get("content-length", "")
    wanted = min(int(length[:12]), most) if length.isascii() and length.isdigit() else most
    return rest[:wanted] if closed or len(rest) >= wanted else None


def _unchunk(rest: bytes, most: int) -> tuple[bytes, bool]:
    """Return the body so far (RFC 9112 section 7.1), and whether that is all that is wanted."""
    body, place = b"", 0
    while match := _CHUNK.match(rest, place):
        size = int(match[1], 16)
        body += rest[match.end() : match.end() + size]
        place = match.end() + size + 2
        if size == 0 or len(body) >= most:
            return body[:most], True
    return body, False
