"""Addresses of this computer."""

from __future__ import annotations

import ipaddress
import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

from hotline_proto.facts import Fact, UnknownReason

from hotline_probe.errors import MissingTool, SourceError, SourceFailed
from hotline_probe.machine import Machine, monotonic
from hotline_probe.source import Context
from hotline_probe.sources.adapters import NET, AdapterKinds
from hotline_probe.sources.netportable import HeldAddress, held_addresses

MAX_ADDRESSES = 128
_TIMEOUT = 1.5
_ARGV = ("ip", "-j", "addr", "show")
# What the kernel shows in files tells when ip(8) would say something new; it is asked this often anyway.
ASK_EVERY = 10.0
_TABLES = ("/proc/net/fib_trie", "/proc/net/if_inet6")
_MAX_TABLE = 256 * 1024
_IF_INET6 = re.compile(
    r"^([0-9a-f]{32}) [0-9a-f]{2,8} [0-9a-f]{2} [0-9a-f]{2} ([0-9a-f]{2,4}) +(\S+)$", re.MULTILINE
)
# Flags of linux/if_addr.h.
_DAD_FAILED, _TENTATIVE = 0x08, 0x40


def parse_ip_addr(text: str) -> list[HeldAddress]:
    """Return the addresses in the output of `ip -j addr` (ip-address(8)); odd entries are left out.

    >>> flags, info = '["UP","LOWER_UP"]', '{"family":"inet","local":"192.0.2.2","prefixlen":24}'
    >>> parse_ip_addr(f'[{{"ifname":"eth0","flags":{flags},"addr_info":[{info}]}}]')[0].prefix_length
    24

    Raises:
        SourceFailed: it is not such a list.
    """
    try:
        links = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SourceFailed("ip addr did not print JSON") from error
    if not isinstance(links, list):
        raise SourceFailed("ip addr did not print a list")
    found: list[HeldAddress] = []
    for link in links:
        if not isinstance(link, dict) or not isinstance(link.get("ifname"), str):
            continue
        flags, infos = link.get("flags"), link.get("addr_info")
        connected = isinstance(flags, list) and "LOWER_UP" in flags
        for info in infos if isinstance(infos, list) else []:
            held = _held(link["ifname"], info, connected)
            if held is not None:
                found.append(held)
    return found


def parse_if_inet6(text: str) -> dict[tuple[str, ipaddress.IPv4Address | ipaddress.IPv6Address], int]:
    """Return the flags of each address in /proc/net/if_inet6, by adapter and address.

    >>> parse_if_inet6("fe80000000000000000000000000000a 02 40 20 08     eth0")
    {('eth0', IPv6Address('fe80::a')): 8}
    """
    return {
        (name, ipaddress.IPv6Address(bytes.fromhex(address))): int(flags, 16)
        for address, flags, name in _IF_INET6.findall(text)
    }


def scope_of(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> str:
    """Return the reach of an address: global, private, link_local or loopback.

    Private are all that the internet does not route (IANA special-purpose registries), carriers' shared
    addresses 100.64.0.0/10 (RFC 6598) and IPv6's unique local ones (RFC 4193) among them.
    """
    if address.is_loopback:
        return "loopback"
    if address.is_link_local:
        return "link_local"
    return "global" if address.is_global else "private"


class Addresses:
    """Asks ip(8), on macOS ifconfig(8), or PowerShell; psutil elsewhere and where these are missing."""

    name = "addresses"

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._kinds = AdapterKinds()
        self._asked = -ASK_EVERY
        self._signs: tuple[str, ...] = ()
        self._held: list[HeldAddress] = []

    def read(self, context: Context) -> Iterator[Fact]:
        """Yield each address; keys are adapter, family, reach and number, not the address itself.

        Raises:
            SourceError: ip(8) or ifconfig(8) prints nonsense.
        """
        machine = context.machine
        held, whole = self._all(machine)
        outside = [item for item in held if not item.value.is_loopback]
        # Nothing can be sent from an address that is not confirmed yet or that somebody else holds.
        usable = [item for item in outside if not item.value.is_link_local and not item.tentative]
        yield Fact("net.ip.v4", any(item.value.version == 4 for item in usable))
        yield Fact("net.ip.v6", any(item.value.version == 6 for item in usable))
        self_assigned = self._self_assigned(machine, outside) if whole else UnknownReason.UNSUPPORTED
        yield Fact("net.ip.self_assigned_only", self_assigned)
        counted: Counter[str] = Counter()
        for item in held[:MAX_ADDRESSES]:
            family, scope = f"v{item.value.version}", scope_of(item.value)
            kind = f"{item.interface}/{family}-{scope}"
            key = f"{kind}/{counted[kind]}"
            counted[kind] += 1
            yield Fact("net.address.interface", item.interface, key)
            yield Fact("net.address.family", family, key)
            yield Fact("net.address.scope", scope, key)
            yield Fact("net.address.prefix_length", item.prefix_length, key)
            yield Fact("net.address.value", str(item.value), key)
            if machine.system in {"linux", "windows", "macos"}:
                tentative = UnknownReason.MISSING_TOOL if item.tentative is None else item.tentative
                yield Fact("net.address.tentative", tentative, key)
                duplicate = UnknownReason.MISSING_TOOL if item.duplicate is None else item.duplicate
                yield Fact("net.address.duplicate", duplicate, key)

    def _all(self, machine: Machine) -> tuple[list[HeldAddress], bool]:
        """Return the addresses, and whether the kinds of the adapters are known as well."""
        if machine.system in {"linux", "macos"}:
            return self._read(machine), True
        if machine.system == "windows":
            from hotline_probe.sources.windows.network import network  # noqa: PLC0415 - not on Linux

            try:
                return network(machine).addresses, True
            except SourceError:
                return held_addresses(), False
        return held_addresses(), False

    def _read(self, machine: Machine) -> list[HeldAddress]:
        if machine.system == "macos":
            from hotline_probe.sources.macos import ifconfig  # noqa: PLC0415 - it imports what this module does

            return [held for one in ifconfig.adapters(machine).values() for held in one.addresses]
        now, signs = self._clock(), _signs(machine)
        if not signs or signs != self._signs or not 0 <= now - self._asked < ASK_EVERY:
            self._held = _ask(machine)
            self._asked, self._signs = now, signs
        return self._held

    def _self_assigned(self, machine: Machine, held: Iterable[HeldAddress]) -> bool:
        by_interface: dict[str, list[HeldAddress]] = defaultdict(list)
        for item in held:
            by_interface[item.interface].append(item)
        return any(
            _only_self_assigned(items) and items[0].connected and self._physical(machine, name)
            for name, items in by_interface.items()
        )

    def _physical(self, machine: Machine, name: str) -> bool:
        try:
            return self._kinds.of(machine, name).physical
        except SourceError:
            return False


def _only_self_assigned(items: Iterable[HeldAddress]) -> bool:
    """An IPv6 address of the link alone is always there; one of a wider reach is a real one."""
    v4 = [item for item in items if item.value.version == 4]
    return bool(v4) and all(item.value.is_link_local for item in items)


def _signs(machine: Machine) -> tuple[str, ...]:
    """Return what changes with the addresses and with the link of any adapter, nothing if that is hidden."""
    try:
        names = machine.names(NET)
        tables = [machine.read(_TABLES[0])]
    except SourceError:
        return ()
    if len(tables[0]) > _MAX_TABLE:
        return ()
    for path in (_TABLES[1], *(f"{NET}/{name}/carrier" for name in names[:MAX_ADDRESSES])):
        try:
            tables.append(machine.read(path))
        except SourceError:  # no IPv6, or an adapter that is switched off
            tables.append("")
    return (*names, *tables)


def _ask(machine: Machine) -> list[HeldAddress]:
    try:
        result = machine.run(_ARGV, _TIMEOUT)
        # Busybox has an ip(8) that does not know -j.
        if result.code == 0:
            return parse_ip_addr(result.out)
    except MissingTool:
        pass
    try:
        marks = parse_if_inet6(machine.read(_TABLES[1]))
    except SourceError:  # no IPv6
        marks = {}
    return [_marked(item, marks.get((item.interface, item.value))) for item in held_addresses()]


def _marked(item: HeldAddress, mark: int | None) -> HeldAddress:
    if mark is None:
        return item
    duplicate = bool(mark & _DAD_FAILED)
    return replace(item, tentative=duplicate or bool(mark & _TENTATIVE), duplicate=duplicate)


def _held(interface: str, info: Any, connected: bool) -> HeldAddress | None:
    if not isinstance(info, dict) or not isinstance(info.get("local"), str):
        return None
    try:
        value = ipaddress.ip_address(info["local"])
    except ValueError:
        return None
    length = info.get("prefixlen")
    if isinstance(length, bool) or not isinstance(length, int) or not 0 <= length <= value.max_prefixlen:
        return None
    duplicate = info.get("dadfailed") is True
    tentative = info.get("tentative") is True or duplicate
    return HeldAddress(interface, value, length, tentative, connected, duplicate)
