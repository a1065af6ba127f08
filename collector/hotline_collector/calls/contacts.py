"""Recognises a customer who rings again: by a keyed hash of the reference, and only if it is switched on."""

from __future__ import annotations

import hashlib
import hmac

from hotline_collector.calls.settings import CallSettings

DAY_US = 86_400 * 1_000_000


def contact_of(settings: CallSettings, reference: str) -> str:
    """Return the keyed hash of a customer reference, empty if there is none or it is switched off."""
    if not settings.contact_key or not reference:
        return ""
    raw = reference.encode("utf-8", "surrogatepass")
    return hmac.new(settings.contact_key, raw, hashlib.sha256).hexdigest()
