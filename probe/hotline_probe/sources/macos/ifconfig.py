"""Parsers of ifconfig(8), networksetup(8) and `netstat -i`: which adapters a Mac has, and how they are."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field

from hotline_probe.errors import SourceFailed
from hotline_probe.machine import Machine
from hotline_probe.sources.adapters import AdapterKind
from hotline_probe.sources.macos.commands import ask
from hotline_probe.sources.netportable import HeldAddress

MAX_ADAPTERS = 256
TIMEOUT = 1.5
_HEAD = re.compile(r"^(\S{1,16}): flags=[0-9a-f]{1,8}<([A-Z0-9_,]*)>.* mtu (\d{1,6})", re.ASCII)
_INET = re.compile(r"inet ([0-9.]{7,15})(?: --> \S+)? netmask 0x([0-9a-f]{8})", re.ASCII)
_INET6 = re.compile(r"inet6 ([0-9a-f:.]{2,45})(?:%\S+)?(?: --> \S+)? prefixlen (\d{1,3})(.*)", re.ASCII)
_SPEED = re.compile(r"\((\d{1,5})(G?)base", re.ASCII | re.IGNORECASE)
# Whatever the language: name of the port, its device, and one line more.
_PORT = re.compile(r"^[^:\n]{1,64}: (.{1,128})\n[^:\n]{1,64}: ([a-z]{1,12}\d{1,5})$", re.MULTILINE)
_COUNTERS = re.compile(
    r"^(\S+?)\*? +\d+ +<Link#\d+>(?: +[0-9a-f:.]+)??((?: +(?:\d{1,20}|-)){7,8}) *$", re.MULTILINE
)
# What Apple calls the radio; German systems call it WLAN.
_WIFI = frozenset({"Wi-Fi", "WLAN", "AirPort"})
_BY_NAME = {
    "lo": "loopback",
    "utun": "vpn",
    "ipsec": "vpn",
    "ppp": "vpn",
    "tun": "vpn",
    "tap": "vpn",
    "bridge": "bridge",
    "pdp_ip": "wwan",
    "awdl": "virtual",  # AirDrop, and below it low-latency Wi-Fi
    "llw": "virtual",
    "ap": "virtual",
    "anpi": "virtual",
    "p2p": "virtual",
    "vlan": "virtual",
    "bond": "virtual",
    "feth": "virtual",
    "vmenet": "virtual",
    "vmnet": "virtual",
    "vnic": "virtual",
}


@dataclass(slots=True)
class Adapter:
    """One adapter of `ifconfig -a`; `speed` in bit/s and `duplex` as far as they are told."""

    name: str
    up: bool
    carrier: bool
    mtu: int
    speed: float | None = None
    full_duplex: bool | None = None
    addresses: list[HeldAddress] = field(default_factory=list)


def parse_ifconfig(text: str) -> dict[str, Adapter]:
    r"""Return the adapters of `ifconfig -a` by name.

    >>> text = "en0: flags=8863<UP,RUNNING> mtu 1500\n\tinet 192.0.2.2 netmask 0xffffff00\n\tstatus: active\n"
    >>> found = parse_ifconfig(text)["en0"]
    >>> found.carrier, found.addresses[0].prefix_length
    (True, 24)
    """
    found: dict[str, Adapter] = {}
    block: list[str] = []
    for line in [*text.splitlines(), "end: "]:
        if line[:1].strip():
            adapter = _adapter(block)
            if adapter is not None and len(found) < MAX_ADAPTERS:
                found[adapter.name] = adapter
            block = []
        block.append(line)
    return found


def parse_ports(text: str) -> dict[str, str]:
    r"""Return the names of the hardware ports by adapter, from `networksetup -listallhardwareports`.

    >>> parse_ports("\nHardware Port: WLAN\nDevice: en0\nEthernet Address: 02:fc:00:00:00:05\n")
    {'en0': 'WLAN'}
    """
    return {device: name for name, device in _PORT.findall(text)[:MAX_ADAPTERS]}


def parse_counters(text: str) -> dict[str, tuple[int, int, int, int, int, int, int]]:
    """Return by adapter what `netstat -ibdn` counted.

    Packets, errors and bytes received, packets, errors and bytes sent, and packets dropped.

    >>> parse_counters("en0   1500  <Link#12>   02:fc:0:0:0:5   900 1 80000 700 2 60000 0 3")
    {'en0': (900, 1, 80000, 700, 2, 60000, 3)}
    """
    found = {}
    for name, numbers in _COUNTERS.findall(text)[:MAX_ADAPTERS]:
        n = [int(number) if number.isdigit() else 0 for number in numbers.split()]
        found[name] = (n[0], n[1], n[2], n[3], n[4], n[5], n[7] if len(n) == 8 else 0)
    return found


def kind_of(name: str, port: str | None) -> AdapterKind:
    """Return the kind of an adapter by its name and that of its hardware port, None without one.

    >>> kind_of("en0", "WLAN"), kind_of("utun3", None)
    (AdapterKind(type='wifi', physical=True), AdapterKind(type='vpn', physical=False))
    """
    known = _BY_NAME.get(name.rstrip("0123456789"))
    if known is not None:
        return AdapterKind(known, False)
    if port is None:
        return AdapterKind("other", False)
    if port in _WIFI:
        return AdapterKind("wifi", True)
    if port.startswith(("iPhone", "iPad")):
        return AdapterKind("wwan", True)
    return AdapterKind("other" if port.startswith("Bluetooth") else "ethernet", True)


def adapters(machine: Machine) -> dict[str, Adapter]:
    """Return the adapters of a Mac by name.

    Raises:
        SourceError: ifconfig is missing or goes wrong.
    """
    found = parse_ifconfig(ask(machine, ("ifconfig", "-a"), TIMEOUT))
    if not found:
        raise SourceFailed("ifconfig lists no adapters")
    return found


def ports(machine: Machine) -> dict[str, str]:
    """Return the names of the hardware ports by adapter; raises like `ask`."""
    return parse_ports(ask(machine, ("networksetup", "-listallhardwareports"), 2 * TIMEOUT))


def _adapter(block: list[str]) -> Adapter | None:
    head = _HEAD.match(block[0]) if block else None
    if head is None:
        return None
    flags = head[2].split(",")
    lines = [line.strip() for line in block[1:]]
    status = next((line[8:] for line in lines if line.startswith("status: ")), None)
    media = next((line for line in lines if line.startswith("media: ")), "")
    up = "UP" in flags
    # Tunnels and the like have no status.
    carrier = up and (status == "active" if status is not None else "RUNNING" in flags)
    adapter = Adapter(head[1], up, carrier, int(head[3]), _speed(media), _duplex(media))
    held = (_held(adapter, line) for line in lines[:MAX_ADAPTERS])
    adapter.addresses = [address for address in held if address is not None]
    return adapter


def _speed(media: str) -> float | None:
    match = _SPEED.search(media)
    return float(match[1]) * (1e9 if match[2] else 1e6) if match else None


def _duplex(media: str) -> bool | None:
    return True if "<full-duplex" in media else False if "<half-duplex" in media else None


def _held(adapter: Adapter, line: str) -> HeldAddress | None:
    v4, v6 = _INET.match(line), _INET6.match(line)
    duplicate = False
    try:
        if v4:
            length = int(v4[2], 16).bit_count()
            address: ipaddress.IPv4Address | ipaddress.IPv6Address = ipaddress.IPv4Address(v4[1])
            tentative = False
        elif v6:
            length, address = int(v6[2]), ipaddress.IPv6Address(v6[1])
            duplicate = "duplicated" in v6[3].split()
            tentative = duplicate or "tentative" in v6[3].split()
        else:
            return None
    except ValueError:
        return None
    if length > address.max_prefixlen:
        return None
    return HeldAddress(adapter.name, address, length, tentative, adapter.carrier, duplicate)
