"""Encrypts what is kept of a call with the call's own key (AES-256-GCM, NIST SP 800-38D).

Sealed bytes are a mark, a random nonce of 12 bytes, and the cipher text with its tag; sealed texts are the
same in base 64. A random nonce is safe for 2^32 uses of a key (ibid., 8.3); no call has that many. What has
no mark was written before anything was sealed and is taken as it is.
"""

from __future__ import annotations

import base64
import binascii
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hotline_collector.errors import StoreError

KEY_BYTES = 32
# No entry of the record format is of this kind, and nobody can type the control character of the text mark.
MARK = b"\xf5s1"
TEXT_MARK = "\x1es1:"
_NONCE_BYTES = 12


class Seal:
    """The cipher of one key; `place` says what is sealed, so that nothing can be moved elsewhere."""

    __slots__ = ("_cipher",)

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def close(self, plain: bytes, place: bytes) -> bytes:
        """Return sealed bytes."""
        nonce = os.urandom(_NONCE_BYTES)
        return MARK + nonce + self._cipher.encrypt(nonce, plain, place)

    def open(self, sealed: bytes, place: bytes) -> bytes:
        """Return what was sealed.

        Raises:
            StoreError: it was changed, moved, or sealed with another key.
        """
        start = len(MARK) + _NONCE_BYTES
        try:
            return self._cipher.decrypt(sealed[len(MARK) : start], sealed[start:], place)
        except (InvalidTag, ValueError) as error:
            raise StoreError(f"what is kept at {place.decode()} is damaged or of another key") from error

    def close_text(self, plain: bytes, place: bytes) -> str:
        """Return sealed bytes as text."""
        return TEXT_MARK + base64.b64encode(self.close(plain, place)).decode()

    def open_text(self, sealed: str, place: bytes) -> bytes:
        """Return what was sealed as text.

        Raises:
            StoreError: it was changed, moved, or sealed with another key.
        """
        try:
            raw = base64.b64decode(sealed.removeprefix(TEXT_MARK), validate=True)
        except (binascii.Error, ValueError) as error:
            raise StoreError(f"what is kept at {place.decode()} is damaged") from error
        return self.open(raw, place)


def is_sealed(value: object) -> bool:
    """Tell whether a column's value is sealed."""
    if isinstance(value, bytes):
        return value.startswith(MARK)
    return isinstance(value, str) and value.startswith(TEXT_MARK)
