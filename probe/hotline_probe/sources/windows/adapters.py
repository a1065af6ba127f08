"""Network adapters of Windows: the class MSFT_NetAdapter behind Get-NetAdapter."""

from __future__ import annotations

from dataclasses import dataclass

from hotline_probe.sources.adapters import AdapterKind
from hotline_probe.sources.windows.shell import Row, flag, integer, number, text

ADAPTER = (
    "InterfaceIndex,Name,InterfaceType,NdisPhysicalMedium,HardwareInterface,Virtual,Hidden,"
    "InterfaceAdminStatus,InterfaceOperationalStatus,MediaConnectState,ReceiveLinkSpeed,TransmitLinkSpeed,"
    "FullDuplex,MediaDuplexState,MtuSize,InterfaceDescription"
)
# ifType of the IANA: software loopback, tunnel, PPP, IEEE 802.11, mobile networks, Ethernet.
_LOOPBACK, _TUNNEL, _PPP, _WIFI, _WWAN, _ETHERNET = 24, 131, 23, 71, {243, 244}, 6
# NDIS_PHYSICAL_MEDIUM of ntddndis.h: wireless LAN, wireless WAN, native 802.11.
_MEDIUM_WIFI, _MEDIUM_WWAN = {1, 9}, {8}
# Who makes virtual adapters of a kind that no number tells.
_TUNNEL_WORDS = ("tap-windows", "wintun", "wireguard", "openvpn", "vpn", "anyconnect", "fortinet", "pangp")
# NET_IF_ADMIN_STATUS, NET_IF_MEDIA_CONNECT_STATE and NET_IF_MEDIA_DUPLEX_STATE of ifdef.h.
_UP, _CONNECTED, _DISCONNECTED = 1, 1, 2
_HALF, _FULL = 1, 2
# NDIS says "unknown" with the largest numbers; 10 Tbit/s is beyond any link.
_MAX_SPEED = 10**13


@dataclass(frozen=True, slots=True)
class Adapter:
    """A network adapter; what Windows does not tell is None."""

    name: str
    kind: AdapterKind
    admin_up: bool
    carrier: bool
    speed: float | None
    full_duplex: bool | None
    mtu: float | None


def parse_adapter(row: Row) -> Adapter | None:
    """Return an adapter that the caller can see in the settings, None for the others."""
    name = text(row, "Name")
    if not name or flag(row, "Hidden"):
        return None
    admin_up = integer(row, "InterfaceAdminStatus") == _UP
    state = integer(row, "MediaConnectState")
    # Tunnels and some virtual adapters have no cable, only a state.
    up = integer(row, "InterfaceOperationalStatus") == _UP
    carrier = admin_up and (state == _CONNECTED or (state != _DISCONNECTED and up))
    speed = number(row, "ReceiveLinkSpeed") or number(row, "TransmitLinkSpeed")
    duplex = integer(row, "MediaDuplexState")
    full = duplex == _FULL if duplex in {_HALF, _FULL} else flag(row, "FullDuplex")
    return Adapter(
        name,
        _kind(row),
        admin_up,
        carrier,
        speed if carrier and speed is not None and 0 < speed <= _MAX_SPEED else None,
        full if carrier else None,
        number(row, "MtuSize"),
    )


def _kind(row: Row) -> AdapterKind:
    kind, medium = integer(row, "InterfaceType"), integer(row, "NdisPhysicalMedium")
    hardware = flag(row, "HardwareInterface") is True and flag(row, "Virtual") is not True
    words = text(row, "InterfaceDescription").lower()
    if kind == _LOOPBACK:
        return AdapterKind("loopback", False)
    if kind == _WIFI or medium in _MEDIUM_WIFI:
        return AdapterKind("wifi", hardware)
    if kind in _WWAN or medium in _MEDIUM_WWAN:
        return AdapterKind("wwan", hardware)
    if kind in {_TUNNEL, _PPP} or (not hardware and any(word in words for word in _TUNNEL_WORDS)):
        return AdapterKind("vpn", False)
    if kind == _ETHERNET:
        return AdapterKind("ethernet", True) if hardware else AdapterKind("virtual", False)
    return AdapterKind("other", hardware)
