"""The session of a caller's phone: a signed token that names its call, so that a restart ends no call."""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
import uuid
from collections.abc import Callable

from hotline_collector.security.accounts import wall_us

LIFETIME_S = 12 * 3600
_NONCE, _CALL, _TIME, _MAC = 16, 16, 8, 32
_LENGTH = _NONCE + _CALL + _TIME + _MAC


class Phones:
    """Makes and reads tokens; 128 random bits tell the phones of one call apart."""

    def __init__(self, key: bytes, now: Callable[[], int] = wall_us) -> None:
        self._key = key
        self._now = now

    def begin(self, call_id: str) -> str:
        """Return the token of a phone that has joined a call."""
        ends = self._now() + LIFETIME_S * 1_000_000
        body = secrets.token_bytes(_NONCE) + uuid.UUID(call_id).bytes + ends.to_bytes(_TIME, "big")
        return base64.urlsafe_b64encode(body + self._mac(body)).decode()

    def call_of(self, token: str) -> str | None:
        """Return the call of a token, None if it is not ours or has ended."""
        try:
            raw = base64.b64decode(token.encode("ascii"), b"-_", validate=True)
        except (ValueError, binascii.Error):
            return None
        body, mac = raw[:-_MAC], raw[-_MAC:]
        if len(raw) != _LENGTH or not hmac.compare_digest(mac, self._mac(body)):
            return None
        if int.from_bytes(body[-_TIME:], "big") <= self._now():
            return None
        return str(uuid.UUID(bytes=body[_NONCE : _NONCE + _CALL]))

    def _mac(self, body: bytes) -> bytes:
        return hmac.digest(self._key, b"phone " + body, "sha256")
