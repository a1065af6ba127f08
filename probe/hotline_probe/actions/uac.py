"""The rights of an administrator on Windows: its own dialog (User Account Control) starts this program anew.

A program that was started that way has no pipes to the one that asked, so the two meet at a port of this very
computer. Each proves that it knows a word of 32 bytes that only the command line of the child carries; what
travels is the same as through the pipes elsewhere.
"""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import hmac
import os
import secrets
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from typing import TextIO

from hotline_probe.actions.dialog import ask_system, lines_of
from hotline_probe.errors import ActionError, UsageError

# For the child's start, once it may.
START_PATIENCE = 30.0
# Whatever an action does ends before that.
_PATIENCE = 180.0
_LOOPBACK = "127.0.0.1"
# What PowerShell takes for a single quote: the straight one and the typographic ones (about_Quoting_Rules).
_QUOTES = "'\u2018\u2019\u201a\u201b"
# Actions that Windows lets nobody else do; the others are tried without first.
NEEDS_ADMINISTRATOR = frozenset(
    {
        "dhcp.renew",
        "dns.use_gateway",
        "dns.use_operator",
        "hosts.disable_overrides",
        "interface.enable",
        "interface.restart",
        "network.prefer_ipv4",
        "service.restart",
        "time.sync",
    }
)


def can_ask() -> bool:
    """Tell whether this is Windows and the process has not the rights already."""
    if os.name != "nt":
        return False
    try:
        return not getattr(ctypes, "windll").shell32.IsUserAnAdmin()  # noqa: B009 - mypy knows it on Windows only
    except (AttributeError, OSError):
        return False


def literal(text: str) -> str:
    """Return a text as PowerShell takes it word by word, whatever is in it.

    >>> literal("it's $env:PATH")
    "'it''s $env:PATH'"
    """
    return "'" + "".join(letter * 2 if letter in _QUOTES else letter for letter in text) + "'"


def asking(command: Sequence[str]) -> tuple[str, ...]:
    """Return the words that have Windows ask and then start a command hidden; 1 is the end if it refuses."""
    arguments = literal(subprocess.list2cmdline(command[1:]))
    script = (
        f"try{{Start-Process -FilePath {literal(command[0])} -ArgumentList {arguments}"
        " -Verb RunAs -WindowStyle Hidden -ErrorAction Stop}catch{exit 1}"
    )
    return ("powershell", "-NoLogo", "-NoProfile", "-NonInteractive", "-Command", script)


class Meeting:
    """The place where the child is awaited; to be closed."""

    def __init__(self) -> None:
        self._server = socket.create_server((_LOOPBACK, 0))
        self._word = secrets.token_hex(32)

    @property
    def words(self) -> tuple[str, str]:
        """What the child's command line must end with."""
        return str(self._server.getsockname()[1]), self._word

    def close(self) -> None:
        """Await nobody any more."""
        self._server.close()

    def start(self, command: Sequence[str]) -> socket.socket:
        """Have Windows ask, start the child and return the connection to it.

        Raises:
            ActionError: "permission" if that was refused, "error" if the child did not come.
        """
        ask_system(asking(command))
        return self._accept()

    def _accept(self) -> socket.socket:
        """Return the first connection that knows the word."""
        end = time.monotonic() + START_PATIENCE
        while (left := end - time.monotonic()) > 0:
            self._server.settimeout(left)
            try:
                channel, _ = self._server.accept()
            except OSError:
                break
            channel.settimeout(min(left, 5.0))
            if _prove(channel, self._word, "parent", "child"):
                channel.settimeout(_PATIENCE)
                return channel
            channel.close()
        raise ActionError("error", "the program with the rights of an administrator did not start")


@contextlib.contextmanager
def connected(port: str, word: str) -> Iterator[tuple[TextIO, TextIO]]:
    """Open the way to the parent: what it asks, and where to answer.

    Raises:
        UsageError: there is no parent that knows the word.
    """
    if not (port.isascii() and port.isdigit() and 0 < int(port[:6]) < 65536 and len(word) == 64):
        raise UsageError("these are no words of a program that asked for rights")
    try:
        channel = socket.create_connection((_LOOPBACK, int(port)), START_PATIENCE)
    except OSError as error:
        raise UsageError("the program that asked for rights is gone") from error
    with channel:
        if not _prove(channel, word, "child", "parent"):
            raise UsageError("who asked for rights cannot prove it")
        channel.settimeout(None)
        with lines_of(channel) as lines:
            yield lines


def _prove(channel: socket.socket, word: str, own: str, other: str) -> bool:
    """Tell whether the other end knows the word, having shown that this one does."""
    mine = secrets.token_bytes(32)
    try:
        channel.sendall(mine)
        theirs = _exactly(channel, 32)
        channel.sendall(_proof(word, own, theirs))
        return hmac.compare_digest(_exactly(channel, 32), _proof(word, other, mine))
    except OSError:
        return False


def _proof(word: str, side: str, challenge: bytes) -> bytes:
    return hmac.digest(word.encode(), side.encode() + challenge, hashlib.sha256)


def _exactly(channel: socket.socket, count: int) -> bytes:
    received = b""
    while len(received) < count:
        part = channel.recv(count - len(received))
        if not part:
            raise ConnectionResetError
        received += part
    return received
