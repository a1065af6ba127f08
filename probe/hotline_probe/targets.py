"""Where a check may lead: public places, the caller's own network after a yes, never metadata."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import unicodedata
import urllib.parse
from enum import Enum
from functools import partial

from hotline_probe.errors import UsageError
from hotline_probe.threads import in_thread
from hotline_probe.vetting import MAX_KEY

# A check's name is the key of its facts, and the contract knows no longer keys.
MAX_TARGET = MAX_KEY
LOOKUP_TIMEOUT = 3.0
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_FAMILIES = (socket.AF_INET, socket.AF_INET6)

# What can be checked besides host:port; the checks know what each stands for.
CHECKED_SCHEMES = frozenset(
    ("http", "https", "imap", "imaps", "pop", "pop3", "pop3s", "smtp", "smtps", "submission", "submissions")
)
_FORMS = "host:port, http(s)://host or a mail server such as imaps://host"
# Instance metadata and platform services of AWS, Azure, Google, Oracle, OpenStack, Scaleway and Alibaba, per
# their manuals.
_METADATA_NETWORKS = tuple(
    ipaddress.ip_network(text)
    for text in (
        "169.254.169.0/24",
        "169.254.170.0/24",
        "fd00:ec2::/32",
        "fd20:ce::254",
        "fd00:c1::a9fe:a9fe",
        "fd00:42::42",
        "fe80::a9fe:a9fe",
        "168.63.129.16",
        "192.0.0.192",
        "100.100.100.200",
    )
)
# Translators turn these into the IPv4 address at their end (RFC 6052).
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
# Others that end with an IPv4 address: of translators of a network's own (RFC 8215) and of old ones (RFC
# 2765), and those that no computer should use any more (RFC 4291, section 2.5.5.1).
_ENDS_WITH_V4 = tuple(map(ipaddress.IPv6Network, ("64:ff9b:1::/48", "::ffff:0:0:0/96", "::/96")))
# The shortest prefix of a public network that may be one home or office; beyond that it is a provider's.
_SHORTEST_OWN = {4: 16, 6: 48}
_METADATA_NAMES = frozenset(("metadata", "metadata.google.internal", "instance-data", "metadata.goog"))
_LOCAL_SUFFIXES = (
    ".local",
    ".localhost",
    ".localdomain",
    ".lan",
    ".home.arpa",
    ".internal",
    ".intranet",
    ".corp",
    ".home",
)


class Reach(Enum):
    """Where a target lies from the caller's point of view."""

    PUBLIC = "public"
    OWN_NETWORK = "own network"
    FORBIDDEN = "forbidden"


def check_host(check: str) -> str:
    """Return the host of a check, "host:port" or a URL of a page or mail server.

    Raises:
        UsageError: it is neither; the message says why.
    """
    if len(check) > MAX_TARGET:
        raise UsageError(f"it is longer than {MAX_TARGET} characters")
    if not check or any(unicodedata.category(c)[0] in "CZ" for c in check):
        raise UsageError("it is empty or has spaces in it")
    try:
        url = urllib.parse.urlsplit(check if "://" in check else "//" + check)
        host, port = url.hostname, url.port
    except ValueError as error:
        raise UsageError(str(error)) from error
    if not host or url.username is not None:
        raise UsageError(_FORMS)
    if "://" in check:
        if url.scheme not in CHECKED_SCHEMES:
            raise UsageError("only URLs of pages and mail servers")
        if not url.scheme.startswith("http") and (url.path not in ("", "/") or url.query):
            raise UsageError("of a mail server only its name, and its port if it is an unusual one")
    elif port is None or url.path or url.query:
        raise UsageError(_FORMS)
    if port == 0 or set(host) & set("/*,;[]"):
        raise UsageError("one host and one port, no ranges")
    return host


async def reach_of(host: str) -> Reach:
    """Tell where a host lies; a name that cannot be resolved in time counts as the caller's own network."""
    bare = host.rstrip(".").lower()
    if bare in _METADATA_NAMES:
        return Reach.FORBIDDEN
    try:
        return _reach((ipaddress.ip_address(bare.partition("%")[0]),))
    except ValueError:
        pass
    try:
        async with asyncio.timeout(LOOKUP_TIMEOUT):
            found = await in_thread(
                partial(socket.getaddrinfo, bare, None, type=socket.SOCK_STREAM), "lookup"
            )
    except TimeoutError:
        return Reach.OWN_NETWORK
    except (OSError, UnicodeError):
        found = []
    reach = _reach(tuple(ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found))
    named_local = "." not in bare or bare.endswith(_LOCAL_SUFFIXES)
    return Reach.OWN_NETWORK if reach is Reach.PUBLIC and named_local else reach


def forbidden(host: str) -> bool:
    """Tell without any lookup whether a host is a metadata name or address, or no single host at all."""
    bare = host.rstrip(".").lower()
    if bare in _METADATA_NAMES:
        return True
    try:
        return _is_forbidden(ipaddress.ip_address(bare.partition("%")[0]))
    except ValueError:
        return False


def forbidden_or_here(address: str) -> bool:
    """Tell whether a numeric address is forbidden or one of this computer, by loopback or an adapter."""
    named = ipaddress.ip_address(address.partition("%")[0])
    here = _own_addresses()
    return _is_forbidden(named) or any(each.is_loopback or each in here for each in _stands_for(named))


def is_public(address: str) -> bool:
    """Tell whether a numeric address lies outside the caller's own network and may be checked."""
    return _reach((ipaddress.ip_address(address),)) is Reach.PUBLIC


def _reach(addresses: tuple[Address, ...]) -> Reach:
    if any(_is_forbidden(address) for address in addresses):
        return Reach.FORBIDDEN
    plain = [_plain(address) for address in addresses]
    if not all(address.is_global for address in plain):
        return Reach.OWN_NETWORK
    own = _own_networks() if plain else ()
    return Reach.OWN_NETWORK if any(one in network for one in plain for network in own) else Reach.PUBLIC


def _plain(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 address stands for, else the address itself."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(address.packed[-4:])
    return address.ipv4_mapped or address


def _stands_for(address: Address) -> tuple[Address, ...]:
    """Return an address and the IPv4 addresses in it that something on the way may take out of it."""
    if isinstance(address, ipaddress.IPv4Address):
        return (address,)
    ends = any(address in network for network in _ENDS_WITH_V4)
    inside = (
        _plain(address),
        address.sixtofour,
        *(address.teredo or ()),
        ipaddress.IPv4Address(address.packed[-4:]) if ends else None,
    )
    return (address, *(each for each in inside if each is not None))


def _own_addresses() -> frozenset[Address]:
    import psutil  # noqa: PLC0415 - most callers' checks never lead that far, and it costs memory

    entries = [entry for adapter in psutil.net_if_addrs().values() for entry in adapter]
    texts = (entry.address.partition("%")[0] for entry in entries if entry.family in _FAMILIES)
    return frozenset(ipaddress.ip_address(text) for text in texts)


def _own_networks() -> tuple[Network, ...]:
    """Return the networks that this computer's adapters reach directly: with IPv6 a home's are public."""
    import psutil  # noqa: PLC0415 - most callers' checks never lead that far, and it costs memory

    entries = [entry for adapter in psutil.net_if_addrs().values() for entry in adapter]
    networks = (_network(entry.address, entry.netmask) for entry in entries if entry.family in _FAMILIES)
    return tuple(network for network in networks if network is not None)


def _network(text: str, netmask: str | None) -> Network | None:
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    try:
        length = int(ipaddress.ip_address(netmask or "")).bit_count()
    except ValueError:  # psutil knows no netmask of IPv6 on Windows; links have 64 bits (RFC 4291)
        length = 64
    if not _SHORTEST_OWN[address.version] <= length <= address.max_prefixlen:
        length = address.max_prefixlen
    return ipaddress.ip_network(f"{address}/{length}", strict=False)


def _is_forbidden(address: Address) -> bool:
    return any(map(_is_plainly_forbidden, _stands_for(address)))


def _is_plainly_forbidden(address: Address) -> bool:
    no_single_host = address.is_multicast or address.is_unspecified or str(address) == "255.255.255.255"
    return no_single_host or any(
        address.version == network.version and address in network for network in _METADATA_NETWORKS
    )
