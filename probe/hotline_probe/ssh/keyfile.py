"""Files with a private key: read, recognised, and opened with a passphrase."""

from __future__ import annotations

import base64
import binascii
from enum import Enum
from pathlib import Path
from typing import Any

import paramiko

from hotline_probe.ssh.errors import SshError, SshTrouble

_OPENSSH = b"openssh-key-v1\0"
_MAX_SIZE = 64 * 1024
# What the other half of a key starts with, as ssh-keygen(1) writes it.
_PUBLIC = (b"ssh-", b"ecdsa-sha2-", b"sk-", b"---- BEGIN SSH2 PUBLIC KEY", b"-----BEGIN PUBLIC KEY")


class KeyFault(Enum):
    """Why a file opens no door."""

    UNREADABLE = "unreadable"
    PUBLIC = "public"
    UNKNOWN = "unknown"
    LOCKED = "locked"


_SAID = {
    KeyFault.PUBLIC: "it is the public half of a key",
    KeyFault.UNKNOWN: "it is damaged or of an unknown kind",
    KeyFault.LOCKED: "no or another passphrase opens it",
}


class KeyFileError(SshError):
    """A key file cannot be used; `fault` says why, `detail` what the system says of a file it cannot read."""

    def __init__(self, file: Path, fault: KeyFault, detail: str = "") -> None:
        trouble = SshTrouble.KEY_LOCKED if fault is KeyFault.LOCKED else SshTrouble.KEY_UNREADABLE
        super().__init__(trouble, f"the key {file.name} cannot be used: {detail or _SAID[fault]}")
        self.fault = fault
        self.detail = detail


def load_key(file: Path, passphrase: str | None) -> paramiko.PKey:
    """Return the key in a file; a passphrase that it does not need is not used.

    Raises:
        KeyFileError: it cannot be read, is none, or needs another passphrase.
    """
    try:
        with file.open("rb") as opened:
            text = opened.read(_MAX_SIZE + 1)
    except OSError as error:
        raise KeyFileError(file, KeyFault.UNREADABLE, error.strerror or str(error)) from error
    if text.lstrip().startswith(_PUBLIC):
        raise KeyFileError(file, KeyFault.PUBLIC)
    if len(text) > _MAX_SIZE:
        raise KeyFileError(file, KeyFault.UNKNOWN)
    locked = _is_locked(text)
    if locked and not passphrase:
        raise KeyFileError(file, KeyFault.LOCKED)
    try:
        # Its annotation says text; it hands the passphrase to cryptography, which takes bytes.
        secret: Any = passphrase.encode() if locked and passphrase else None
        return paramiko.PKey.from_path(file, secret)
    except Exception as error:
        # cryptography tells a wrong passphrase, a damaged file and an unknown type by many errors.
        raise KeyFileError(file, KeyFault.LOCKED if locked else KeyFault.UNKNOWN) from error


def _is_locked(text: bytes) -> bool:
    """Tell whether a key needs a passphrase: PEM says so (RFC 1421), OpenSSH by a cipher (PROTOCOL.key)."""
    if b"ENCRYPTED" in text:
        return True
    body = b"".join(line for line in text.splitlines() if not line.startswith(b"-----"))
    try:
        key = base64.b64decode(body)
    except binascii.Error:
        return False
    return key.startswith(_OPENSSH) and not key.startswith(_OPENSSH + b"\0\0\0\4none")
