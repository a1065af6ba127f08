"""A record file that only one collector can open: HPKE (RFC 9180) to its public key.

A sealed file starts with MAGIC (its last byte is the version) and the SHA-256 of the public key; the rest is
the encapsulated key and the ciphertext of DHKEM(X25519, HKDF-SHA256), HKDF-SHA256 and ChaCha20Poly1305 in
base mode, with MAGIC as `info`. Whoever sealed it is not proven, as with an open file.

The cryptography is that of the library `cryptography`; without it nothing is sealed or opened.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import Any

from hotline_proto.errors import RecordError, SealingUnavailable

MAGIC = b"HOTLSEA\x01"
# A public key as text: what it is, then 43 characters of unpadded URL-safe base64.
_TEXT = "hlb1_"
_KEY = 32
_VERSION = 7
_HEADER = len(MAGIC) + hashlib.sha256().digest_size


def is_sealed(data: bytes) -> bool:
    """Tell whether a file is sealed, by this or a newer version."""
    return data[:_VERSION] == MAGIC[:_VERSION]


def key_text(public: bytes) -> str:
    """Return a public key (32 bytes, X25519) as text."""
    return _TEXT + base64.urlsafe_b64encode(public).decode().rstrip("=")


def parse_key(text: str) -> bytes:
    """Return the public key of a text.

    Raises:
        ValueError: it is none.
    """
    word = text.strip()
    try:
        key = base64.b64decode(word.removeprefix(_TEXT) + "=", altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("this is no key of a call centre") from error
    if not word.startswith(_TEXT) or len(key) != _KEY or key_text(key) != word:
        raise ValueError("this is no key of a call centre")
    return key


def check_sealing() -> None:
    """Make sure that files can be sealed here.

    Raises:
        SealingUnavailable: the library is not installed.
    """
    _library()


def seal(data: bytes, public: bytes) -> bytes:
    """Return a file that only the owner of a public key can open.

    Raises:
        SealingUnavailable: the library is not installed.
        ValueError: the key is none.
    """
    suite, x25519 = _library()
    key = x25519.X25519PublicKey.from_public_bytes(public)
    sealed: bytes = suite.encrypt(data, key, info=MAGIC)
    return MAGIC + hashlib.sha256(public).digest() + sealed


def unseal(data: bytes, private: bytes) -> bytes:
    """Return what was sealed for a private key (32 bytes, X25519).

    Raises:
        RecordError: it is too new, damaged, truncated, or sealed for another key.
        SealingUnavailable: the library is not installed.
    """
    suite, x25519 = _library()
    if len(data) <= _HEADER:
        raise RecordError("the encrypted record is cut off: it ends within its header")
    if data[_VERSION] != MAGIC[_VERSION]:
        raise RecordError(
            f"the encrypted record has version {data[_VERSION]}; this program reads {MAGIC[_VERSION]}. "
            "Install a newer one here, or have the file sent again"
        )
    key = x25519.X25519PrivateKey.from_private_bytes(private)
    public = key.public_key().public_bytes_raw()
    if data[len(MAGIC) : _HEADER] != hashlib.sha256(public).digest():
        raise RecordError("the record is encrypted for another call centre's key")
    from cryptography.exceptions import InvalidTag  # noqa: PLC0415

    try:
        opened: bytes = suite.decrypt(data[_HEADER:], key, info=MAGIC)
    except InvalidTag as error:
        raise RecordError("the encrypted record is damaged or cut off") from error
    return opened


def _library() -> tuple[Any, Any]:
    try:
        from cryptography.hazmat.primitives import hpke  # noqa: PLC0415 - the probe has it only with an extra
        from cryptography.hazmat.primitives.asymmetric import x25519  # noqa: PLC0415
    except ImportError as error:
        raise SealingUnavailable("the library cryptography is not installed, or too old") from error
    return hpke.Suite(hpke.KEM.X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.CHACHA20_POLY1305), x25519
