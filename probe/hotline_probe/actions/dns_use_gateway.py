"""dns.use_gateway: asks the router for names instead of a name server that does not answer."""

from __future__ import annotations

import ipaddress
import socket
import struct
from collections.abc import Mapping

from hotline_probe.actions.base import Performed
from hotline_probe.actions.textfile import TextFile
from hotline_probe.errors import ActionError
from hotline_probe.machine import LocalMachine

RESOLV_CONF = "/etc/resolv.conf"
# What these programs write into the file they look after.
_MANAGERS = (b"networkmanager", b"systemd-resolved", b"resolvconf", b"dhcpcd", b"connman", b"do not edit")
# linux/route.h
_RTF_UP, _RTF_GATEWAY = 1, 2


class DnsUseGateway:
    """Puts the router in the place of a name server."""

    name = "dns.use_gateway"

    def perform(self, machine: LocalMachine, parameters: Mapping[str, str]) -> Performed:
        """Rewrite resolv.conf(5) and make sure that the router stands first in it."""
        if machine.system == "windows":
            from hotline_probe.actions.windowsdns import use_gateway  # noqa: PLC0415 - not on Linux

            return use_gateway(machine, parameters["resolver"])
        if machine.system == "macos":
            from hotline_probe.actions.macos.network import (  # noqa: PLC0415 - not needed elsewhere
                use_gateway as use_gateway_on_a_mac,
            )

            return use_gateway_on_a_mac(machine, parameters["resolver"])
        return replace_server(machine, parameters["resolver"], default_gateway(machine))


def replace_server(machine: LocalMachine, resolver: str, server: str) -> Performed:
    """Put one name server in the place of another in resolv.conf(5).

    Raises:
        ActionError: another program looks after the file, or the server stands there already.
    """
    file = TextFile(machine, RESOLV_CONF)
    if any(manager in _comments(file.content).lower() for manager in _MANAGERS):
        raise ActionError("precondition", f"{RESOLV_CONF} is managed by another program")
    changed = use_instead(file.content, resolver, server)
    file.write(changed, lambda now: name_servers(now)[:1] == [server])
    return Performed(f"{server} is asked instead of {resolver}", file.restore)


def default_gateway(machine: LocalMachine) -> str:
    """Return the router's IPv4 address from /proc/net/route.

    Raises:
        ActionError: there is no way out.
    """
    best: tuple[int, str] | None = None
    for line in machine.read("/proc/net/route").splitlines()[1:]:
        fields = line.split()
        if len(fields) < 8 or fields[1] != "00000000" or fields[7] != "00000000":
            continue
        if int(fields[3], 16) & (_RTF_UP | _RTF_GATEWAY) != _RTF_UP | _RTF_GATEWAY:
            continue
        # The kernel prints the address as a number in the machine's own byte order.
        address = socket.inet_ntoa(struct.pack("=I", int(fields[2], 16)))
        best = min(best or (2**32, ""), (int(fields[6]), address))
    if best is None:
        raise ActionError("precondition", "there is no router to ask")
    return best[1]


def name_servers(content: bytes) -> list[str]:
    """Return the addresses of the name servers, in order."""
    return [address for line in content.splitlines() if (address := _server(line)) is not None]


def use_instead(content: bytes, resolver: str, gateway: str) -> bytes:
    """Return the file with the gateway first and without the resolver; all else stays.

    Raises:
        ActionError: the resolver is the gateway, or is not in the file.
    """
    old, new = _canonical(resolver), _canonical(gateway)
    if old == new:
        raise ActionError("precondition", "this name server is the router itself")
    if old not in [_canonical(server) for server in name_servers(content)]:
        raise ActionError("precondition", f"this name server is not in {RESOLV_CONF}")
    lines: list[bytes] = []
    placed = False
    for line in content.splitlines(keepends=True):
        server = _server(line)
        if server is not None and not placed:
            lines.append(f"nameserver {gateway}\n".encode())
            placed = True
        if server is None or _canonical(server) not in (old, new):
            lines.append(line)
    return b"".join(lines)


def _server(line: bytes) -> str | None:
    fields = line.decode("utf-8", "replace").split()
    return fields[1] if len(fields) >= 2 and fields[0] == "nameserver" else None


def _canonical(address: str) -> str:
    try:
        return str(ipaddress.ip_address(address))
    except ValueError:
        return address


def _comments(content: bytes) -> bytes:
    return b"\n".join(line for line in content.splitlines() if line.lstrip()[:1] in (b"#", b";"))
