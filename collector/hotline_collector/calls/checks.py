"""What humans name to be checked: "mail.example.org:993", "smtp://mail.example.org:587" or a page's URL."""

from __future__ import annotations

import ipaddress
import re
import urllib.parse

from hotline_collector.calls.bounds import MAX_CHECK
from hotline_collector.calls.errors import invalid

_IN_COMPLAINT = re.compile(
    r"https?://[^\s<>\"']+"
    r"|\b(?:imaps?|pop3?|pop3s|smtps?|submissions?)://(?:[a-z0-9-]+\.)+[a-z]{2,}(?::\d{1,5}\b)?"
    r"|\b(?:[a-z0-9-]+\.)+[a-z]{2,}:\d{1,5}\b"
    r"|\blocalhost:\d{1,5}\b"
    r"|\b\d{1,3}(?:\.\d{1,3}){3}:\d{1,5}\b",
    re.IGNORECASE,
)
_HOST = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,252})")
_SCHEMES = frozenset(
    ("http", "https", "imap", "imaps", "pop", "pop3", "pop3s", "smtp", "smtps", "submission", "submissions")
)
# Services that hand out secrets of a virtual machine to whoever asks from inside it.
_METADATA = frozenset({"169.254.169.254", "169.254.170.2", "fd00:ec2::254", "metadata.google.internal"})


def parse_check(text: str) -> str:
    """Return a check as the probe takes it: host:port or the URL of a page or mail server.

    Raises:
        CallError: it is neither, or names something that must not be asked.
    """
    named = text.strip()
    example = 'such as "mail.example.org:993" or "https://intranet.example.org"'
    if len(named) > MAX_CHECK:
        raise invalid(f"a check is longer than {MAX_CHECK} characters; name the host alone, {example}")
    if not named or any(c.isspace() or not c.isprintable() for c in named):
        raise invalid(f"a check is host:port or a URL, {example}")
    url = "://" in named
    try:
        parts = urllib.parse.urlsplit(named if url else f"//{named}")
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise invalid(f"{named!r} cannot be checked: {error}; name it {example}") from error
    if parts.username or parts.password or (url and parts.scheme not in _SCHEMES):
        raise invalid(f"{named!r} cannot be checked; name it {example}, without user or password")
    if not url and (port is None or port == 0 or parts.path or parts.query):
        raise invalid(f"{named!r} names no port; name it {example}")
    if url and not parts.scheme.startswith("http") and (parts.path.strip("/") or parts.query):
        raise invalid(
            f"{named!r} names more than a mail server; leave out what follows the host and its port"
        )
    _refuse_host(host, named, example)
    return named


def check_in(complaint: str) -> str:
    """Return the first thing in a complaint that can be checked, or an empty text."""
    match = _IN_COMPLAINT.search(complaint)
    found = match.group().rstrip(".,;:!?)") if match else ""
    return found if len(found) <= MAX_CHECK else ""


def _refuse_host(host: str, named: str, example: str) -> None:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        if not _HOST.fullmatch(host):
            raise invalid(f"{named!r} names no host; name it {example}") from None
        address = None
    special = address is not None and (address.is_multicast or address.is_unspecified)
    if special or host.lower() in _METADATA:
        raise invalid(
            f"{named!r} is never checked: metadata services and group addresses are no business of a call"
        )
