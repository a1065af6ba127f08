"""Trust in the collector's certificate authority: fetched, shown, compared, never taken silently."""

from __future__ import annotations

import hashlib
import re
import ssl
import urllib.error
import urllib.request
from pathlib import Path

from hotline_collector.console.errors import CannotReach, UsageFault

# Where the collector serves its pages over plain HTTP; `login --web-port` names another one.
DEFAULT_WEB_PORT = 7444
_TIMEOUT = 6.0
_MAX_PEM = 64 * 1024
_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----")


def fetch_ca(host: str, web_port: int) -> str:
    """Return the PEM text of the CA that the collector offers; it proves nothing by itself.

    Raises:
        CannotReach: there is no answer, or it is no certificate.
    """
    place = f"[{host}]" if ":" in host else host
    url = f"http://{place}:{web_port}/ca.pem"
    try:
        with urllib.request.urlopen(url, timeout=_TIMEOUT) as answer:
            raw = answer.read(_MAX_PEM)
    except (OSError, ValueError, urllib.error.URLError) as error:
        reason = getattr(error, "reason", error)
        raise CannotReach(
            f"cannot fetch the collector's certificate from {url}: {reason}; "
            "check host and --web-port, or name the file with --ca"
        ) from error
    try:
        return first_certificate(raw.decode("ascii", "replace"))
    except UsageFault as error:
        raise CannotReach(f"{url} delivers no certificate; check --web-port") from error


def read_ca(path: Path) -> str:
    """Return the PEM text of the CA in a file.

    Raises:
        UsageFault: the file cannot be read or holds no certificate.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(_MAX_PEM)
    except OSError as error:
        raise UsageFault(f"cannot read {path}: {error.strerror}") from error
    try:
        return first_certificate(raw.decode("ascii", "replace"))
    except UsageFault as error:
        raise UsageFault(f"{path}: {error}") from error


def first_certificate(text: str) -> str:
    """Return the first certificate of a PEM text; only that one is what a fingerprint speaks of.

    Raises:
        UsageFault: there is none.
    """
    found = _CERTIFICATE.search(text)
    if found is None:
        raise UsageFault("no certificate in PEM form (RFC 7468)")
    try:
        ssl.PEM_cert_to_DER_cert(found.group())
    except ValueError as error:
        raise UsageFault(f"the certificate is damaged: {error}") from error
    return found.group() + "\n"


def fingerprint(pem: str) -> str:
    """Return the SHA-256 of a certificate's DER form in hex, as join links carry it."""
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest()


def normalise_fingerprint(text: str) -> str:
    """Return a typed fingerprint as 64 small hex digits; colons and spaces are ignored.

    Raises:
        UsageFault: it is none.
    """
    digits = re.sub(r"[\s:]", "", text).lower().removeprefix("sha256")
    if not re.fullmatch(r"[0-9a-f]{64}", digits):
        raise UsageFault("a fingerprint has 64 hex digits (SHA-256); colons and spaces do not matter")
    return digits


def grouped(digits: str) -> str:
    """Return a fingerprint in two lines of eight groups, as people can compare it."""
    groups = [digits[i : i + 4] for i in range(0, len(digits), 4)]
    return " ".join(groups[:8]) + "\n" + " ".join(groups[8:])
