"""What a check is aimed at."""

from __future__ import annotations

import urllib.parse
from dataclasses import dataclass
from typing import Literal

from hotline_probe.errors import UsageError
from hotline_probe.targets import check_host, forbidden

Kind = Literal["tcp", "tls", "http", "https"]
# HTTPS, IMAP, POP3 and SMTP over TLS (RFC 8314), MQTT over TLS (IANA: secure-mqtt).
TLS_PORTS = frozenset((443, 993, 995, 465, 8883))


@dataclass(frozen=True, slots=True)
class CheckTarget:
    """One check: `text` as the caller named it, `path` what is asked for over HTTP.

    `host` is in ASCII (RFC 3490) and without brackets; its zone, if any, stays.
    """

    text: str
    kind: Kind
    host: str
    port: int
    path: str = "/"

    @property
    def encrypted(self) -> bool:
        """Whether TLS is part of it."""
        return self.kind in {"tls", "https"}

    @property
    def web(self) -> bool:
        """Whether HTTP is part of it."""
        return self.kind in {"http", "https"}


def parse_check(text: str) -> CheckTarget:
    """Return the target that "host:port" or an http(s) URL names.

    >>> parse_check("mail.example.org:993")
    CheckTarget(text='mail.example.org:993', kind='tls', host='mail.example.org', port=993, path='/')
    >>> parse_check("http://[::1]:8080/a?b#c")
    CheckTarget(text='http://[::1]:8080/a?b#c', kind='http', host='::1', port=8080, path='/a?b')

    Raises:
        UsageError: it is neither, or names a cloud's metadata service or no single host.
    """
    host = check_host(text)
    if forbidden(host):
        raise UsageError("metadata services and group addresses are never checked")
    url = urllib.parse.urlsplit(text if "://" in text else "//" + text)
    if "://" not in text:
        port = url.port or 0
        return CheckTarget(text, "tls" if port in TLS_PORTS else "tcp", _ascii(host), port)
    path = urllib.parse.quote(url.path or "/", safe="/%:@!$&'()*+,;=~-._")
    query = urllib.parse.quote(url.query, safe="/%:@!$&'()*+,;=~-._?")
    kind: Kind = "https" if url.scheme == "https" else "http"
    port = url.port or (443 if kind == "https" else 80)
    return CheckTarget(text, kind, _ascii(host), port, f"{path}?{query}" if query else path)


def _ascii(host: str) -> str:
    if host.isascii():
        return host
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise UsageError(f"{host!r} is not a name") from error
