"""Whether somebody who asks sits on this machine, so that nobody can read along."""

from __future__ import annotations

import ipaddress


def is_local(address: str) -> bool:
    """Tell whether an address is a loopback address, also of IPv4 written as IPv6."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = getattr(parsed, "ipv4_mapped", None)
    return (mapped or parsed).is_loopback
