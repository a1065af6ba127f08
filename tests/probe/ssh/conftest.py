"""Fixtures: OpenSSH on a free port, and users of its own."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from tests.probe.ssh.servers import NEEDS, PASSWORD, USER, Server, make_host_key, needs, start


@pytest.fixture
def free_port() -> int:
    with socket.socket() as plain:
        plain.bind(("127.0.0.1", 0))
        return int(plain.getsockname()[1])


@pytest.fixture(scope="session")
def users() -> Iterator[Path]:
    """Return a folder with passwd and shadow, and the keys of one user; root has the same password."""
    needs(*NEEDS)
    # pytest's own folders are closed to the user who logs in.
    with tempfile.TemporaryDirectory(prefix="hotline-users-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        _fill(folder)
        yield folder


def _fill(folder: Path) -> None:
    home = folder / "home"
    (home / ".ssh").mkdir(parents=True, mode=0o700)
    for name, secret in (("key", ""), ("locked", "open sesame")):
        argv = ["ssh-keygen", "-q", "-t", "ed25519", "-N", secret, "-C", "", "-f", str(folder / name)]
        subprocess.run(argv, check=True)
    public = (folder / "key.pub").read_text() + (folder / "locked.pub").read_text()
    (home / ".ssh" / "authorized_keys").write_text(public)
    hashed = (
        subprocess.run(
            ["openssl", "passwd", "-6", "-stdin"],
            input=PASSWORD.encode(),
            capture_output=True,
            check=True,
        )
        .stdout.decode()
        .strip()
    )
    (folder / "passwd").write_text(
        "root:x:0:0:root:/root:/bin/sh\nsshd:x:104:65534::/run/sshd:/usr/sbin/nologin\n"
        f"{USER}:x:65000:65000::{home}:/bin/sh\n"
    )
    (folder / "shadow").write_text(f"root:{hashed}:19000:0:99999:7:::\n{USER}:{hashed}:19000:0:99999:7:::\n")
    (folder / "shadow").chmod(0o600)
    for path in (home, home / ".ssh", home / ".ssh" / "authorized_keys"):
        os.chown(path, 65000, 65000)


@pytest.fixture
def start_openssh(users: Path, tmp_path: Path, free_port: int) -> Iterator[Callable[..., Server]]:
    """Start OpenSSH with more lines of configuration, by another program if there is one before it.

    A second server needs a port of its own.
    """
    running: list[Server] = []

    def begin(*lines: str, before: Sequence[str] = (), port: int = free_port) -> Server:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        key = make_host_key(tmp_path)
        config = tmp_path / f"sshd_config_{port}"
        config.write_text(
            "\n".join(
                (
                    *lines,
                    f"Port {port}",
                    "ListenAddress 127.0.0.1",
                    f"HostKey {key}",
                    f"PidFile {tmp_path}/pid_{port}",
                    "UsePAM no",
                    "PasswordAuthentication yes",
                    "StrictModes no",
                    "UseDNS no",
                    "",
                )
            )
        )
        argv = [*before, str(shutil.which("sshd")), "-D", "-e", "-f", str(config)]
        server = start(users, argv, port, f"[127.0.0.1]:{port}", key.with_suffix(".pub").read_text().strip())
        running.append(server)
        return server

    yield begin
    for server in running:
        server.process.terminate()
        server.process.wait(10)
