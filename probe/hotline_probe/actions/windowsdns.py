"""Name servers of Windows: the router instead of one that does not answer, and back again."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

from hotline_probe.actions.base import Performed
from hotline_probe.actions.commands import Argv, run
from hotline_probe.actions.interface_enable import check_name
from hotline_probe.errors import ActionError
from hotline_probe.machine import LocalMachine
from hotline_probe.sources.routetables import Route, way_out
from hotline_probe.sources.windows import shell
from hotline_probe.sources.windows.network import Network, look

_PATIENCE = 15.0
_MAX_SERVERS = 16
# What somebody has set by hand stands in the registry; nothing there means that DHCP tells.
_SCRIPT = (
    "$a=Get-CimInstance -Namespace root/StandardCimv2 -ClassName MSFT_NetAdapter"
    " -Filter 'InterfaceIndex={index}';"
    "$k='HKLM:\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters\\Interfaces\\'+$a.InterfaceGuid;"
    "$r=@{{static=[string](Get-ItemProperty -LiteralPath $k).NameServer}}"
)


def use_gateway(machine: LocalMachine, resolver: str) -> Performed:
    """Ask the router for names at the adapter in use; what was set there comes back.

    Raises:
        ActionError: there is no router, it is asked already, or the setting did not take.
    """
    network = look(machine)
    route, gateway = _router(network)
    _check(network, resolver, gateway)
    name = check_name(route.interface, "windows")
    before = by_hand(machine, route.zone)
    _set(machine, name, [gateway])
    # A server that is only told by IPv6 stays beside it.
    first = next((server for server in look(machine).servers if ":" not in server), "")
    if first != gateway:
        _set(machine, name, before)
        raise ActionError("error", "the name servers did not change")
    said = f"{gateway} is asked instead of {resolver}"
    return Performed(said, lambda: _set(machine, name, before))


def setting(name: str, servers: Sequence[str]) -> Sequence[Argv]:
    """Return what sets the name servers of an adapter: netsh; none means that DHCP tells.

    Whether they answer is not tried: netsh would wait for each.
    """
    words = ("netsh", "interface", "ipv4")
    if not servers:
        return ((*words, "set", "dnsservers", f"name={name}", "source=dhcp"),)
    first, *others = servers
    return (
        (*words, "set", "dnsservers", f"name={name}", "source=static", f"address={first}", "validate=no"),
        *(
            (
                *words,
                "add",
                "dnsservers",
                f"name={name}",
                f"address={server}",
                f"index={place}",
                "validate=no",
            )
            for place, server in enumerate(others, 2)
        ),
    )


def by_hand(machine: LocalMachine, index: str) -> list[str]:
    """Return the IPv4 name servers that somebody has set for an adapter, none if DHCP tells them.

    Raises:
        SourceError: PowerShell cannot tell.
    """
    told = shell.ask(machine, script(int(index)), _PATIENCE)
    found = []
    for part in shell.text(told, "static").replace(",", " ").split():
        try:
            found.append(str(ipaddress.IPv4Address(part)))
        except ValueError:
            continue
    return found[:_MAX_SERVERS]


def script(index: int) -> str:
    """Return what asks for the name servers that were set by hand for an adapter."""
    return _SCRIPT.format(index=index)


def _router(network: Network) -> tuple[Route, str]:
    route = way_out(network.v4, [])
    if route is None or route.gateway is None:
        raise ActionError("precondition", "there is no router to ask")
    return route, str(route.gateway)


def _check(network: Network, resolver: str, gateway: str) -> None:
    if resolver == gateway:
        raise ActionError("precondition", "this name server is the router itself")
    if resolver not in network.servers:
        raise ActionError("precondition", "this name server is not set here")
    if ":" in resolver:
        raise ActionError("precondition", "this name server is not asked over IPv4")


def _set(machine: LocalMachine, name: str, servers: Sequence[str]) -> None:
    for argv in setting(name, servers):
        run(machine, argv, _PATIENCE)
