"""The HTTP step: asks for a page and looks at the first line of the answer."""

from __future__ import annotations

import re
import socket
import time
from dataclasses import dataclass

from hotline_probe.checks.limits import Deadline
from hotline_probe.checks.target import CheckTarget
from hotline_probe.errors import SourceFailed

PATIENCE = 4.0
MAX_BYTES = 16 * 1024
# RFC 9112, section 4; the reason may be missing.
_STATUS = re.compile(rb"HTTP/1\.[01] ([1-5]\d\d)(?: [^\r\n]*)?\r?\n")


@dataclass(frozen=True, slots=True)
class Answer:
    """The status and the seconds from the question to the first byte of the answer."""

    status: int
    seconds: float

    @property
    def ok(self) -> bool:
        """Whether a page was delivered."""
        return self.status < 400


def ask(channel: socket.socket, target: CheckTarget, method: str, deadline: Deadline) -> Answer:
    """Ask for the target's page and return the beginning of the answer, bounded in bytes and time.

    Raises:
        SourceFailed: the answer is not HTTP/1.
        TimeoutError: there is none in time.
        OSError: the connection broke.
    """
    began = time.monotonic()
    step = Deadline(deadline.left(PATIENCE))
    channel.settimeout(step.left(PATIENCE))
    channel.sendall(request(target, method))
    received, first = b"", 0.0
    while len(received) < MAX_BYTES:
        channel.settimeout(step.left(PATIENCE))
        part = channel.recv(4096)
        first = first or time.monotonic() - began
        received += part
        status = parse_status(received)
        if status is not None:
            return Answer(status, first)
        if not part:
            raise SourceFailed("the server hung up without an answer")
    raise SourceFailed("the answer's header does not end")


def parse_status(received: bytes) -> int | None:
    r"""Return the final status of an answer, None while more must come; interim answers are skipped.

    >>> parse_status(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\n")
    200
    >>> parse_status(b"HTTP/1.1 2")

    Raises:
        SourceFailed: it is not HTTP/1.
    """
    rest = received
    while b"\n" in rest:
        match = _STATUS.match(rest)
        if not match:
            raise SourceFailed("the answer is not HTTP")
        if not match[1].startswith(b"1"):
            return int(match[1])
        _, _, rest = rest.partition(b"\r\n\r\n")
    if not b"HTTP/1.".startswith(rest[:7]) and not rest.startswith(b"HTTP/1."):
        raise SourceFailed("the answer is not HTTP")
    return None


def request(target: CheckTarget, method: str) -> bytes:
    """Return the question (RFC 9110, 9112); the path is percent-encoded already."""
    host = f"[{target.host.partition('%')[0]}]" if ":" in target.host else target.host
    default = 443 if target.encrypted else 80
    where = host if target.port == default else f"{host}:{target.port}"
    lines = (
        f"{method} {target.path} HTTP/1.1",
        f"Host: {where}",
        "User-Agent: hotline-probe",
        "Accept: */*",
        "Connection: close",
    )
    return "\r\n".join([*lines, "", ""]).encode("ascii")
