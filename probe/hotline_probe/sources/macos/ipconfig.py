"""What ipconfig(8) of macOS says about the address that an adapter was lent."""

from __future__ import annotations

import ipaddress
import re
import time
from collections.abc import Callable

from hotline_probe.errors import SourceError
from hotline_probe.machine import Machine
from hotline_probe.sources.leasefiles import Lease, lease_of
from hotline_probe.sources.macos import ifconfig
from hotline_probe.sources.macos.commands import ask

TIMEOUT = 1.5
CLIENT = "ipconfigd"
_HEADER = re.compile(r"^[ \t]*yiaddr = (\S{7,15})\s*$", re.MULTILINE)
_OPTION = re.compile(r"^[ \t]*(\w{1,40}) \(\w{1,20}\): (.{0,512}?)\s*$", re.MULTILINE | re.ASCII)
_EXPIRES = re.compile(
    r"^[ \t]*LeaseExpirationTime : (\d\d)/(\d\d)/(\d{4}) (\d\d):(\d\d):(\d\d)\s*$", re.MULTILINE | re.ASCII
)
# Option 114 of RFC 8910, named or not.
_PORTAL = ("captive_portal_url", "option_114")


def parse_lease(text: str) -> Lease | None:
    r"""Return the lease in `ipconfig getpacket` or `ipconfig getsummary`, None if there is none.

    >>> lease = parse_lease("yiaddr = 192.0.2.7\nlease_time (uint32): 0xe10\nrouter (ip_mult): {192.0.2.1}\n")
    >>> lease.lifetime, lease.router
    (3600.0, IPv4Address('192.0.2.1'))
    """
    address = _HEADER.search(text)
    if address is None:
        return None
    told = dict(reversed(_OPTION.findall(text)))
    seconds = told.get("lease_time", "")
    hexadecimal = re.fullmatch(r"0x[0-9a-f]{1,8}", seconds)
    values = {
        "address": address[1],
        "mask": told.get("subnet_mask", ""),
        "routers": told.get("router", "").strip("{}"),
        "server": _server(told.get("server_identifier", "")),
        "lifetime": str(int(seconds, 16)) if hexadecimal else "",
        "portal": next((told[name] for name in _PORTAL if told.get(name)), ""),
    }
    return lease_of(CLIENT, values, tuple(values))


def parse_expiry(text: str, local: Callable[[time.struct_time], float] = time.mktime) -> float | None:
    """Return when a lease ends, in seconds since 1970, from `ipconfig getsummary`, None if it does not say.

    `local` turns local broken-down time into such seconds.

    >>> from calendar import timegm
    >>> parse_expiry("LeaseExpirationTime : 01/02/1970 00:00:00", timegm)
    86400
    """
    match = _EXPIRES.search(text)
    if match is None:
        return None
    try:
        stamp = time.strptime(" ".join(match.groups()), "%m %d %Y %H %M %S")
        return local(stamp)
    except (ValueError, OverflowError):
        return None


def read_lease(machine: Machine, interface: str) -> tuple[Lease, float | None] | None:
    """Return the lease of an adapter that still holds the address, and the seconds that it has left.

    Raises:
        SourceError: the adapters cannot be listed.
    """
    try:
        text = ask(machine, ("ipconfig", "getsummary", interface), TIMEOUT)
    except SourceError:  # before macOS 10.15
        text = ""
    lease = parse_lease(text)
    if lease is None:
        try:
            lease = parse_lease(ask(machine, ("ipconfig", "getpacket", interface), TIMEOUT))
        except SourceError:
            return None
    adapter = ifconfig.adapters(machine).get(interface)
    if lease is None or adapter is None or lease.address not in [one.value for one in adapter.addresses]:
        return None
    expiry = parse_expiry(text)
    return lease, None if expiry is None else max(expiry - time.time(), 0.0)


def _server(text: str) -> str:
    try:
        return str(ipaddress.IPv4Address(text))
    except ValueError:
        return ""
