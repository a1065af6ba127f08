"""Facts of the adapters of a Mac, and what kind each is."""

from __future__ import annotations

from collections.abc import Iterator

from hotline_proto.facts import Fact, FactValue, UnknownReason

from hotline_probe.errors import SourceError
from hotline_probe.machine import Machine, monotonic
from hotline_probe.sources.adapters import AdapterKind
from hotline_probe.sources.basics import Sampler
from hotline_probe.sources.interfaces import MAX_INTERFACES, Traffic, in_use, traffic_facts
from hotline_probe.sources.macos import ifconfig
from hotline_probe.sources.macos.commands import ask


class Ports:
    """Remembers the hardware ports for as long as the adapters are the same."""

    def __init__(self) -> None:
        self._names: frozenset[str] = frozenset()
        self._ports: dict[str, str] = {}

    def kinds(self, machine: Machine) -> dict[str, AdapterKind]:
        """Return the kind of each adapter.

        Raises:
            SourceError: the adapters cannot be listed.
        """
        names = frozenset(ifconfig.adapters(machine))
        if names != self._names:
            self._ports = ifconfig.ports(machine)
            self._names = names
        return {name: ifconfig.kind_of(name, self._ports.get(name)) for name in names}


class MacInterfaces:
    """Asks ifconfig(8), networksetup(8) and netstat(1); keeps the counters of the last run."""

    def __init__(self) -> None:
        self._ports = Ports()
        self._samples = Sampler[dict[str, Traffic]]()

    def facts(self, machine: Machine) -> Iterator[Fact]:
        """Yield the state of each adapter, and rates from the second run on.

        Raises:
            SourceError: the adapters cannot be listed.
        """
        kinds, adapters = self._ports.kinds(machine), ifconfig.adapters(machine)
        yield Fact("net.interfaces.physical", sum(kind.physical for kind in kinds.values()))
        connected = sum(kinds[name].physical and one.carrier for name, one in adapters.items())
        yield Fact("net.interfaces.connected", connected)
        used = in_use(machine)
        traffic, before, elapsed = self._traffic(machine)
        shown = sorted(adapters, key=lambda name: (name != used, not kinds[name].physical))[:MAX_INTERFACES]
        for name in shown:
            yield Fact("net.interface.type", kinds[name].type, name)
            yield Fact("net.interface.physical", kinds[name].physical, name)
            yield Fact("net.interface.in_use", used == name, name)
            yield from _link_facts(adapters[name])
            yield from traffic_facts(name, traffic.get(name), before.get(name), elapsed)

    def _traffic(self, machine: Machine) -> tuple[dict[str, Traffic], dict[str, Traffic], float]:
        try:
            told = ifconfig.parse_counters(ask(machine, ("netstat", "-ibdn"), ifconfig.TIMEOUT))
        except SourceError:
            return {}, {}, 0.0
        now = {name: Traffic(n[2], n[5], n[0] + n[3], n[1] + n[4], n[6]) for name, n in told.items()}
        elapsed, before = self._samples.since(monotonic(), now) or (0.0, {})
        return now, before, elapsed


def _link_facts(adapter: ifconfig.Adapter) -> Iterator[Fact]:
    speed: FactValue = UnknownReason.UNSUPPORTED
    duplex: FactValue = UnknownReason.UNSUPPORTED
    if adapter.carrier:
        speed = UnknownReason.UNSUPPORTED if adapter.speed is None else adapter.speed
        duplex = UnknownReason.UNSUPPORTED if adapter.full_duplex is None else adapter.full_duplex
    yield Fact("net.interface.admin_up", adapter.up, adapter.name)
    yield Fact("net.interface.carrier", adapter.carrier, adapter.name)
    yield Fact("net.interface.speed", speed, adapter.name)
    yield Fact("net.interface.full_duplex", duplex, adapter.name)
    yield Fact("net.interface.mtu", float(adapter.mtu), adapter.name)
