"""Machines that are read over SSH, as humans name them, and whether an address names a single host."""

from __future__ import annotations

from hotline_proto.errors import SshAddressError
from hotline_proto.ssh_address import SshAddress, parse_ssh_address, parse_ssh_fingerprint

from hotline_probe.errors import UsageError
from hotline_probe.targets import MAX_TARGET, check_host


def parse_address(text: str) -> SshAddress:
    """Return the address that a human typed.

    Raises:
        UsageError: it is none, or no single host; the message says what one looks like.
    """
    try:
        address = parse_ssh_address(text)
    except SshAddressError as error:
        raise UsageError(str(error)) from error
    try:
        check_host(address.host_port)
    except UsageError as error:
        raise UsageError(f"{text[:MAX_TARGET]!r}: {error}") from error
    return address


def parse_fingerprint(text: str) -> str:
    """Return the fingerprint of a host key that a human typed or pasted.

    Raises:
        UsageError: it is none.
    """
    try:
        return parse_ssh_fingerprint(text)
    except SshAddressError as error:
        raise UsageError(str(error)) from error
