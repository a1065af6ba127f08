"""The network services of macOS: the settings of an adapter that networksetup(8) switches on and off."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

from hotline_probe.actions.commands import run
from hotline_probe.errors import ActionError
from hotline_probe.machine import LocalMachine

PATIENCE = 10.0
MAX_SERVICES = 64
# Whatever the language: number or asterisk and name, then port and device.
_SERVICE = re.compile(
    r"^\((\d{1,3}|\*)\) (.{1,128})\n\([^\n]{0,200}: ([a-z]{1,12}\d{1,5})\)$", re.MULTILINE | re.ASCII
)


@dataclass(frozen=True, slots=True)
class Service:
    """One network service: its name, which the user may choose, its adapter, and whether it is on."""

    name: str
    device: str
    enabled: bool


def parse_services(text: str) -> list[Service]:
    r"""Return the services of `networksetup -listnetworkserviceorder`, the first choice first.

    >>> parse_services("(*) Wi-Fi\n(Hardware Port: Wi-Fi, Device: en0)\n")
    [Service(name='Wi-Fi', device='en0', enabled=False)]
    """
    rows = _SERVICE.findall(text)[:MAX_SERVICES]
    # A name that looks like an option is no argument for a program.
    return [Service(name, device, mark != "*") for mark, name, device in rows if not name.startswith("-")]


def service_of(machine: LocalMachine, device: str) -> Service:
    """Return the service of an adapter.

    Raises:
        ActionError: it has none, as a tunnel, or networksetup goes wrong.
    """
    listed = parse_services(run(machine, ("networksetup", "-listnetworkserviceorder"), PATIENCE))
    found = next((service for service in listed if service.device == device), None)
    if found is None:
        raise ActionError("precondition", f"{device} has no network service")
    return found


def own_name_servers(machine: LocalMachine, service: Service) -> list[str]:
    """Return the name servers that were set by hand; none if they come from the router."""
    told = run(machine, ("networksetup", "-getdnsservers", service.name), PATIENCE)
    return [line.strip() for line in told.splitlines() if _is_address(line.strip())]


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
