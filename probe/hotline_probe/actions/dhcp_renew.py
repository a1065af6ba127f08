"""dhcp.renew: asks the router for an address anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hotline_probe.actions.base import Performed, final, wait_until
from hotline_probe.actions.commands import Argv, run, run_first
from hotline_probe.actions.interface_enable import check_name
from hotline_probe.errors import ActionError
from hotline_probe.machine import LocalMachine

# A client asks for up to a minute before it gives up (dhclient.conf(5), "timeout"); the caller is waiting.
_PATIENCE = 45.0
_TAKES_EFFECT = 10.0


class DhcpRenew:
    """Renews the lease of a network adapter."""

    name = "dhcp.renew"

    def perform(self, machine: LocalMachine, parameters: Mapping[str, str]) -> Performed:
        """Have whoever looks after the adapter renew, and make sure that it has an address then."""
        name = check_name(parameters["interface"], machine.system)
        if machine.system == "macos":
            from hotline_probe.actions.macos.network import renew_lease  # noqa: PLC0415 - not needed elsewhere

            return renew_lease(machine, name)
        program = run_first(machine, renewing(machine.system, name), _PATIENCE)
        if machine.system == "linux" and not wait_until(lambda: _has_address(machine, name), _TAKES_EFFECT):
            raise ActionError("error", f"{name} has still no address")
        return Performed(f"{program} has asked for an address for {name}", final, undoable=False)


def renewing(system: str, name: str) -> Sequence[Argv]:
    """Return the programs that renew a lease: networkctl(1), nmcli(1), dhcpcd(8), dhclient(8), ipconfig."""
    match system:
        case "windows":
            return (("ipconfig", "/renew", name),)
        case _:
            return (
                ("networkctl", "renew", name),
                ("nmcli", "device", "reapply", name),
                ("dhcpcd", "--rebind", name),
                ("dhclient", "-1", name),
            )


def _has_address(machine: LocalMachine, name: str) -> bool:
    return "inet " in run(machine, ("ip", "-4", "address", "show", "dev", name), _TAKES_EFFECT)
