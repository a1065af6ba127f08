"""Adapters, addresses, routes, neighbours and name servers of Windows, all from one question.

The classes are those behind Get-NetAdapter and its like (namespace StandardCimv2), whose numbers are the same
in every language: MSFT_NetAdapter, MSFT_NetIPInterface, MSFT_NetRoute, MSFT_NetIPAddress, MSFT_NetNeighbor,
MSFT_DNSClientServerAddress, and Win32_NetworkAdapterConfiguration for DHCP.
"""

from __future__ import annotations

import ipaddress
import math
import threading
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field

from hotline_probe.machine import Machine, monotonic
from hotline_probe.sources.adapters import AdapterKind
from hotline_probe.sources.netportable import HeldAddress
from hotline_probe.sources.routetables import Address, Route
from hotline_probe.sources.windows import shell
from hotline_probe.sources.windows.adapters import ADAPTER, Adapter, parse_adapter
from hotline_probe.sources.windows.asked import TIMEOUT, Shared
from hotline_probe.sources.windows.leases import LEASES, DhcpLease, as_address, parse_lease
from hotline_probe.sources.windows.shell import Row, integer, rows, text, texts

KEEP = 15.0
SIGNS_FRESH = 1.0
_CLASS = "@(Get-CimInstance -Namespace root/StandardCimv2 -ClassName {} | Select-Object {})"
SCRIPT = (
    "$r=@{adapters="
    + _CLASS.format("MSFT_NetAdapter", ADAPTER)
    + ";interfaces="
    + _CLASS.format("MSFT_NetIPInterface", "InterfaceIndex,InterfaceAlias,AddressFamily,InterfaceMetric")
    + ";routes="
    + _CLASS.format("MSFT_NetRoute", "InterfaceIndex,DestinationPrefix,NextHop,RouteMetric,Store")
    + ";addresses="
    + _CLASS.format(
        "MSFT_NetIPAddress", "InterfaceIndex,IPAddress,PrefixLength,PrefixOrigin,AddressState,Store"
    )
    + ";neighbours="
    + _CLASS.format("MSFT_NetNeighbor", "InterfaceIndex,IPAddress,State,LinkLayerAddress,Store")
    + ";servers="
    + _CLASS.format("MSFT_DNSClientServerAddress", "InterfaceIndex,AddressFamily,ServerAddresses")
    + f";leases={LEASES}"
    + ";wlan=@(netsh wlan show interfaces|ForEach-Object{[string]$_});wlancode=$LASTEXITCODE}"
)
# NL_NEIGHBOR_STATE of nldef.h as the catalogue spells it.
_NEIGHBOUR = ("failed", "incomplete", "stale", "stale", "stale", "reachable", "reachable")
# NL_DAD_STATE of nldef.h: tentative and duplicate.
_TENTATIVE, _DUPLICATE = {1, 2}, 2
# Rows of the store that only holds what will be set at the next start.
_PERSISTENT = 0
_FAMILIES = {2: 4, 23: 6}


@dataclass(frozen=True, slots=True)
class Network:
    """All of it at one time.

    `neighbours` tells state and hardware address, `servers` the adapter by which each name server was learnt;
    `wlan` are the lines of netsh and `wlan_code` how it ended.
    """

    adapters: dict[str, Adapter] = field(default_factory=dict)
    addresses: list[HeldAddress] = field(default_factory=list)
    v4: list[Route] = field(default_factory=list)
    v6: list[Route] = field(default_factory=list)
    neighbours: dict[tuple[str, Address], tuple[str, str]] = field(default_factory=dict)
    servers: dict[str, str] = field(default_factory=dict)
    leases: list[DhcpLease] = field(default_factory=list)
    wlan: list[str] = field(default_factory=list)
    wlan_code: int = 0


def network(machine: Machine) -> Network:
    """Return what the network looks like, asked anew when an adapter or an address came or went.

    Raises:
        SourceError: there is no PowerShell, it failed, or has not answered yet.
    """
    return _NETWORK.get(machine, _SIGNS.now())


def look(machine: Machine) -> Network:
    """Return what the network looks like at this moment; raises like `network`, and takes seconds."""
    return parse_network(shell.ask(machine, SCRIPT, TIMEOUT))


def parse_network(told: Row) -> Network:
    """Return the answer to `SCRIPT`; odd rows are left out."""
    names = _names(told)
    adapters = {adapter.name: adapter for row in rows(told, "adapters") if (adapter := parse_adapter(row))}
    for name in names.values():
        if name.startswith("Loopback Pseudo-Interface"):
            adapters.setdefault(
                name, Adapter(name, AdapterKind("loopback", False), True, True, None, None, None)
            )
    routes = list(_routes(told, names))
    return Network(
        adapters=adapters,
        addresses=list(_addresses(told, names, adapters)),
        v4=[route for route in routes if route.network.version == 4],
        v6=[route for route in routes if route.network.version == 6],
        neighbours=dict(_neighbours(told, names)),
        servers=_servers(told, names, adapters),
        leases=[lease for row in rows(told, "leases") if (lease := parse_lease(row, names))],
        wlan=texts(told, "wlan"),
        wlan_code=integer(told, "wlancode") or 0,
    )


_NETWORK: Shared[Network] = Shared(SCRIPT, parse_network, KEEP)


def _signs() -> Hashable:
    """Return what changes with the link of any adapter and with the addresses, which psutil tells at once."""
    import psutil  # noqa: PLC0415 - costs memory, and Linux needs it nowhere

    stats = psutil.net_if_stats()
    addresses = psutil.net_if_addrs()
    return tuple(sorted((name, stats[name].isup) for name in stats)), tuple(
        sorted((name, entry.address) for name, entries in addresses.items() for entry in entries)
    )


class Signs:
    """Looks once a second: many sources want to know, and looking takes milliseconds each time."""

    def __init__(self, look_up: Callable[[], Hashable], clock: Callable[[], float] = monotonic) -> None:
        self._look_up = look_up
        self._clock = clock
        self._lock = threading.Lock()
        self._at = -math.inf
        self._seen: Hashable = None

    def now(self) -> Hashable:
        """Return what was seen, a second ago at most."""
        with self._lock:
            now = self._clock()
            if not 0 <= now - self._at < SIGNS_FRESH:
                self._at, self._seen = now, self._look_up()
            return self._seen


_SIGNS = Signs(_signs)


def _names(told: Row) -> dict[int, str]:
    """Return the names of the adapters by their numbers."""
    pairs = [("adapters", "Name"), ("interfaces", "InterfaceAlias")]
    return {
        index: name
        for what, key in pairs
        for row in rows(told, what)
        if (index := integer(row, "InterfaceIndex")) is not None and (name := text(row, key))
    }


def _routes(told: Row, names: dict[int, str]) -> Iterator[Route]:
    metrics = {
        (integer(row, "InterfaceIndex"), _FAMILIES.get(integer(row, "AddressFamily") or 0)): integer(
            row, "InterfaceMetric"
        )
        for row in rows(told, "interfaces")
    }
    for row in rows(told, "routes"):
        index, hop = integer(row, "InterfaceIndex"), as_address(text(row, "NextHop"))
        try:
            network_ = ipaddress.ip_network(text(row, "DestinationPrefix"), strict=False)
        except ValueError:
            continue
        if index not in names or integer(row, "Store") == _PERSISTENT:
            continue
        # Windows adds both (RouteMetric of MSFT_NetRoute).
        metric = (integer(row, "RouteMetric") or 0) + (metrics.get((index, network_.version)) or 0)
        gateway = hop if hop is not None and not hop.is_unspecified else None
        if gateway is None or gateway.version == network_.version:
            yield Route(names[index], network_, gateway, metric, zone=str(index))


def _addresses(told: Row, names: dict[int, str], adapters: dict[str, Adapter]) -> Iterator[HeldAddress]:
    for row in rows(told, "addresses"):
        index, value = integer(row, "InterfaceIndex"), as_address(text(row, "IPAddress"))
        length = integer(row, "PrefixLength")
        if index not in names or value is None or integer(row, "Store") == _PERSISTENT:
            continue
        if length is None or not 0 <= length <= value.max_prefixlen:
            continue
        name, state = names[index], integer(row, "AddressState")
        connected = name in adapters and adapters[name].carrier
        marks = (None, None) if state is None else (state in _TENTATIVE, state == _DUPLICATE)
        yield HeldAddress(name, value, length, marks[0], connected, marks[1])


def _neighbours(told: Row, names: dict[int, str]) -> Iterator[tuple[tuple[str, Address], tuple[str, str]]]:
    """Yield state and hardware address by adapter and address."""
    for row in rows(told, "neighbours"):
        index, value = integer(row, "InterfaceIndex"), as_address(text(row, "IPAddress"))
        state = integer(row, "State")
        if index in names and value is not None and state is not None and 0 <= state < len(_NEIGHBOUR):
            mac = text(row, "LinkLayerAddress").lower().replace("-", ":")
            known = mac if mac.strip("0:") else ""
            yield (names[index], value), (_NEIGHBOUR[state], known)


def _servers(told: Row, names: dict[int, str], adapters: dict[str, Adapter]) -> dict[str, str]:
    """Return the name servers of connected adapters, those of the lowest metric first."""
    ranks = {
        index: integer(row, "InterfaceMetric") or 0
        for row in rows(told, "interfaces")
        if (index := integer(row, "InterfaceIndex")) is not None
    }
    found: list[tuple[int, str, str]] = []
    for row in rows(told, "servers"):
        index = integer(row, "InterfaceIndex")
        name = names.get(index) if index is not None else None
        if name is None or name not in adapters or not adapters[name].carrier:
            continue
        for server in texts(row, "ServerAddresses"):
            address = as_address(server)
            # Windows lists these where IPv6 has no server at all (site-local, RFC 3879).
            if address is not None and not (address.version == 6 and address.is_site_local):
                zone = f"%{index}" if address.version == 6 and address.is_link_local else ""
                found.append((ranks.get(index or 0, 0), f"{address}{zone}", name))
    servers: dict[str, str] = {}
    for _, server, name in sorted(found, key=lambda one: one[0]):
        servers.setdefault(server, name)
    return servers
