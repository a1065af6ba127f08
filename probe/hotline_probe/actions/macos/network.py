"""Actions on adapters, leases and name servers of a Mac."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable

from hotline_probe.actions.base import Performed, final, wait_until
from hotline_probe.actions.commands import Argv, must_be_root, run
from hotline_probe.actions.macos.services import PATIENCE, own_name_servers, service_of
from hotline_probe.errors import ActionError
from hotline_probe.machine import LocalMachine
from hotline_probe.sources.macos.ifconfig import kind_of, parse_ifconfig, parse_ports
from hotline_probe.sources.macos.netstat import parse_routes
from hotline_probe.sources.macos.scutil import parse_dns
from hotline_probe.sources.routetables import Route, way_out

_RENEWS, _TAKES_EFFECT = 45.0, 10.0
_POWER_ON = re.compile(r": On\s*$")
_BY_HAND = re.compile(r"^[ \t]*ConfigMethod : Manual\s*$", re.MULTILINE)


def enable_interface(machine: LocalMachine, name: str) -> Performed:
    """Switch the radio or the network service of an adapter on."""
    is_on, switch = _switches(machine, name)
    if is_on():
        raise ActionError("precondition", "this adapter is switched on already")
    _switch(machine, is_on, switch, on=True)
    return Performed(f"{name} is switched on", lambda: _switch(machine, is_on, switch, on=False))


def restart_interface(machine: LocalMachine, name: str) -> Performed:
    """Switch a radio, or the link of a cable, off and on again."""
    if _is_radio(machine, name):
        off, on = _radio(name)[1:]
        is_on, _ = _switches(machine, name)
    else:
        must_be_root()
        off, on = ("ifconfig", name, "down"), ("ifconfig", name, "up")
        is_on = lambda: _is_up(machine, name)  # noqa: E731 - the other one comes as a function as well
    try:
        run(machine, off, PATIENCE)
    finally:
        run(machine, on, PATIENCE)
    if not wait_until(is_on, _TAKES_EFFECT):
        raise ActionError("error", f"{name} does not come up again")
    return Performed(f"{name} was switched off and on", final, undoable=False)


def renew_lease(machine: LocalMachine, name: str) -> Performed:
    """Ask for an address anew with ipconfig(8), unless somebody has set one by hand."""
    if _BY_HAND.search(machine.run(("ipconfig", "getsummary", name), PATIENCE).out):
        raise ActionError("precondition", f"the address of {name} was set by hand")
    must_be_root()
    run(machine, ("ipconfig", "set", name, "DHCP"), _RENEWS)
    if not wait_until(lambda: _address(machine, name), _TAKES_EFFECT):
        raise ActionError("error", f"{name} has still no address")
    return Performed(f"ipconfig has asked for an address for {name}", final, undoable=False)


def use_gateway(machine: LocalMachine, resolver: str) -> Performed:
    """Have the service of the way out ask the router for names."""
    route = _way_out(machine)
    if route.gateway is None:
        raise ActionError("precondition", "there is no router to ask")
    return _use_server(machine, resolver, str(route.gateway), route.interface)


def use_server(machine: LocalMachine, resolver: str, server: str) -> Performed:
    """Have the service of the way out ask a name server of the operator's list."""
    route = _way_out(machine)
    return _use_server(machine, resolver, server, route.interface)


def _way_out(machine: LocalMachine) -> Route:
    routes = parse_routes(run(machine, ("netstat", "-rn", "-f", "inet"), PATIENCE), 4)
    route = way_out(routes, ())
    if route is None:
        raise ActionError("precondition", "there is no way out of this computer")
    return route


def _use_server(machine: LocalMachine, resolver: str, server: str, interface: str) -> Performed:
    if resolver == server:
        raise ActionError("precondition", "this name server stands there already")
    if resolver not in _name_servers(machine):
        raise ActionError("precondition", "this name server is not asked")
    service = service_of(machine, interface)
    before = own_name_servers(machine, service) or ["Empty"]  # the manual's word for "as the router says"

    def put_back() -> None:
        run(machine, ("networksetup", "-setdnsservers", service.name, *before), PATIENCE)

    run(machine, ("networksetup", "-setdnsservers", service.name, server), PATIENCE)
    if not wait_until(lambda: _name_servers(machine)[:1] == [server], _TAKES_EFFECT):
        put_back()
        raise ActionError("error", f"{server} is still not asked first")
    return Performed(f"{server} is asked instead of {resolver}", put_back)


def _switches(machine: LocalMachine, name: str) -> tuple[Callable[[], bool], Callable[[bool], Argv]]:
    """Return what tells whether an adapter is on, and the command that switches it."""
    if _is_radio(machine, name):
        ask, off, on = _radio(name)
        return (
            lambda: _POWER_ON.search(run(machine, ask, PATIENCE)) is not None,
            lambda up: on if up else off,
        )
    service = service_of(machine, name)
    set_enabled = ("networksetup", "-setnetworkserviceenabled", service.name)
    return lambda: service_of(machine, name).enabled, lambda up: (*set_enabled, "on" if up else "off")


def _switch(
    machine: LocalMachine, is_on: Callable[[], bool], switch: Callable[[bool], Argv], *, on: bool
) -> None:
    run(machine, switch(on), PATIENCE)
    if not wait_until(lambda: is_on() == on, _TAKES_EFFECT):
        raise ActionError("error", f"the adapter is still not {'on' if on else 'off'}")


def _radio(name: str) -> tuple[Argv, Argv, Argv]:
    power = ("networksetup", "-setairportpower", name)
    return ("networksetup", "-getairportpower", name), (*power, "off"), (*power, "on")


def _is_radio(machine: LocalMachine, name: str) -> bool:
    ports = parse_ports(run(machine, ("networksetup", "-listallhardwareports"), PATIENCE))
    return kind_of(name, ports.get(name)).type == "wifi"


def _is_up(machine: LocalMachine, name: str) -> bool:
    adapter = parse_ifconfig(run(machine, ("ifconfig", name), PATIENCE)).get(name)
    return adapter is not None and adapter.up


def _address(machine: LocalMachine, name: str) -> bool:
    told = machine.run(("ipconfig", "getifaddr", name), PATIENCE).out.strip()
    try:
        return not ipaddress.IPv4Address(told).is_link_local
    except ValueError:
        return False


def _name_servers(machine: LocalMachine) -> list[str]:
    return parse_dns(run(machine, ("scutil", "--dns"), PATIENCE))
