"""Whether a machine is the one that it says it is: known_hosts and pinned fingerprints, never on trust."""

from __future__ import annotations

import base64
import binascii
import hashlib
import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import paramiko
from hotline_proto.ssh_address import SshAddress
from paramiko.hostkeys import HostKeyEntry

from hotline_probe.ssh.errors import HostKeyChanged, HostKeyUnknown

# One kind of key that is asked for by the ways in which it signs (RFC 8332, section 3).
_ASKED_AS = {"ssh-rsa": ("rsa-sha2-512", "rsa-sha2-256")}
_MAX_FILE = 4 * 1024 * 1024
_log = logging.getLogger(__name__)


def fingerprint_of(key: paramiko.PKey) -> str:
    """Return a key's fingerprint as ssh-keygen shows it."""
    digest = hashlib.sha256(key.asbytes()).digest()
    return "SHA256:" + base64.b64encode(digest).decode().rstrip("=")


@dataclass(slots=True)
class HostKeys:
    """Keys that are known; `pinned` are fingerprints that a human has confirmed, of any key type.

    `named` is the fingerprint that somebody else expects: it stands where nothing else is known, and stops
    what it does not fit, but never speaks for a key that does not fit what is known here.
    `first` is the type of key that a machine is asked for before any other.
    """

    files: tuple[Path, ...] = ()
    pinned: set[str] = field(default_factory=set)
    named: str = ""
    first: str = ""

    def check(self, address: SshAddress, key: paramiko.PKey) -> None:
        """Return if the key is the machine's.

        Raises:
            HostKeyUnknown: nobody knows this machine.
            HostKeyChanged: the machine is known by another key.
        """
        shown = fingerprint_of(key)
        known = {fingerprint_of(each) for each in self._known(address)}
        here = shown in self.pinned or shown in known
        if here and self.named in ("", shown):
            return
        if self.named == shown and not self.pinned and not known:
            return
        if self.pinned or known or self.named:
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
        """Return the types of keys that a machine is asked for first: those that are known of it."""
        wanted = (self.first, *(key.get_name() for key in self._known(address)))
        return tuple(dict.fromkeys(name for kind in wanted for name in _ASKED_AS.get(kind, (kind,))))

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
