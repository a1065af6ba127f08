"""Secret tokens: drawn at random, kept only as digests."""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path

from hotline_collector.errors import SecurityError

_TOKEN_BYTES = 32
_KEY_BYTES = 32


def new_token() -> str:
    """Return a fresh token of 256 bits as URL-safe text."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def token_digest(token: str) -> bytes:
    """Return the SHA-256 of a token; a random token needs no slow hash."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def load_key(path: Path, without_it: str) -> bytes:
    """Return a secret key of the server, made at the first call; its file is readable by its owner only.

    `without_it` says what happens if it is made anew.

    Raises:
        SecurityError: the file cannot be read or written, or is damaged.
    """
    try:
        try:
            key = path.read_bytes()
        except FileNotFoundError:
            return _make_key(path)
    except OSError as error:
        raise SecurityError(f"the key {path} cannot be read or made: {error.strerror or error}") from error
    if len(key) != _KEY_BYTES:
        raise SecurityError(f"the key {path} is damaged; remove it to have a new one made ({without_it})")
    return key


def write_private(path: Path, data: bytes) -> None:
    """Write a file that only its owner may read, in one step: the old or the new one is there.

    Raises:
        OSError: it cannot be written.
    """
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def _make_key(path: Path) -> bytes:
    key = secrets.token_bytes(_KEY_BYTES)
    write_private(path, key)
    return key
