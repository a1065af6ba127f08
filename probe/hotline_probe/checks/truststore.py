"""The certificates that this computer trusts, wherever its Python expects them."""

from __future__ import annotations

import re
import ssl
from collections.abc import Sequence
from pathlib import Path

# Debian, Red Hat, SUSE, Alpine and macOS: interpreters that were built elsewhere look in another place.
BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)
# Names that OpenSSL finds in a folder of authorities (c_rehash(1)).
_HASHED = re.compile(r"[0-9a-f]{8}\.\d+")


def system_trust(bundles: Sequence[str] = BUNDLES) -> ssl.SSLContext | None:
    """Return a client's context that trusts what this computer trusts, None if no authority is found.

    Without any authority every certificate would seem to come from a stranger.
    """
    try:
        context = ssl.create_default_context()
        if context.cert_store_stats()["x509_ca"] or _has_authorities(ssl.get_default_verify_paths().capath):
            return context
    except (OSError, ValueError):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return context if any(_load(context, bundle) for bundle in bundles) else None


def _has_authorities(folder: str | None) -> bool:
    """Tell whether OpenSSL would find something in a folder, which it reads only when it needs to."""
    try:
        return folder is not None and any(_HASHED.fullmatch(file.name) for file in Path(folder).iterdir())
    except OSError:
        return False


def _load(context: ssl.SSLContext, bundle: str) -> bool:
    try:
        context.load_verify_locations(cafile=bundle)
    except OSError:
        return False
    return context.cert_store_stats()["x509_ca"] > 0
