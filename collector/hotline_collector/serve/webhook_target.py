"""Where messages to the ticket system go: the operator's address, and never anywhere else."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit, urlunsplit

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Unreachable(Exception):
    """The target cannot be reached, or leads where it must not; the message says why."""


@dataclass(frozen=True, slots=True)
class Place:
    """An address to connect to, and the name by which it must prove itself."""

    url: str
    host: str
    name: str


def literal(host: str) -> Address | None:
    """Return the numeric address that a host is, None if it is a name."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine by what it is called."""
    address = literal(host)
    return host == "localhost" if address is None else address.is_loopback


def fault_of(url: str) -> str:
    """Return why messages cannot be sent to an address, empty if they can."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return f"{url!r} is no address of a web server"
    if parts.scheme not in ("http", "https") or not host or port == 0:
        return f"{url!r} is no address of a web server, such as https://tickets.example.org/hotline"
    if parts.username is not None or parts.password is not None or parts.fragment:
        return "the address holds no name, password or fragment; messages prove themselves by their signature"
    if parts.scheme == "http" and not is_loopback(host):
        return "messages hold personal data, so the address begins with https:// (except on this machine)"
    return ""


async def place_of(url: str, *, private: bool) -> Place:
    """Return where to connect for an address.

    A name may not lead to a private or special-purpose address unless `private` says so, whatever its server
    answers today; a numeric address, or localhost, is the operator's own word.

    Raises:
        Unreachable: the name does not resolve, or leads where it must not.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    if literal(host) is not None or is_loopback(host):
        return Place(url, parts.netloc, host)
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise Unreachable(f"the name {host} does not resolve: {error.strerror or error}") from error
    addresses = [ipaddress.ip_address(entry[4][0]) for entry in found]
    for address in addresses:
        if not private and not _is_public(address):
            raise Unreachable(f"{host} leads to the private address {address}; set webhook.private_network")
    return Place(_at(parts, addresses[0], port), parts.netloc, host)


def _is_public(address: Address) -> bool:
    mapped = getattr(address, "ipv4_mapped", None)
    plain = mapped or address
    return plain.is_global and not plain.is_multicast


def _at(parts: SplitResult, address: Address, port: int) -> str:
    shown = f"[{address}]" if address.version == 6 else str(address)
    return urlunsplit(parts._replace(netloc=f"{shown}:{port}"))
