"""Authorities for certificates that somebody added to those of the system."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass

from hotline_probe.checks.der import parse_issuer
from hotline_probe.checks.tls import is_interceptor
from hotline_probe.errors import SourceError, SourceFailed
from hotline_probe.machine import Machine

# Where update-ca-certificates(8), update-ca-trust(8) and trust(1) of the distributions look for them.
FOLDERS = (
    "/usr/local/share/ca-certificates",
    "/etc/pki/ca-trust/source/anchors",
    "/etc/ca-certificates/trust-source/anchors",
    "/etc/pki/trust/anchors",
)
_MAX_FILES = 64
_MAX_TEXT = 256 * 1024
_ENDINGS = (".crt", ".pem", ".cer")
_PEM = re.compile(r"-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]{1,20000}?)-----END CERTIFICATE-----")
# Tools of developers, and programs that became known for an authority that everybody could misuse.
_DEBUGGING = ("charles proxy", "edellroot", "fiddler", "mitmproxy", "portswigger", "proxyman", "superfish")


@dataclass(frozen=True, slots=True)
class Authorities:
    """How many were added, and how many of them look into encrypted connections, by their names."""

    added: int
    intercepting: int
    debugging: int


def parse_issuers(text: str) -> list[str]:
    """Return the names in the certificates of a PEM file (RFC 7468); what is none is left out.

    >>> parse_issuers("-----BEGIN CERTIFICATE-----\\nAAAA\\n-----END CERTIFICATE-----\\n")
    []
    """
    found = []
    for block in _PEM.findall(text[:_MAX_TEXT]):
        try:
            found.append(parse_issuer(base64.b64decode("".join(block.split()), validate=True)))
        except (SourceFailed, binascii.Error):
            continue
    return found


def read_authorities(machine: Machine) -> Authorities:
    """Return what was added by any distribution's way."""
    names = [name for text in _files(machine) for name in parse_issuers(text)]
    debugging = sum(any(word in name.lower() for word in _DEBUGGING) for name in names)
    return Authorities(len(names), sum(map(is_interceptor, names)), debugging)


def _files(machine: Machine) -> Iterator[str]:
    for folder in FOLDERS:
        try:
            names = [name for name in machine.names(folder) if name.endswith(_ENDINGS)]
        except SourceError:
            continue
        for name in names[:_MAX_FILES]:
            try:
                yield machine.read(f"{folder}/{name}")
            except SourceError:
                continue
