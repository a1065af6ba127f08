"""Fingerprints of host keys as ssh-keygen(1) shows them: "SHA256:" and the base64 of the key's SHA-256."""

from __future__ import annotations

import re

from hotline_probe.errors import UsageError

_FINGERPRINT = re.compile(r"SHA256:[A-Za-z0-9+/]{43}", re.ASCII)


def parse_fingerprint(text: str) -> str:
    """Return a fingerprint that a human typed or pasted.

    Raises:
        UsageError: it is none.
    """
    found = _FINGERPRINT.fullmatch(text.strip().rstrip("="))
    if found is None:
        raise UsageError("a fingerprint looks like SHA256: and 43 characters, as ssh-keygen -lf prints it")
    return found[0]
