"""Whether a machine is the one that it says it is: known_hosts and pinned fingerprints, never on trust.

Fingerprints are those of ssh-keygen(1): "SHA256:" and the base64 of the key's SHA-256 without padding.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import paramiko
from hotline_proto.ssh_address import SshAddress
from paramiko.hostkeys import HostKeyEntry

from hotline_probe.errors import UsageError
from hotline_probe.ssh.errors import HostKeyChanged, HostKeyUnknown

_FINGERPRINT = re.compile(r"SHA256:[A-Za-z0-9+/]{43}", re.ASCII)
_MAX_FILE = 4 * 1024 * 1024
_log = logging.getLogger(__name__)


def fingerprint_of(key: paramiko.PKey) -> str:
    """Return a key's fingerprint as ssh-keygen shows it."""
    digest = hashlib.sha256(key.asbytes()).digest()
    return "SHA256:" + base64.b64encode(digest).decode().rstrip("=")


def parse_fingerprint(text: str) -> str:
    """Return a fingerprint that a human typed or pasted.

    Raises:
        UsageError: it is none.
    """
    found = _FINGERPRINT.fullmatch(text.strip().rstrip("="))
    if found is None:
        raise UsageError("a fingerprint looks like SHA256: and 43 characters, as ssh-keygen -lf prints it")
    return found[0]


@dataclass(slots=True)
class HostKeys:
    """Keys that are known; `pinned` are fingerprints that a human has confirmed, of any key type."""

    files: tuple[Path, ...] = ()
    pinned: set[str] = field(default_factory=set)

    def check(self, address: SshAddress, key: paramiko.PKey) -> None:
        """Return if the key is the machine's.

        Raises:
            HostKeyUnknown: nobody knows this machine.
            HostKeyChanged: the machine is known by another key.
        """
        shown = fingerprint_of(key)
        if shown in self.pinned:
            return
        known = self._known(address)
        if any(fingerprint_of(each) == shown for each in known):
            return
        if self.pinned or known:
            raise HostKeyChanged(
                f"{address.host} shows the key {shown}, but is known by another; nothing was sent. It was "
                "set up anew, or something stands in between: compare the key on the machine itself",
                shown,
            )
        raise HostKeyUnknown(
            f"{address.host} is not known; its {key.get_name()} key is {shown}: compare it on the machine "
            "itself or on its label",
            shown,
        )

    def types(self, address: SshAddress) -> tuple[str, ...]:
        """Return the types of the keys that are known of a machine, so that it is asked for one of them."""
        return tuple(dict.fromkeys(key.get_name() for key in self._known(address)))

    def _known(self, address: SshAddress) -> list[paramiko.PKey]:
        return [key for file in self.files for key in _read(file, address.known_as)]


def _read(file: Path, name: str) -> Iterable[paramiko.PKey]:
    try:
        with file.open("rb") as opened:
            text = opened.read(_MAX_FILE).decode("utf-8", "replace")
    except OSError:
        return
    for line in text.splitlines():
        # Marked lines (@revoked, @cert-authority) name no key of a machine.
        if line.lstrip().startswith(("#", "@")):
            continue
        try:
            entry = HostKeyEntry.from_line(line)
        except (paramiko.SSHException, ValueError, binascii.Error) as error:
            _log.debug("a line of %s is not understood: %s", file, error)
            continue
        if entry is None or entry.key is None:
            continue
        table = paramiko.HostKeys()
        for host in entry.hostnames or ():
            table.add(host, entry.key.get_name(), entry.key)
        if table.lookup(name):
            yield entry.key
