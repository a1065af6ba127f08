"""Reading a FRITZ!Box, which has no SSH, by what it tells without a password (TR-064 and UPnP-IGD)."""

from __future__ import annotations

import socket
from collections.abc import Sequence

from hotline_probe.errors import MissingTool, Unsupported
from hotline_probe.machine import CommandResult, FilesystemUse
from hotline_probe.sources.fritzbox import is_fritzbox
from hotline_probe.targets import forbidden

_NO_SHELL = "a FRITZ!Box has no SSH"


def box_at(host: str) -> str:
    """Return the IPv4 address at which a host answers as a FRITZ!Box, empty if it does not.

    An address of cloud metadata is never asked, even if the name has come to stand for one.
    """
    try:
        found = socket.getaddrinfo(host, None, socket.AF_INET, socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return ""
    addresses = [str(entry[4][0]) for entry in found]
    if not addresses or any(forbidden(address) for address in addresses):
        return ""
    return addresses[0] if is_fritzbox(addresses[0]) else ""


class NoShell:
    """A machine of which neither files nor programs are seen."""

    system = "linux"
    alive = True

    def read(self, path: str) -> str:  # noqa: ARG002 - a machine's
        """Raise `Unsupported`."""
        raise Unsupported(_NO_SHELL)

    def names(self, path: str) -> list[str]:  # noqa: ARG002 - a machine's
        """Raise `Unsupported`."""
        raise Unsupported(_NO_SHELL)

    def link(self, path: str) -> str:  # noqa: ARG002 - a machine's
        """Raise `Unsupported`."""
        raise Unsupported(_NO_SHELL)

    def filesystem(self, path: str) -> FilesystemUse:  # noqa: ARG002 - a machine's
        """Raise `Unsupported`."""
        raise Unsupported(_NO_SHELL)

    def run(self, argv: Sequence[str], timeout: float) -> CommandResult:  # noqa: ARG002 - a machine's
        """Raise `MissingTool`."""
        raise MissingTool(_NO_SHELL)
