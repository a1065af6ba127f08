"""How a customer who rings again is recognised, if the operator wants it."""

from __future__ import annotations

import hashlib
import hmac

from hotline_collector.calls.runtime import CallRuntime


def contact_of(call: CallRuntime) -> str:
    """Return the keyed hash of the customer reference, empty if there is none or it is switched off."""
    key, reference = call.around.settings.contact_key, call.row.customer_reference
    if not key or not reference:
        return ""
    return hmac.new(key, reference.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
