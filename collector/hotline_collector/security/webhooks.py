"""Signs messages to other systems as Standard Webhooks describes it (https://www.standardwebhooks.com).

The secret is `whsec_` and 24 to 64 random bytes in base64. What is signed is `ID.TIMESTAMP.BODY`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from pathlib import Path

_PREFIX = "whsec_"
_MIN_BYTES, _MAX_BYTES = 24, 64


def read_secret(file: Path) -> bytes:
    """Return the key in a file.

    Raises:
        ValueError: the file cannot be read or holds no such secret; the message says what to do.
    """
    try:
        text = file.read_text("ascii").strip()
    except OSError as error:
        raise ValueError(f"{file}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ValueError(f"{file} is no secret: {_how()}") from error
    try:
        key = base64.b64decode(text.removeprefix(_PREFIX), validate=True)
    except binascii.Error:
        key = b""
    if not text.startswith(_PREFIX) or not _MIN_BYTES <= len(key) <= _MAX_BYTES:
        raise ValueError(f"{file} is no secret: {_how()}")
    return key


def signed_headers(key: bytes, message_id: str, timestamp: int, body: bytes) -> Mapping[str, str]:
    """Return the three headers of a message; `timestamp` is in seconds since the epoch."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    signature = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{signature}",
    }


def _how() -> str:
    return f"it is {_PREFIX} and {_MIN_BYTES} to {_MAX_BYTES} random bytes in base64, in one line"
