"""Which adapters of a device carry the SSH connection over which it is changed; those are left alone."""

from __future__ import annotations

import ipaddress
import re

from hotline_probe.errors import ActionError, SourceError
from hotline_probe.machine import Machine
from hotline_probe.sources.adapters import NET, AdapterKinds

_TIMEOUT = 10.0
# sshd(8) and dropbear(8): address and port of the client, then of the server.
_CONNECTION = re.compile(r"^SSH_CONNECTION=(\S+) \d{1,5} (\S+) \d{1,5}$", re.MULTILINE | re.ASCII)
_NAME = re.compile(r"(?![-.])[A-Za-z0-9_.:@-]{1,15}", re.ASCII)
_DEVICE = re.compile(r" dev (\S+)", re.ASCII)
_ADDRESS = re.compile(r"^\d+: (\S+?)(?:@\S+)? +inet6? ([0-9a-fA-F:.]+)[/ ]", re.MULTILINE | re.ASCII)
_LOWER = "lower_"
# Services that look after the network or answer by SSH, whatever the system calls them.
_SERVICES = frozenset(
    "network networking networkmanager systemd-networkd wicked connman dhcpcd wpa_supplicant wpad netifd "
    "ssh sshd dropbear".split()
)
_MOST = 64

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def must_not_carry(machine: Machine, *names: str) -> None:
    """Return if the connection to a device does not rest on any of these adapters.

    Raises:
        ActionError: "precondition": it does, or nobody can tell.
    """
    try:
        carrying = _carrying(machine)
    except SourceError as error:
        raise ActionError(
            "precondition", f"it cannot be told what carries the connection ({error})"
        ) from error
    for name in names:
        if name in carrying:
            raise ActionError("precondition", f"{name} carries the connection over which this would be done")


def must_not_serve(service: str) -> None:
    """Return if no connection to a device hangs on a service, as far as its name tells.

    Raises:
        ActionError: "precondition".
    """
    if service.lower().removesuffix(".service").partition("@")[0] in _SERVICES:
        raise ActionError("precondition", f"the connection over which this would be done hangs on {service}")


def _carrying(machine: Machine) -> set[str]:
    peer, own = _ends(machine)
    found = {_way_to(machine, peer)}
    told = machine.run(("ip", "-o", "addr", "show"), _TIMEOUT).out
    found |= {name for name, address in parse_addresses(told) if address == own}
    return _all_below(machine, found)


def _ends(machine: Machine) -> tuple[Address, Address]:
    told = _CONNECTION.search(machine.run(("env",), _TIMEOUT).out)
    try:
        if told is not None:
            return _address(told[1]), _address(told[2])
    except ValueError:
        pass
    raise ActionError("precondition", "the device does not say what carries the connection")


def _way_to(machine: Machine, peer: Address) -> str:
    told = machine.run(("ip", "route", "get", str(peer)), _TIMEOUT).out
    found = _DEVICE.search(told)
    if found is None or not _NAME.fullmatch(found[1]):
        raise ActionError("precondition", "the device does not say which way its answers go")
    return found[1]


def _all_below(machine: Machine, names: set[str]) -> set[str]:
    """Return the adapters and all that they stand on: ports of a bridge or bond, the card under a VLAN."""
    kinds, found, left = AdapterKinds(), set[str](), list(names)
    while left:
        name = left.pop()
        if name in found:
            continue
        if len(found) >= _MOST or not _NAME.fullmatch(name):
            raise ActionError("precondition", "it cannot be told what carries the connection")
        if kinds.of(machine, name).type == "vpn":
            # The kernel does not tell which adapter carries the packets of a tunnel or of PPP.
            raise ActionError("precondition", f"the connection comes through {name}, which rests on others")
        found.add(name)
        left += [
            entry.removeprefix(_LOWER) for entry in machine.names(f"{NET}/{name}") if entry.startswith(_LOWER)
        ]
    return found


def parse_addresses(text: str) -> list[tuple[str, Address]]:
    r"""Return the addresses of `ip -o addr show` with the adapters that have them (ip-address(8)).

    >>> parse_addresses("2: eth0    inet 192.0.2.1/24 brd 192.0.2.255 scope global eth0\n")
    [('eth0', IPv4Address('192.0.2.1'))]
    """
    found = []
    for name, address in _ADDRESS.findall(text):
        try:
            found.append((name, _address(address)))
        except ValueError:
            continue
    return found


def _address(text: str) -> Address:
    address = ipaddress.ip_address(text.partition("%")[0])
    return getattr(address, "ipv4_mapped", None) or address
