"""Which devices the operator has listed, and the order to read one, with what it takes to log in there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hotline_collector.calls.errors import conflict

_MAX_SECRET = 4096


@dataclass(frozen=True, slots=True)
class Allowed:
    """A device that may be read and how to log in; it is known by `fingerprint`, else by `known_hosts`."""

    address: str
    fingerprint: str = ""
    known_hosts: Path | None = None
    agent: bool = False
    key_file: Path | None = None
    passphrase_file: Path | None = None
    password_file: Path | None = None
    actions: bool = False

    def order(self) -> Mapping[str, object]:
        """Return what the reading process must know of the device; the files are read now.

        Raises:
            CallError: one of them cannot be read; the message names it.
        """
        if self.key_file is not None:
            _read(self.key_file, "key_file", self.address)
        return {
            "address": self.address,
            "fingerprint": self.fingerprint,
            "known_hosts": str(self.known_hosts or ""),
            "agent": self.agent,
            "key_file": str(self.key_file or ""),
            "passphrase": _secret(self.passphrase_file, "passphrase_file", self.address),
            "password": _secret(self.password_file, "password_file", self.address),
        }


def _secret(file: Path | None, key: str, address: str) -> str | None:
    """Return the first line of a file, as ssh-askpass(1) and sshpass(1) have it."""
    if file is None:
        return None
    try:
        return _read(file, key, address).decode().partition("\n")[0].rstrip("\r")
    except UnicodeDecodeError:
        raise conflict(f"{address} cannot be read: {key} {file} is no text in UTF-8") from None


def _read(file: Path, key: str, address: str) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(_MAX_SECRET)
    except OSError as error:
        why = error.strerror or str(error)
        raise conflict(
            f"{address} cannot be read: {key} {file}: {why}; the operator puts it right under devices.allow"
        ) from error
