"""Machines that are read over SSH, as agents and callers type them: `ssh://user@host:port`, and whose key."""

from __future__ import annotations

import re
import urllib.parse
from dataclasses import dataclass

from hotline_proto.errors import SshAddressError

PORT = 22
# Who logs in if nobody is named: most small devices with SSH know only this user.
USER = "root"
_MAX_SHOWN = 80
_USER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@+-]{0,63}", re.ASCII)
# Letters that look like others, or turn the text around them, would show a human another machine.
_HOST = re.compile(r"[A-Za-z0-9_.:-]{1,253}", re.ASCII)
_FINGERPRINT = re.compile(r"SHA256:[A-Za-z0-9+/]{43}", re.ASCII)
_FORM = "it looks like ssh://user@host, with :port behind it unless it is 22"


@dataclass(frozen=True, slots=True)
class SshAddress:
    """Who logs in where."""

    user: str
    host: str
    port: int = PORT

    def __str__(self) -> str:
        """Return the address in the one spelling by which it is known again."""
        # A user such as "admin@192.168.1.1" must not look like the machine.
        user = urllib.parse.quote(self.user, safe="+")
        return f"ssh://{user}@{self._place}" + ("" if self.port == PORT else f":{self.port}")

    @property
    def host_port(self) -> str:
        """Host and port, as a check names them."""
        return f"{self._place}:{self.port}"

    @property
    def known_as(self) -> str:
        """The machine's name in a known_hosts file (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT)."""
        return self.host if self.port == PORT else f"[{self.host}]:{self.port}"

    @property
    def _place(self) -> str:
        return f"[{self.host}]" if ":" in self.host else self.host


def parse_ssh_address(text: str) -> SshAddress:
    """Return the address that a human typed, for root if it names nobody; others say if it may be reached.

    Raises:
        SshAddressError: it is none.

    >>> parse_ssh_address("ssh://admin@192.168.1.1")
    SshAddress(user='admin', host='192.168.1.1', port=22)
    >>> str(parse_ssh_address("ssh://[FD00::1]:2222"))
    'ssh://root@[fd00::1]:2222'
    >>> str(parse_ssh_address("ssh://admin@192.168.1.1@example.org"))
    'ssh://admin%40192.168.1.1@example.org'
    """
    shown = text[:_MAX_SHOWN]
    try:
        url = urllib.parse.urlsplit(text)
        host, port, secret = url.hostname or "", url.port, url.password
    except ValueError as error:
        raise SshAddressError(f"{shown!r} is no address of a device ({error}); {_FORM}") from error
    if secret is not None:
        raise SshAddressError("a password has no place in an address; it is asked for where it is needed")
    if url.scheme != "ssh" or url.path not in ("", "/") or url.query or url.fragment:
        raise SshAddressError(f"{shown!r} is no address of a device; {_FORM}")
    user = urllib.parse.unquote(url.username or USER)
    if not _USER.fullmatch(user) or not _HOST.fullmatch(host) or port == 0:
        raise SshAddressError(
            f"{shown!r} does not say who logs in where: a device has a plain name or address; {_FORM}"
        )
    return SshAddress(user, host, PORT if port is None else port)


def parse_ssh_fingerprint(text: str) -> str:
    """Return the fingerprint of a host key that a human typed or pasted, as ssh-keygen(1) shows it.

    Raises:
        SshAddressError: it is none.
    """
    found = _FINGERPRINT.fullmatch(text.strip().rstrip("="))
    if found is None:
        raise SshAddressError("a fingerprint is SHA256: and 43 characters, as ssh-keygen -lf prints it")
    return found[0]
