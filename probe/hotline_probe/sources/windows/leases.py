"""Addresses lent by DHCP on Windows: the class Win32_NetworkAdapterConfiguration."""

from __future__ import annotations

import contextlib
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass

from hotline_probe.sources.routetables import Address
from hotline_probe.sources.windows.shell import Row, integer, number, text, texts

# Times as differences: a date in JSON depends on the version of PowerShell.
LEASES = (
    "@(Get-CimInstance Win32_NetworkAdapterConfiguration -Filter 'DHCPEnabled=TRUE'|"
    "Where-Object{$_.DHCPLeaseExpires -and $_.DHCPLeaseObtained}|ForEach-Object{@{"
    "InterfaceIndex=$_.InterfaceIndex;DHCPServer=$_.DHCPServer;IPAddress=@($_.IPAddress);"
    "IPSubnet=@($_.IPSubnet);DefaultIPGateway=@($_.DefaultIPGateway);"
    "Lifetime=($_.DHCPLeaseExpires-$_.DHCPLeaseObtained).TotalSeconds;"
    "Remaining=($_.DHCPLeaseExpires-(Get-Date)).TotalSeconds}})"
)


@dataclass(frozen=True, slots=True)
class DhcpLease:
    """An address lent by DHCP; seconds, None where Windows does not tell."""

    interface: str
    server: str
    lifetime: float | None
    remaining: float | None
    router_fits: bool | None


def as_address(value: str) -> Address | None:
    """Return an address without its zone, None if it is none."""
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(value.partition("%")[0])
    return None


def parse_lease(row: Row, names: Mapping[int, str]) -> DhcpLease | None:
    """Return the lease of an adapter, None if nobody lent it an address."""
    index = integer(row, "InterfaceIndex")
    server = text(row, "DHCPServer")
    # The address that says "ask everybody" stands there when nobody answered.
    if index is None or index not in names or as_address(server) is None or server == "255.255.255.255":
        return None
    lifetime, remaining = number(row, "Lifetime"), number(row, "Remaining")
    return DhcpLease(
        names[index],
        server,
        lifetime if lifetime is not None and lifetime > 0 else None,
        max(remaining, 0.0) if remaining is not None else None,
        _fits(row),
    )


def _fits(row: Row) -> bool | None:
    pairs = zip(texts(row, "IPAddress"), texts(row, "IPSubnet"), strict=False)
    routers = [router for one in texts(row, "DefaultIPGateway") if (router := as_address(one))]
    v4 = [router for router in routers if router.version == 4]
    if not v4:
        return None
    for address, mask in pairs:
        with contextlib.suppress(ValueError):
            if v4[0] in ipaddress.IPv4Network(f"{address}/{mask}", strict=False):
                return True
    return False
