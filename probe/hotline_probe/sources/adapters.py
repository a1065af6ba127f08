"""What kind of thing a network adapter is."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hotline_probe.errors import SourceError, Unsupported
from hotline_probe.machine import Machine
from hotline_probe.sources.basics import text_of

if TYPE_CHECKING:
    from hotline_probe.sources.macos.adapters import Ports

NET = "/sys/class/net"
# Hardware types of linux/if_arp.h: ppp, none (tun, WireGuard), IP in IP, IP6 in IP6, sit, GRE, GRE over IPv6.
_TUNNELS = {512, 65534, 768, 769, 776, 778, 823}
_ETHER, _LOOPBACK, _RAW_IP = 1, 772, 519
# Flag of linux/if_tun.h: carries Ethernet frames instead of IP packets.
_TAP = 0x2
# Flag of linux/if.h that dummy adapters have: they carry nothing anywhere.
_NOARP = 0x80
_MAX_KNOWN = 1024


@dataclass(frozen=True, slots=True)
class AdapterKind:
    """The catalogue's `net.interface.type`, and whether there is hardware behind it."""

    type: str
    physical: bool


class AdapterKinds:
    """Finds out the kind of each adapter once.

    A container has no hardware: one end of a virtual cable (veth(4)) is its network card, and counts as such.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], _Looked] = {}
        self._macos: Ports | None = None

    def of(self, machine: Machine, name: str) -> AdapterKind:
        """Return the kind of an adapter.

        Raises:
            SourceError: there is no such adapter, or it cannot be read.
        """
        if machine.system == "windows":
            kinds = self.all(machine)
            if name not in kinds:
                raise Unsupported(f"there is no adapter {name}")
            return kinds[name]
        if machine.system == "macos":
            kind = self._on_macos().kinds(machine).get(name)
            if kind is None:
                raise Unsupported(f"there is no adapter {name}")
            return kind
        looked = self._look(machine, name)
        return self.all(machine).get(name, looked.kind) if looked.cable else looked.kind

    def all(self, machine: Machine) -> dict[str, AdapterKind]:
        """Return the kinds of all adapters that can be read, by name.

        Raises:
            SourceError: the adapters cannot be listed.
        """
        if machine.system == "windows":
            from hotline_probe.sources.windows.network import network  # noqa: PLC0415 - imports this module

            return {name: adapter.kind for name, adapter in network(machine).adapters.items()}
        if machine.system == "macos":
            return self._on_macos().kinds(machine)
        found: dict[str, _Looked] = {}
        for name in machine.names(NET):
            try:
                found[name] = self._look(machine, name)
            except SourceError:  # it went away meanwhile, or is a file such as bonding_masters
                continue
        hardware = any(looked.kind.physical for looked in found.values())
        return {
            name: _CARD if looked.cable and not hardware else looked.kind for name, looked in found.items()
        }

    def _on_macos(self) -> Ports:
        from hotline_probe.sources.macos.adapters import Ports  # noqa: PLC0415 - it imports this module

        self._macos = self._macos or Ports()
        return self._macos

    def _look(self, machine: Machine, name: str) -> _Looked:
        place = machine.link(f"{NET}/{name}")
        looked = self._known.get((name, place))
        if looked is None:
            if len(self._known) >= _MAX_KNOWN:
                self._known.clear()
            looked = self._known[name, place] = _look(machine, name, place)
        return looked


def classify(
    hardware: int, entries: Collection[str], devtype: str, tun_flags: int, virtual: bool
) -> AdapterKind:
    """Return the kind of an adapter.

    `hardware` is its number in linux/if_arp.h, `entries` the names in its folder under /sys/class/net,
    `devtype` what its uevent file calls it, and `virtual` whether it lies under /sys/devices/virtual.

    >>> classify(1, {"device", "phy80211"}, "wlan", 0, False)
    AdapterKind(type='wifi', physical=True)
    """
    if hardware == _LOOPBACK:
        return AdapterKind("loopback", False)
    if {"wireless", "phy80211"} & set(entries) or devtype == "wlan":
        return AdapterKind("wifi", True)
    device = "device" in entries
    if devtype == "wwan" or (device and hardware == _RAW_IP):
        return AdapterKind("wwan", device)
    if "bridge" in entries or devtype == "bridge":
        return AdapterKind("bridge", False)
    if "tun_flags" in entries and tun_flags & _TAP and "brport" in entries:
        return AdapterKind("virtual", False)
    if devtype == "wireguard" or "tun_flags" in entries or hardware in _TUNNELS:
        return AdapterKind("vpn", device)
    if device:
        return AdapterKind("ethernet" if hardware == _ETHER else "other", True)
    return AdapterKind("virtual" if virtual else "other", False)


def parse_devtype(text: str) -> str:
    r"""Return DEVTYPE of an adapter's uevent file, empty without one.

    >>> parse_devtype("DEVTYPE=wlan\nINTERFACE=wlan0\nIFINDEX=3\n")
    'wlan'
    """
    return next((line[8:].strip() for line in text.splitlines() if line.startswith("DEVTYPE=")), "")


def parse_number(text: str, base: int = 10) -> int | None:
    r"""Return the whole number that a file of /sys holds, None if it holds none.

    >>> parse_number("1500\n"), parse_number("0x1003\n", 16), parse_number("unknown\n")
    (1500, 4099, None)
    """
    try:
        return int(text[:32], base) if text.isascii() else None
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class _Looked:
    """The kind of an adapter, and whether it is a virtual one that can stand in for a network card."""

    kind: AdapterKind
    cable: bool


_CARD = AdapterKind("ethernet", True)


def _look(machine: Machine, name: str, place: str) -> _Looked:
    folder = f"{NET}/{name}"
    entries = set(machine.names(folder))
    hardware = parse_number(machine.read(f"{folder}/type")) or 0
    devtype = parse_devtype(text_of(machine, f"{folder}/uevent"))
    tun_flags = parse_number(text_of(machine, f"{folder}/tun_flags"), 16) if "tun_flags" in entries else 0
    kind = classify(hardware, entries, devtype, tun_flags or 0, "/devices/virtual/" in place)
    # Ports of a bridge or bond and adapters on top of another one are part of something else.
    part = {"brport", "master"} & entries or any(entry.startswith("lower_") for entry in entries)
    if kind.type != "virtual" or hardware != _ETHER or devtype or part:
        return _Looked(kind, False)
    flags = parse_number(text_of(machine, f"{folder}/flags"), 16)
    return _Looked(kind, flags is not None and not flags & _NOARP)
