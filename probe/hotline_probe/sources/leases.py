"""Addresses that were lent by DHCP: for how long, from whom, and whether what came along fits together."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Iterator

from hotline_proto.facts import Fact, FactValue, UnknownReason

from hotline_probe.errors import SourceError, SourceFailed, Unsupported
from hotline_probe.machine import Machine
from hotline_probe.source import Context
from hotline_probe.sources.adapters import NET, AdapterKinds
from hotline_probe.sources.leasefiles import Lease, read_lease

MAX_LEASES = 8
_ARGV = ("ip", "-j", "-4", "addr", "show")
_TIMEOUT = 1.5
# The kernel's word for "for ever" (ip-address(8)).
_FOR_EVER = 0xFFFFFFFF
Held = dict[ipaddress.IPv4Address, float | None]


def parse_lifetimes(text: str) -> dict[str, Held]:
    """Return by adapter the addresses in the output of `ip -j -4 addr`, with their remaining seconds.

    >>> info = '{"local":"192.0.2.7","valid_life_time":1800}'
    >>> parse_lifetimes(f'[{{"ifname":"eth0","addr_info":[{info}]}}]')
    {'eth0': {IPv4Address('192.0.2.7'): 1800.0}}

    Raises:
        SourceFailed: it is not such a list.
    """
    try:
        links = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SourceFailed("ip addr did not print JSON") from error
    found: dict[str, Held] = {}
    for link in links if isinstance(links, list) else []:
        infos = link.get("addr_info") if isinstance(link, dict) else None
        for info in infos if isinstance(infos, list) else []:
            try:
                address = ipaddress.IPv4Address(info["local"])
            except (KeyError, TypeError, ValueError):
                continue
            left = info.get("valid_life_time")
            fixed = isinstance(left, bool) or not isinstance(left, int) or not 0 <= left < _FOR_EVER
            found.setdefault(str(link.get("ifname")), {})[address] = None if fixed else float(left)
    return found


class Leases:
    """Reads the clients' own files, asks ip(8) and nmcli(1); ipconfig(8) on macOS, PowerShell on Windows."""

    name = "leases"

    def __init__(self) -> None:
        self._kinds = AdapterKinds()

    def read(self, context: Context) -> Iterator[Fact]:
        """Yield each physical adapter's lease, as far as the address is still held.

        Raises:
            Unsupported: neither on Linux nor on Windows nor on macOS.
            SourceError: the adapters or the addresses cannot be read.
        """
        machine = context.machine
        if machine.system == "windows":
            yield from _windows(machine)
            return
        if machine.system not in {"linux", "macos"}:
            raise Unsupported("leases are read on Linux, Windows and macOS only")
        names = [name for name, kind in self._kinds.all(machine).items() if kind.physical]
        if machine.system == "macos":
            yield from _on_macos(machine, names)
            return
        result = machine.run(_ARGV, _TIMEOUT)
        # Busybox has an ip(8) that does not know -j.
        held = parse_lifetimes(result.out) if result.code == 0 else {}
        for name in names[:MAX_LEASES]:
            lease = read_lease(machine, name, _index(machine, name))
            addresses = held.get(name, {})
            # A file may be left over from another network.
            if lease is not None and lease.address in addresses:
                yield from _facts(name, lease, addresses[lease.address])


def _on_macos(machine: Machine, names: list[str]) -> Iterator[Fact]:
    from hotline_probe.sources.macos import ipconfig  # noqa: PLC0415 - not needed elsewhere

    for name in sorted(names)[:MAX_LEASES]:
        found = ipconfig.read_lease(machine, name)
        if found is not None:
            yield from _facts(name, *found)


def _index(machine: Machine, name: str) -> str:
    try:
        return machine.read(f"{NET}/{name}/ifindex").strip()
    except SourceError:
        return "0"


def _facts(name: str, lease: Lease, left: float | None) -> Iterator[Fact]:
    share: FactValue = UnknownReason.UNSUPPORTED
    if left is not None and lease.lifetime:
        share = min(left / lease.lifetime, 1.0)
    fits: FactValue = UnknownReason.UNSUPPORTED
    if lease.network is not None and lease.router is not None:
        fits = lease.router in lease.network
    yield Fact("net.lease.interface", name, name)
    yield Fact("net.lease.client", lease.client, name)
    yield Fact("net.lease.server", lease.server, name)
    yield Fact("net.lease.lifetime", lease.lifetime or UnknownReason.UNSUPPORTED, name)
    yield Fact("net.lease.remaining", UnknownReason.UNSUPPORTED if left is None else left, name)
    yield Fact("net.lease.remaining_ratio", share, name)
    yield Fact("net.lease.router_fits", fits, name)
    yield Fact("net.lease.portal", bool(lease.portal), name)


def _windows(machine: Machine) -> Iterator[Fact]:
    from hotline_probe.sources.windows.network import network  # noqa: PLC0415 - not on Linux

    found = network(machine)
    told = {lease.interface: lease for lease in found.leases}
    physical = [name for name, adapter in found.adapters.items() if adapter.kind.physical]
    for name in [name for name in physical if name in told][:MAX_LEASES]:
        lease, untold = told[name], UnknownReason.UNSUPPORTED
        known = lease.lifetime is not None and lease.remaining is not None
        yield Fact("net.lease.interface", name, name)
        yield Fact("net.lease.client", "windows", name)
        yield Fact("net.lease.server", lease.server, name)
        yield Fact("net.lease.lifetime", untold if lease.lifetime is None else lease.lifetime, name)
        yield Fact("net.lease.remaining", untold if lease.remaining is None else lease.remaining, name)
        share = min((lease.remaining or 0.0) / (lease.lifetime or 1.0), 1.0) if known else untold
        yield Fact("net.lease.remaining_ratio", share, name)
        yield Fact("net.lease.router_fits", untold if lease.router_fits is None else lease.router_fits, name)
        yield Fact("net.lease.portal", untold, name)
