"""The key of this call's pseudonyms: secret to this machine, the same each time it joins the call."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from hotline_probe.errors import SourceError
from hotline_probe.machine import Machine

# machine-id(5): 128 random bits of this installation that must not leave it, but may key a hash.
_MACHINE_IDS = ("/etc/machine-id", "/var/lib/dbus/machine-id")
_SHORTEST = 32


def pseudonym_key(machine: Machine, salt: bytes) -> bytes:
    """Return 32 bytes from the machine's own id and the call's salt.

    A probe that joins a call again, after a reboot or a crash, gives everything the same pseudonyms, so that
    findings carry on; another call knows the same machine by others. Without a call or a machine id the key
    is random.
    """
    secret = _machine_id(machine)
    if not secret or not salt:
        return secrets.token_bytes(32)
    return hmac.digest(secret, b"hotline pseudonyms " + salt, hashlib.sha256)


def _machine_id(machine: Machine) -> bytes:
    for path in _MACHINE_IDS:
        try:
            text = machine.read(path).strip()
        except SourceError:
            continue
        if len(text) >= _SHORTEST:
            return text.encode()
    return b""
