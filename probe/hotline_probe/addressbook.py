"""Which IP addresses belong to nobody in particular, and where a text contains one."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# IANA's registries of special-purpose addresses, and multicast. Ranges that embed a public IPv4 address
# (6to4, Teredo, NAT64, mapped) are left out on purpose.
_SPECIAL_V4 = [
    ipaddress.IPv4Network(text)
    for text in """0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12
    192.0.0.0/24 192.0.2.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24
    224.0.0.0/4 240.0.0.0/4""".split()
]
_SPECIAL_V6 = [
    ipaddress.IPv6Network(text)
    for text in "::/127 100::/64 2001:2::/48 2001:db8::/32 3fff::/20 fc00::/7 fe80::/10 ff00::/8".split()
]

_DOT = r"(?:\.|%2[eE]|\[\.\]|\(\.\))"
_V4 = re.compile(rf"(?<!\d)\d{{1,3}}(?:{_DOT}\d{{1,3}}){{3}}(?!\d)")
# Beginning in the middle of an escape it would be no address: what is escaped whole is undone first.
_V6 = re.compile(
    r"(?<!%)(?<!%[0-9A-Fa-f])[0-9A-Fa-f]{0,4}(?:(?::|%3[aA])[0-9A-Fa-f]{0,4}){2,24}(?:(?:\.\d{1,3}){3})?"
)
_FEW_COLONS = 3


def is_special(address: Address) -> bool:
    """Tell whether an address is private or for a special purpose, and so says nothing about a person."""
    if isinstance(address, ipaddress.IPv4Address):
        return any(address in network for network in _SPECIAL_V4)
    if address.ipv4_mapped is not None:
        return is_special(address.ipv4_mapped)
    return any(address in network for network in _SPECIAL_V6)


def parse_address(text: str) -> Address | None:
    """Return the address that a text spells in any usual way, None if it is none.

    >>> parse_address("2001:DB8:0:0::1")
    IPv6Address('2001:db8::1')
    >>> parse_address("008.8.8.008")
    IPv4Address('8.8.8.8')
    """
    octets = re.split(_DOT, text)
    if len(octets) == 4 and all(octet.isascii() and octet.isdigit() and len(octet) <= 3 for octet in octets):
        numbers = [int(octet) for octet in octets]
        return ipaddress.IPv4Address(bytes(numbers)) if max(numbers) < 256 else None
    try:
        return ipaddress.IPv6Address(text.partition("%")[0])
    except ValueError:
        return None


def replace_addresses(text: str, change: Callable[[Address], str]) -> str:
    """Return a text with every address in it changed; ports stay apart from what replaces them."""

    def change_v6(match: re.Match[str]) -> str:
        glued = (
            text[match.start() - 1 : match.start()].isalpha() or text[match.end() : match.end() + 1].isalpha()
        )
        return _change_run(match[0], change, glued)

    def change_v4(match: re.Match[str]) -> str:
        address = parse_address(match[0])
        if address is None:
            return match[0]
        changed = change(address)
        if changed == str(address):
            return match[0]
        # An IPv6 address before a port stands in brackets.
        port = match.string[match.end() : match.end() + 1] == ":"
        return f"[{changed}]" if port and ":" in changed else changed

    if ":" in text or "%3" in text:
        text = _V6.sub(change_v6, text)
    return _V4.sub(change_v4, text)


def _change_run(run: str, change: Callable[[Address], str], glued: bool) -> str:
    # A run may hold more than an address (a port behind it, a name before it): the longest part that is
    # an address counts, the leftmost of equals.
    groups = re.split(r":|%3[aA]", run)
    for length in range(len(groups), 1, -1):
        for start in range(len(groups) - length + 1):
            part = ":".join(groups[start : start + length])
            address = parse_address(part) if part.count(":") >= 2 else None
            if address is None or (glued and part.count(":") < _FEW_COLONS):
                continue
            changed = change(address)
            if changed == str(address):
                return run
            return ":".join([*groups[:start], changed, *groups[start + length :]])
    return run
