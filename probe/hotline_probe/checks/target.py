"""What a check is aimed at."""

from __future__ import annotations

import urllib.parse
from dataclasses import dataclass
from typing import Literal

from hotline_probe.checks.mail import Protocol
from hotline_probe.errors import UsageError
from hotline_probe.targets import check_host, forbidden

Kind = Literal["tcp", "tls", "http", "https", "imap", "imaps", "pop3", "pop3s", "smtp", "smtps"]
# HTTPS and MQTT over TLS (IANA: secure-mqtt).
TLS_PORTS = frozenset((443, 8883))
# RFC 8314, RFC 6409 and IANA's list: where mail servers listen.
MAIL_PORTS: dict[int, Kind] = {
    25: "smtp",
    110: "pop3",
    143: "imap",
    465: "smtps",
    587: "smtp",
    993: "imaps",
    995: "pop3s",
}
# Kind and port by scheme; RFC 2384 and RFC 5092, the others are IANA's names of the services.
SCHEMES: dict[str, tuple[Kind, int]] = {
    "http": ("http", 80),
    "https": ("https", 443),
    "imap": ("imap", 143),
    "imaps": ("imaps", 993),
    "pop": ("pop3", 110),
    "pop3": ("pop3", 110),
    "pop3s": ("pop3s", 995),
    "smtp": ("smtp", 25),
    "smtps": ("smtps", 465),
    "submission": ("smtp", 587),
    "submissions": ("smtps", 465),
}
_PROTOCOLS: dict[Kind, Protocol] = {
    "imap": "imap",
    "imaps": "imap",
    "pop3": "pop3",
    "pop3s": "pop3",
    "smtp": "smtp",
    "smtps": "smtp",
}


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
        return self.kind in {"tls", "https", "imaps", "pop3s", "smtps"}

    @property
    def web(self) -> bool:
        """Whether HTTP is part of it."""
        return self.kind in {"http", "https"}

    @property
    def protocol(self) -> Protocol | None:
        """The mail protocol that is part of it, if any."""
        return _PROTOCOLS.get(self.kind)


def parse_check(text: str) -> CheckTarget:
    """Return the target that "host:port" or a URL of a page or mail server names.

    >>> parse_check("mail.example.org:993")
    CheckTarget(text='mail.example.org:993', kind='imaps', host='mail.example.org', port=993, path='/')
    >>> parse_check("smtp://mail.example.org:587").kind, parse_check("imaps://mail.example.org").port
    ('smtp', 993)
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
        return CheckTarget(text, _kind_of(port), _ascii(host), port)
    kind, usual = SCHEMES[url.scheme]
    path = urllib.parse.quote(url.path or "/", safe="/%:@!$&'()*+,;=~-._")
    query = urllib.parse.quote(url.query, safe="/%:@!$&'()*+,;=~-._?")
    return CheckTarget(text, kind, _ascii(host), url.port or usual, f"{path}?{query}" if query else path)


def _kind_of(port: int) -> Kind:
    return MAIL_PORTS.get(port) or ("tls" if port in TLS_PORTS else "tcp")


def _ascii(host: str) -> str:
    if host.isascii():
        return host
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise UsageError(f"{host!r} is not a name") from error
