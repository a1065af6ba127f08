"""Network namespaces: made by name, entered by the calling thread, and sockets that stay in one.

A socket belongs to the namespace it was made in for good (network_namespaces(7)), so one program can serve
and connect in all of them at once.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import shlex
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

FOLDER = Path("/run/netns")
_CLONE_NEWNET = 0x40000000
_LIBC = ctypes.CDLL(None, use_errno=True)
_PATIENCE = 20


class LabError(Exception):
    """The lab itself did not work; the message says which command failed and how."""


def run(argv: list[str] | str, *, check: bool = True, text: str | None = None) -> str:
    """Run a program and return what it prints; `text` is its standard input.

    Raises:
        LabError: it failed, unless `check` is off, or did not end in time.
    """
    words = shlex.split(argv) if isinstance(argv, str) else argv
    try:
        done = subprocess.run(
            words, input=text, capture_output=True, text=True, check=False, timeout=_PATIENCE
        )
    except subprocess.TimeoutExpired as error:
        raise LabError(f"{shlex.join(words)} took longer than {_PATIENCE} s") from error
    if check and done.returncode:
        raise LabError(f"{shlex.join(words)}: {done.stderr.strip() or done.returncode}")
    return done.stdout


@contextlib.contextmanager
def inside(path: Path | str) -> Iterator[None]:
    """Let the calling thread be in another network namespace for a while."""
    here = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    try:
        there = os.open(path, os.O_RDONLY)
        try:
            _set(there)
        finally:
            os.close(there)
        try:
            yield
        finally:
            _set(here)
    finally:
        os.close(here)


def _set(descriptor: int) -> None:
    if _LIBC.setns(descriptor, _CLONE_NEWNET) != 0:
        number = ctypes.get_errno()
        raise LabError(f"setns: {os.strerror(number)}")


class Namespace:
    """One network namespace of the lab."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.path = FOLDER / name
        run(["ip", "netns", "add", name])
        self.ip("link set lo up")

    def ip(self, line: str) -> str:
        """Run ip(8) inside."""
        return run(["ip", "-n", self.name, *shlex.split(line)])

    def run(self, line: str, *, check: bool = True, text: str | None = None) -> str:
        """Run any program inside; files and processes are those of the lab."""
        return run(["ip", "netns", "exec", self.name, *shlex.split(line)], check=check, text=text)

    def sysctl(self, **values: object) -> None:
        """Set the kernel's settings of this namespace; `__` stands for a dot."""
        self.run(
            "sysctl -qw " + " ".join(f"{key.replace('__', '.')}='{value}'" for key, value in values.items())
        )

    def nft(self, rules: str) -> None:
        """Load nftables rules (nft(8))."""
        self.run("nft -f -", text=rules)

    def socket(self, kind: socket.SocketKind, address: str = "", port: int = 0) -> socket.socket:
        """Return a socket of this namespace, bound if an address is given."""
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        with inside(self.path):
            made = socket.socket(family, kind)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if address:
            made.bind((address, port))
        return made

    def delete(self) -> None:
        """Remove it; it ends with the last process or socket in it."""
        run(["ip", "netns", "del", self.name], check=False)
