"""dns.use_operator: asks a name server of the operator's list instead of one that does not answer."""

from __future__ import annotations

from collections.abc import Mapping

from hotline_probe.actions.base import Performed
from hotline_probe.actions.dns_use_gateway import replace_server
from hotline_probe.machine import LocalMachine


class DnsUseOperator:
    """Puts a name server that the operator has signed in the place of another."""

    name = "dns.use_operator"

    def perform(self, machine: LocalMachine, parameters: Mapping[str, str]) -> Performed:
        """Rewrite resolv.conf(5), or the system's own setting, and make sure that the server comes first."""
        if machine.system == "macos":
            from hotline_probe.actions.macos.network import (  # noqa: PLC0415 - not needed elsewhere
                use_server as use_server_on_a_mac,
            )

            return use_server_on_a_mac(machine, parameters["resolver"], parameters["server"])
        if machine.system == "windows":
            from hotline_probe.actions.windowsdns import use_server  # noqa: PLC0415 - not on Linux

            return use_server(machine, parameters["resolver"], parameters["server"])
        return replace_server(machine, parameters["resolver"], parameters["server"])
