"""Join codes and join links: what the agent reads out and the caller types.

A code has twelve digits in four groups of three: eleven drawn at random and one that checks them
(ISO 7064 MOD 11,10), so that every single wrong digit and nearly every swap of neighbours is caught
before it costs an attempt. Eleven digits let the collector try 25 codes a second in all and still keep
the chance of hitting one of 500 live codes within ten minutes below 1e-4.
"""

from __future__ import annotations

import secrets
import urllib.parse
from dataclasses import dataclass, field

from hotline_proto.errors import JoinCodeError

RANDOM_DIGITS = 11
LENGTH = RANDOM_DIGITS + 1
DEFAULT_PORT = 7443
MAX_WEB = 200
_SCHEME = "hotline"
_SEPARATORS = str.maketrans("", "", " -.\u00a0")


@dataclass(frozen=True, slots=True)
class JoinTarget:
    """Where to join and with which code.

    `ca_fingerprint` is the SHA-256 of the collector's CA certificate (DER) in hex, empty for public CAs.
    `addresses` are numeric addresses to use when the name cannot be resolved. `web` is the https address of
    the collector's pages for callers, empty if there is none.
    """

    code: str
    host: str = ""
    port: int = DEFAULT_PORT
    ca_fingerprint: str = ""
    addresses: tuple[str, ...] = field(default=())
    web: str = ""

    def link(self) -> str:
        """Return the join link that carries everything."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        query = [("ca", self.ca_fingerprint)] if self.ca_fingerprint else []
        query += [("ip", address) for address in self.addresses]
        query += [("web", self.web)] if is_secure_page(self.web) else []
        return f"{_SCHEME}://{host}:{self.port}/{self.code}" + (
            "?" + urllib.parse.urlencode(query) if query else ""
        )


def new_code() -> str:
    """Return a fresh random code."""
    body = f"{secrets.randbelow(10**RANDOM_DIGITS):0{RANDOM_DIGITS}d}"
    return body + _check_digit(body)


def spoken(code: str) -> str:
    """Return the code in groups of three, as it is read out."""
    return " ".join(code[i : i + 3] for i in range(0, len(code), 3))


def normalise_code(text: str) -> str:
    """Return the digits of a typed code; spaces, dots and dashes are ignored.

    Raises:
        JoinCodeError: it has not twelve digits, or the check digit says that one is mistyped.
    """
    digits = text.translate(_SEPARATORS)
    if len(digits) != LENGTH or not (digits.isascii() and digits.isdigit()):
        raise JoinCodeError(f"a code has {LENGTH} digits; please ask for it again")
    if _check_digit(digits[:-1]) != digits[-1]:
        raise JoinCodeError("one digit of the code is mistyped; please compare it once more")
    return digits


def parse_target(text: str) -> JoinTarget:
    """Return where to join from a link, `CODE@host[:port]` or a bare code.

    Raises:
        JoinCodeError: the text is none of these.
    """
    text = text.strip()
    if text.lower().startswith(_SCHEME + "://"):
        return _parse_link(text)
    code, at, place = text.partition("@")
    if not at:
        return JoinTarget(normalise_code(code))
    host, port = _split_host(place)
    return JoinTarget(normalise_code(code), host, port)


def _parse_link(text: str) -> JoinTarget:
    try:
        parts = urllib.parse.urlsplit(text)
        port = parts.port or DEFAULT_PORT
    except ValueError as error:
        raise JoinCodeError(f"the link is damaged: {error}") from error
    query = urllib.parse.parse_qs(parts.query)
    fingerprint = query.get("ca", [""])[0].lower()
    if fingerprint and (len(fingerprint) != 64 or set(fingerprint) - set("0123456789abcdef")):
        raise JoinCodeError("the link is damaged: its fingerprint is not 64 hex digits")
    if not parts.hostname:
        raise JoinCodeError("the link names no host")
    web = query.get("web", [""])[0]
    if web and not is_secure_page(web):
        raise JoinCodeError("the link is damaged: its web address is none")
    code = normalise_code(parts.path.strip("/"))
    return JoinTarget(code, parts.hostname, port, fingerprint, tuple(query.get("ip", ())), web)


def is_secure_page(url: str) -> bool:
    """Tell whether a text is a plain https address, without user, query or fragment."""
    try:
        parts = urllib.parse.urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    plain = len(url) <= MAX_WEB and url.isascii() and url.isprintable() and not set(url) & set(' ?#@\\"<>')
    return plain and parts.scheme == "https" and bool(parts.hostname) and port != 0


def _split_host(place: str) -> tuple[str, int]:
    try:
        parts = urllib.parse.urlsplit("//" + place.strip())
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise JoinCodeError(f"{place!r} is not host or host:port") from error
    if not host or parts.path or parts.query or parts.username:
        raise JoinCodeError(f"{place!r} is not host or host:port")
    return host, port or DEFAULT_PORT


def _check_digit(digits: str) -> str:
    # ISO 7064, MOD 11,10.
    product = 10
    for digit in digits:
        total = (int(digit) + product) % 10 or 10
        product = total * 2 % 11
    return str((11 - product) % 10)
