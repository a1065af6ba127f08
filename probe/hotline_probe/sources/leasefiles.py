"""What DHCP clients write down about the address that they were lent."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from hotline_probe.errors import SourceError
from hotline_probe.machine import Machine
from hotline_probe.sources.basics import names_in, text_of

_TIMEOUT = 1.5
_MAX_FILES = 32
_NETWORKD = "/run/systemd/netif/leases"
_DHCLIENT = ("/var/lib/dhcp", "/var/lib/dhclient", "/var/lib/NetworkManager")
_BLOCK = re.compile(r"\blease \{(.*?)\n\}", re.DOTALL)
_STATEMENT = re.compile(r"^[ \t]*(?:option )?([\w-]+) (.*?);\s*$", re.MULTILINE)
_OPTION = re.compile(r"^DHCP4\.OPTION\[\d{1,3}\]:(\w+) = (.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Lease:
    """An address with what came along; `lifetime` in seconds, None where the client does not say.

    `portal` is the address of the API or page for signing in (RFC 8910), empty without one.
    """

    client: str
    address: ipaddress.IPv4Address
    network: ipaddress.IPv4Network | None
    router: ipaddress.IPv4Address | None
    server: str
    lifetime: float | None
    portal: str


def parse_networkd(text: str) -> Lease | None:
    r"""Return the lease of a file in /run/systemd/netif/leases, None if it is none.

    >>> parse_networkd("ADDRESS=192.0.2.7\nNETMASK=255.255.255.0\nROUTER=192.0.2.1\nLIFETIME=3600\n").lifetime
    3600.0
    """
    told = dict(line.split("=", 1) for line in text.splitlines() if "=" in line and not line.startswith("#"))
    keys = ("ADDRESS", "NETMASK", "ROUTER", "SERVER_ADDRESS", "LIFETIME", "CAPTIVE_PORTAL")
    return lease_of("networkd", told, keys)


def parse_networkmanager(text: str) -> Lease | None:
    r"""Return the lease in the output of `nmcli -t -f DHCP4 device show`, None if there is none.

    >>> parse_networkmanager("DHCP4.OPTION[1]:ip_address = 192.0.2.7\n").client
    'networkmanager'
    """
    told = dict(_OPTION.findall(text))
    dhcp = ("dhcp_server_identifier", "dhcp_lease_time", "captive_portal")
    return lease_of("networkmanager", told, ("ip_address", "subnet_mask", "routers", *dhcp))


def parse_dhclient(text: str, interface: str) -> Lease | None:
    r"""Return the last lease of an interface in a dhclient.leases(5), None without one.

    >>> parse_dhclient('lease {\n  interface "eth0";\n  fixed-address 192.0.2.7;\n}\n', "eth0").address
    IPv4Address('192.0.2.7')
    """
    found = None
    for block in _BLOCK.findall(text):
        told = {name: value.strip('"') for name, value in _STATEMENT.findall(block)}
        if told.get("interface") == interface:
            dhcp = ("dhcp-server-identifier", "dhcp-lease-time", "v4-captive-portal")
            found = lease_of("dhclient", told, ("fixed-address", "subnet-mask", "routers", *dhcp)) or found
    return found


def lease_of(client: str, told: Mapping[str, str], keys: Sequence[str]) -> Lease | None:
    """Return a lease whose values stand under six keys: address, mask, routers, server, lifetime, portal."""
    address, mask, routers, server, lifetime, portal = (told.get(key, "") for key in keys)
    try:
        own = ipaddress.IPv4Address(address)
    except ValueError:
        return None
    seconds = float(lifetime) if re.fullmatch(r"[0-9]{1,10}", lifetime) else None
    router = re.split(r"[ ,]", routers, maxsplit=1)[0]
    return Lease(client, own, _network(address, mask), _address(router), server, seconds, portal)


def _network(address: str, mask: str) -> ipaddress.IPv4Network | None:
    try:
        return ipaddress.IPv4Network(f"{address}/{mask}", strict=False) if mask else None
    except ValueError:
        return None


def _address(text: str) -> ipaddress.IPv4Address | None:
    try:
        return ipaddress.IPv4Address(text)
    except ValueError:
        return None


def read_lease(machine: Machine, interface: str, index: str) -> Lease | None:
    """Return the lease of an interface from whichever client has one, None if none does."""
    for lease in _candidates(machine, interface, index):
        if lease is not None:
            return lease
    return None


def _candidates(machine: Machine, interface: str, index: str) -> Iterator[Lease | None]:
    yield parse_networkd(text_of(machine, f"{_NETWORKD}/{index}"))
    for folder in _DHCLIENT:
        for name in _names(machine, folder):
            yield parse_dhclient(text_of(machine, f"{folder}/{name}"), interface)
    try:
        argv = ("nmcli", "-t", "-f", "DHCP4", "device", "show", interface)
        yield parse_networkmanager(machine.run(argv, _TIMEOUT).out)
    except SourceError:
        return


def _names(machine: Machine, folder: str) -> list[str]:
    found = (name for name in names_in(machine, folder) if name.startswith("dhclient") and "lease" in name)
    return list(found)[:_MAX_FILES]
