"""Network adapters: kind, state, speed and traffic."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hotline_proto.facts import Fact, UnknownReason

from hotline_probe.errors import SourceError, Unsupported
from hotline_probe.machine import Machine
from hotline_probe.source import Context
from hotline_probe.sources import netportable
from hotline_probe.sources.adapters import NET, AdapterKinds, parse_number
from hotline_probe.sources.basics import Sampler, reason, share, unknown, uptime
from hotline_probe.sources.routetables import read_routes, way_out

if TYPE_CHECKING:
    from hotline_probe.sources.macos.adapters import MacInterfaces
    from hotline_probe.sources.windows.interfaces import WindowsInterfaces

# A host of containers has hundreds of adapters; those with hardware come first.
MAX_INTERFACES = 64
# Below so many packets a share of broken ones says nothing.
MIN_PACKETS = 100
RATES = ("net.interface.rx_rate", "net.interface.tx_rate", "net.interface.packet_rate")
RATIOS = ("net.interface.error_ratio", "net.interface.drop_ratio")
_IFF_UP = 0x1
# Drivers say -1 for "unknown", some as an unsigned number; 10 Tbit/s is beyond any link.
_MAX_MBIT = 10_000_000
_DEV = re.compile(r"^ *(\S+): *((?:\d{1,20} +){15}\d{1,20}) *$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Traffic:
    """Counters of an adapter since it was made; all but the bytes for both directions together."""

    received: int
    sent: int
    packets: int
    errors: int
    drops: int


def parse_dev(text: str) -> dict[str, Traffic]:
    """Return the counters of /proc/net/dev by adapter (proc_net_dev in proc_pid_net(5)).

    >>> parse_dev("  eth0:  900 12 1 2 0 0 0 0   400 8 0 1 0 0 0 0")
    {'eth0': Traffic(received=900, sent=400, packets=20, errors=1, drops=3)}
    """
    found = {}
    for name, numbers in _DEV.findall(text):
        n = [int(number) for number in numbers.split()]
        found[name] = Traffic(n[0], n[8], n[1] + n[9], n[2] + n[10], n[3] + n[11])
    return found


def traffic_facts(key: str, now: Traffic | None, before: Traffic | None, elapsed: float) -> Iterator[Fact]:
    """Yield rates and shares of an adapter between two readings of its counters."""
    if now is None:
        yield from unknown((*RATES, *RATIOS), UnknownReason.NOT_COLLECTED, key)
        return
    if before is None or elapsed <= 0 or now.packets < before.packets or now.received < before.received:
        yield from unknown((*RATES, *RATIOS), UnknownReason.PENDING, key)
        return
    packets = now.packets - before.packets
    yield Fact("net.interface.rx_rate", (now.received - before.received) / elapsed, key)
    yield Fact("net.interface.tx_rate", max(now.sent - before.sent, 0) / elapsed, key)
    yield Fact("net.interface.packet_rate", packets / elapsed, key)
    bad = (max(now.errors - before.errors, 0), max(now.drops - before.drops, 0))
    for name, count in zip(RATIOS, bad, strict=True):
        enough = packets + count >= MIN_PACKETS
        yield Fact(name, share(count, packets + count) if enough else UnknownReason.PENDING, key)


class Interfaces:
    """Reads /sys/class/net and /proc/net/dev; asks PowerShell, or macOS's own commands; else psutil."""

    name = "interfaces"

    def __init__(self) -> None:
        self._kinds = AdapterKinds()
        self._samples = Sampler[dict[str, Traffic]]()
        self._portable = netportable.InterfaceClock()
        self._windows: WindowsInterfaces | None = None
        self._macos: MacInterfaces | None = None

    def read(self, context: Context) -> Iterator[Fact]:
        """Yield the state of each adapter, and rates from the second run on.

        Raises:
            SourceError: /sys/class/net cannot be read.
        """
        if context.machine.system == "macos":
            yield from self._on_macos().facts(context.machine)
            return
        machine = context.machine
        if machine.system != "linux":
            yield from self._elsewhere(machine)
            return
        kinds = self._kinds.all(machine)
        states = {name: link_state(machine, name) for name in kinds}
        yield Fact("net.interfaces.physical", sum(kind.physical for kind in kinds.values()))
        connected = sum(kind.physical and states[name][1] for name, kind in kinds.items())
        yield Fact("net.interfaces.connected", connected)
        used = in_use(machine)
        traffic, before, elapsed = self._traffic(machine)
        shown = sorted(kinds, key=lambda name: (name != used, not kinds[name].physical))[:MAX_INTERFACES]
        for name in shown:
            admin_up, carrier = states[name]
            yield Fact("net.interface.type", kinds[name].type, name)
            yield Fact("net.interface.physical", kinds[name].physical, name)
            yield Fact("net.interface.admin_up", admin_up, name)
            yield Fact("net.interface.carrier", carrier, name)
            yield Fact("net.interface.in_use", used == name, name)
            yield from _link_facts(machine, name, carrier)
            yield from traffic_facts(name, traffic.get(name), before.get(name), elapsed)

    def _elsewhere(self, machine: Machine) -> Iterator[Fact]:
        if machine.system == "windows":
            from hotline_probe.sources.windows.interfaces import WindowsInterfaces  # noqa: PLC0415 - imports us

            self._windows = self._windows or WindowsInterfaces()
            try:
                yield from list(self._windows.facts(machine))
            except SourceError:
                pass
            else:
                return
        yield from self._portable.facts()

    def _on_macos(self) -> MacInterfaces:
        from hotline_probe.sources.macos.adapters import MacInterfaces  # noqa: PLC0415 - it imports this module

        self._macos = self._macos or MacInterfaces()
        return self._macos

    def _traffic(self, machine: Machine) -> tuple[dict[str, Traffic], dict[str, Traffic], float]:
        try:
            now = parse_dev(machine.read("/proc/net/dev"))
            elapsed, before = self._samples.since(uptime(machine), now) or (0.0, {})
        except SourceError:
            return {}, {}, 0.0
        return now, before, elapsed


def link_state(machine: Machine, name: str) -> tuple[bool, bool]:
    """Return whether an adapter is switched on, and whether it has a signal."""
    try:
        flags = parse_number(machine.read(f"{NET}/{name}/flags"), 16) or 0
        if not flags & _IFF_UP:
            return False, False
        # The kernel answers EINVAL when it is switched off between the two readings.
        return True, machine.read(f"{NET}/{name}/carrier").strip() == "1"
    except SourceError:
        return False, False


def _link_facts(machine: Machine, name: str, carrier: bool) -> Iterator[Fact]:
    folder = f"{NET}/{name}"
    speed = _number(machine, f"{folder}/speed") if carrier else UnknownReason.UNSUPPORTED
    known = isinstance(speed, int) and not isinstance(speed, UnknownReason) and 0 < speed <= _MAX_MBIT
    yield Fact("net.interface.speed", speed * 1e6 if known else UnknownReason.UNSUPPORTED, name)
    try:
        duplex = machine.read(f"{folder}/duplex").strip() if carrier else ""
    except SourceError:
        duplex = ""
    full = duplex == "full" if duplex in {"full", "half"} else UnknownReason.UNSUPPORTED
    yield Fact("net.interface.full_duplex", full, name)
    mtu = _number(machine, f"{folder}/mtu")
    yield Fact("net.interface.mtu", mtu if isinstance(mtu, UnknownReason) else float(mtu), name)
    yield Fact("net.interface.carrier_changes", _number(machine, f"{folder}/carrier_changes"), name)


def _number(machine: Machine, path: str) -> int | UnknownReason:
    try:
        number = parse_number(machine.read(path))
    except Unsupported:
        return UnknownReason.UNSUPPORTED
    except SourceError as error:
        return reason(error)
    return UnknownReason.UNSUPPORTED if number is None else number


def in_use(machine: Machine) -> str:
    """Return the adapter that carries the way out, empty without one."""
    try:
        route = way_out(*read_routes(machine))
    except SourceError:
        return ""
    return route.interface if route else ""
