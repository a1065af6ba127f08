"""What stands in the way of a computer whose tunnel has ended: its name servers and its firewall."""

from __future__ import annotations

import contextlib
import errno
import socket
from collections.abc import Collection

from hotline_probe.errors import SourceError
from hotline_probe.machine import Machine
from hotline_probe.sources.basics import exists, names_in, text_of
from hotline_probe.sources.tunnels import FAR

# Programs whose presence says that this computer uses tunnels.
_CLIENTS = frozenset(
    "expressvpn globalprotect mullvad nordvpn openconnect openfortivpn openvpn openvpn3 piactl protonvpn "
    "protonvpn-app protonvpn-cli snx surfshark-vpn tailscale vpnc wg-quick windscribe-cli".split()
)
_FOLDERS = ("/usr/bin", "/usr/sbin", "/usr/local/bin")
_MORE_CLIENTS = ("/opt/cisco", "/opt/forticlient", "/opt/fortinet")
# What programs leave beside the resolv.conf that they replaced, until they put it back.
_BACKUPS = ("resolv.conf.mullvadbackup", "resolv.conf.vpnbackup")
_VPNC_MARK = "#@VPNC_GENERATED@"
# Where resolvconf(8) and openresolv keep what each adapter brought along.
_RECORDS = ("/run/resolvconf/interface", "/run/resolvconf/interfaces")
# tun0.openvpn, tun.wg0
_TUNNEL_NAMES = ("tun", "tap", "wg", "ppp", "ipsec", "vpn")
# Packets to the port of encrypted pages are what a computer sends first of all.
_PORT = 443


def client_installed(machine: Machine) -> bool:
    """Tell whether a program for tunnels is installed."""
    found: set[str] = set()
    for folder in _FOLDERS:
        with contextlib.suppress(SourceError):
            found |= _CLIENTS & set(machine.names(folder))
    return bool(found) or any(exists(machine, path) for path in _MORE_CLIENTS)


def resolver_left(machine: Machine, adapters: Collection[str]) -> bool:
    """Tell whether the name servers are still those that a tunnel's program wrote down."""
    if _VPNC_MARK in text_of(machine, "/etc/resolv.conf"):
        return True
    if any(exists(machine, f"/etc/{name}") for name in _BACKUPS):
        return True
    return any(_orphan(name, adapters) for folder in _RECORDS for name in names_in(machine, folder))


def _orphan(record: str, adapters: Collection[str]) -> bool:
    """Tell whether a record of resolvconf (tun0.openvpn, tun.wg0) belongs to a tunnel that is gone."""
    parts = record.split(".")
    tunnel = any(part.startswith(_TUNNEL_NAMES) for part in parts)
    return tunnel and not set(parts) & set(adapters)


def output_blocked() -> bool:
    """Tell whether this computer itself refuses packets to the internet.

    One empty packet of each family is sent, whose lifetime ends at the first router. Without a way to the
    internet there is nothing to refuse.
    """
    outcomes = [_refused(version, address) for version, address in FAR.items()]
    known = [outcome for outcome in outcomes if outcome is not None]
    return bool(known) and all(known)


def _refused(version: int, address: str) -> bool | None:
    family = socket.AF_INET if version == 4 else socket.AF_INET6
    option = (
        (socket.IPPROTO_IP, socket.IP_TTL)
        if version == 4
        else (socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS)
    )
    try:
        channel = socket.socket(family, socket.SOCK_DGRAM)
    except OSError:
        return None
    with channel:
        channel.settimeout(0.0)
        try:
            channel.setsockopt(*option, 1)
            channel.connect((address, _PORT))
            channel.send(b"")
        except OSError as error:
            # EPERM: a firewall; EACCES and EINVAL: routes of the types prohibit and blackhole (ip-route(8)).
            return True if error.errno in (errno.EPERM, errno.EACCES, errno.EINVAL) else None
        return False
