"""The TCP step: opens a connection, one address after the other."""

from __future__ import annotations

import errno
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass

from hotline_probe.checks.limits import Deadline
from hotline_probe.checks.name import Endpoint

MAX_TRIED = 4
PER_ADDRESS = 3.0
# When every address fails in its own way, the first of these is the most telling: "unreachable" is normal
# for IPv6 addresses on a machine without IPv6.
_TELLING = ("refused", "reset", "timeout", "other", "unreachable")
_WORDS = {
    errno.ECONNREFUSED: "refused",
    errno.ECONNRESET: "reset",
    errno.ETIMEDOUT: "timeout",
    errno.ENETUNREACH: "unreachable",
    errno.EHOSTUNREACH: "unreachable",
    errno.ENETDOWN: "unreachable",
    errno.EHOSTDOWN: "unreachable",
}


class NoConnection(OSError):
    """No address accepted a connection; `word` is the catalogue's `check.tcp_error`."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


@dataclass(frozen=True, slots=True)
class Connection:
    """An open connection, where it leads, and how long that took in seconds."""

    channel: socket.socket
    endpoint: Endpoint
    seconds: float


def connect(endpoints: Sequence[Endpoint], deadline: Deadline) -> Connection:
    """Return a connection to the first of the endpoints that accepts one.

    Raises:
        NoConnection: none of them does.
    """
    failed = []
    for endpoint in endpoints[:MAX_TRIED]:
        began = time.monotonic()
        try:
            channel = _open(endpoint, deadline)
        except OSError as error:
            failed.append(error_word(error))
        else:
            return Connection(channel, endpoint, time.monotonic() - began)
    raise NoConnection(min(failed, key=_TELLING.index, default="unreachable"))


def error_word(error: OSError) -> str:
    """Return the catalogue's word for why a connection failed."""
    if isinstance(error, TimeoutError):
        return "timeout"
    return _WORDS.get(error.errno or 0, "other")


def _open(endpoint: Endpoint, deadline: Deadline) -> socket.socket:
    channel = socket.socket(endpoint.family, socket.SOCK_STREAM)
    try:
        channel.settimeout(deadline.left(PER_ADDRESS))
        channel.connect(endpoint.address)
    except BaseException:
        channel.close()
        raise
    return channel
