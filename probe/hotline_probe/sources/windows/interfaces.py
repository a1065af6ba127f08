"""Network adapters of Windows as facts."""

from __future__ import annotations

from collections.abc import Iterator

from hotline_proto.facts import Fact, UnknownReason

from hotline_probe.machine import Machine, monotonic
from hotline_probe.sources.basics import Sampler
from hotline_probe.sources.interfaces import MAX_INTERFACES, Traffic, traffic_facts
from hotline_probe.sources.routetables import way_out
from hotline_probe.sources.windows.adapters import Adapter
from hotline_probe.sources.windows.network import network


class WindowsInterfaces:
    """Takes states from PowerShell and counters from psutil; keeps those of the last run."""

    def __init__(self) -> None:
        self._samples = Sampler[dict[str, Traffic]]()

    def facts(self, machine: Machine) -> Iterator[Fact]:
        """Yield the state of each adapter, and rates from the second run on.

        Raises:
            SourceError: PowerShell cannot tell.
        """
        found = network(machine)
        adapters, route = found.adapters, way_out(found.v4, found.v6)
        in_use = route.interface if route else ""
        traffic = _counters()
        elapsed, before = self._samples.since(monotonic(), traffic) or (0.0, {})
        physical = [adapter for adapter in adapters.values() if adapter.kind.physical]
        yield Fact("net.interfaces.physical", len(physical))
        yield Fact("net.interfaces.connected", sum(adapter.carrier for adapter in physical))
        shown = sorted(adapters, key=lambda name: (name != in_use, not adapters[name].kind.physical))
        for name in shown[:MAX_INTERFACES]:
            yield from _link_facts(adapters[name])
            yield Fact("net.interface.in_use", name == in_use, name)
            yield from traffic_facts(name, traffic.get(name), before.get(name), elapsed)


def _counters() -> dict[str, Traffic]:
    import psutil  # noqa: PLC0415 - costs memory, and Linux needs it nowhere

    return {
        name: Traffic(
            io.bytes_recv,
            io.bytes_sent,
            io.packets_recv + io.packets_sent,
            io.errin + io.errout,
            io.dropin + io.dropout,
        )
        for name, io in psutil.net_io_counters(pernic=True).items()
    }


def _link_facts(adapter: Adapter) -> Iterator[Fact]:
    untold = UnknownReason.UNSUPPORTED
    yield Fact("net.interface.type", adapter.kind.type, adapter.name)
    yield Fact("net.interface.physical", adapter.kind.physical, adapter.name)
    yield Fact("net.interface.admin_up", adapter.admin_up, adapter.name)
    yield Fact("net.interface.carrier", adapter.carrier, adapter.name)
    yield Fact("net.interface.speed", untold if adapter.speed is None else adapter.speed, adapter.name)
    full = adapter.full_duplex
    yield Fact("net.interface.full_duplex", untold if full is None else full, adapter.name)
    yield Fact("net.interface.mtu", untold if adapter.mtu is None else adapter.mtu, adapter.name)
