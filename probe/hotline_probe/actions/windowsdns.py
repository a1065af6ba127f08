"""Name servers of Windows: another one instead of one that does not answer, and back again."""

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
    """Ask the router for names at the adapter in use; raises like `use_instead`."""
    network = look(machine)
    return use_instead(machine, network, resolver, str(_way_out(network).gateway))


def use_server(machine: LocalMachine, resolver: str, server: str) -> Performed:
    """Ask another name server at the adapter in use; raises like `use_instead`."""
    return use_instead(machine, look(machine), resolver, server)


def use_instead(machine: LocalMachine, network: Network, resolver: str, server: str) -> Performed:
    """Ask one name server in the place of another at the adapter in use; what was set there comes back.

    Raises:
        ActionError: there is no router, the server is asked already, or the setting did not take.
    """
    route = _way_out(network)
    _check(network, resolver, server)
    name = check_name(route.interface, "windows")
    before = by_hand(machine, route.zone)
    _set(machine, name, [server])
    # A server that is only told by IPv6 stays beside it.
    first = next((one for one in look(machine).servers if ":" not in one), "")
    if first != server:
        _set(machine, name, before)
        raise ActionError("error", "the name servers did not change")
    return Performed(f"{server} is asked instead of {resolver}", lambda: _set(machine, name, before))


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


def _way_out(network: Network) -> Route:
    route = way_out(network.v4, [])
    if route is None or route.gateway is None:
        raise ActionError("precondition", "there is no router to ask")
    return route


def _check(network: Network, resolver: str, server: str) -> None:
    if resolver == server:
        raise ActionError("precondition", "this name server is asked already")
    if resolver not in network.servers:
        raise ActionError("precondition", "this name server is not set here")
    if ":" in resolver or ":" in server:
        raise ActionError("precondition", "name servers with IPv6 addresses are not changed here")


def _set(machine: LocalMachine, name: str, servers: Sequence[str]) -> None:
    for argv in setting(name, servers):
        run(machine, argv, _PATIENCE)
