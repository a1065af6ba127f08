"""Addresses of machines that are read over SSH: `ssh://user@host:port`."""

from __future__ import annotations

import re
import urllib.parse
from dataclasses import dataclass

from hotline_probe.errors import UsageError
from hotline_probe.targets import MAX_TARGET, check_host

PORT = 22
_USER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@+-]{0,63}", re.ASCII)
_FORM = "ssh://user@host, with :port behind it unless it is 22"


@dataclass(frozen=True, slots=True)
class SshAddress:
    """Who logs in where."""

    user: str
    host: str
    port: int = PORT

    def __str__(self) -> str:
        """Return the address as it is typed."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"ssh://{self.user}@{host}" + ("" if self.port == PORT else f":{self.port}")

    @property
    def known_as(self) -> str:
        """The machine's name in a known_hosts file (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT)."""
        return self.host if self.port == PORT else f"[{self.host}]:{self.port}"


def parse_address(text: str) -> SshAddress:
    """Return the address that a human typed.

    Raises:
        UsageError: it is none; the message says what one looks like.

    >>> parse_address("ssh://admin@192.168.1.1")
    SshAddress(user='admin', host='192.168.1.1', port=22)
    >>> str(parse_address("ssh://root@[fd00::1]:2222"))
    'ssh://root@[fd00::1]:2222'
    """
    shown = text[:MAX_TARGET]
    try:
        url = urllib.parse.urlsplit(text)
        host, port = url.hostname or "", url.port
    except ValueError as error:
        raise UsageError(f"{shown!r} is no address of a machine ({error}); it looks like {_FORM}") from error
    if url.scheme != "ssh" or url.path not in ("", "/") or url.query or url.fragment or not host:
        raise UsageError(f"{shown!r} is no address of a machine; it looks like {_FORM}")
    if url.password is not None:
        raise UsageError("a password has no place in an address; it is asked for when it is needed")
    user = urllib.parse.unquote(url.username or "")
    if not _USER.fullmatch(user):
        raise UsageError(f"{shown!r} does not say who logs in; it looks like {_FORM}")
    port = PORT if port is None else port
    try:
        check_host(f"[{host}]:{port}" if ":" in host else f"{host}:{port}")
    except UsageError as error:
        raise UsageError(f"{shown!r}: {error}") from error
    return SshAddress(user, host, port)
