"""Real SSH servers on loopback: OpenSSH and dropbear in a mount namespace with users of their own."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from hotline_probe.ssh.hostkeys import HostKeys
from hotline_proto.ssh_address import SshAddress

PASSWORD = "correct horse battery staple"
USER = "probed"
NEEDS = ("unshare", "openssl", "ssh-keygen", "sshd")


@dataclass(frozen=True)
class Server:
    """A running server: where it is, its key as known_hosts has it, and a key that may log in."""

    address: SshAddress
    known_hosts: Path
    key_file: Path
    locked_key_file: Path
    fingerprint: str
    process: subprocess.Popen[bytes]

    def keys(self) -> HostKeys:
        return HostKeys(files=(self.known_hosts,))


def needs(*programs: str) -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root, for a mount namespace with users of its own")
    missing = [name for name in programs if shutil.which(name) is None]
    if missing:
        pytest.skip(f"needs {', '.join(missing)}")


def start(users: Path, argv: list[str], port: int, known_as: str, host_key: str) -> Server:
    """Start a server that sees the users of a folder, and wait until it listens."""
    mounts = "".join(f"mount --bind {users / name} /etc/{name} && " for name in ("passwd", "shadow"))
    process = subprocess.Popen(
        ["unshare", "--mount", "--propagation", "private", "sh", "-c", mounts + 'exec "$@"', "sh", *argv],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    until = time.monotonic() + 20
    while not _listens(port):
        assert process.poll() is None and time.monotonic() < until, "the server does not listen"
        time.sleep(0.02)
    known = users / f"known_{port}"
    known.write_text(f"{known_as} {host_key}\n")
    shown = subprocess.run(
        ["ssh-keygen", "-lf", "-"], input=host_key.encode(), capture_output=True, check=True
    )
    fingerprint = shown.stdout.decode().split()[1]
    address = SshAddress(USER, "127.0.0.1", port)
    return Server(address, known, users / "key", users / "locked", fingerprint, process)


def _listens(port: int) -> bool:
    with socket.socket() as plain:
        return plain.connect_ex(("127.0.0.1", port)) == 0


def make_host_key(folder: Path, kind: str = "ed25519") -> Path:
    file = folder / f"host_{kind}"
    if not file.exists():
        subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-C", "", "-f", str(file)], check=True)
    return file
