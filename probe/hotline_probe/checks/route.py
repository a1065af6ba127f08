"""The route step: whether the system has a way to an address, without sending a packet."""

from __future__ import annotations

import ipaddress
import socket

from hotline_probe.checks.name import Endpoint


def own_end(endpoint: Endpoint) -> str | None:
    """Return the own address from which packets to an endpoint would leave, None without a way.

    connect(2) of a datagram socket only looks into the route table. An address of this computer is
    reached from itself.
    """
    try:
        with socket.socket(endpoint.family, socket.SOCK_DGRAM) as probe:
            probe.connect(endpoint.address)
            return str(probe.getsockname()[0]).partition("%")[0]
    except OSError:
        return None


def is_local(endpoint: Endpoint, own: str | None) -> bool:
    """Tell whether an endpoint is this computer, given its `own_end`.

    127.0.0.53 is reached from 127.0.0.1, which is another address, but not another computer.
    """
    address = ipaddress.ip_address(endpoint.host)
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return address.is_loopback or endpoint.host == own
