"""Network facts that psutil tells on Windows and macOS; Linux sources read the kernel's own files instead.

psutil is imported when a function is called: on Linux it would cost memory and serve nothing.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterator
from dataclasses import dataclass

from hotline_proto.facts import Fact, UnknownReason

from hotline_probe.machine import monotonic
from hotline_probe.sources.basics import Sampler, unknown

MAX_INTERFACES = 64
_RATES = ("net.interface.rx_rate", "net.interface.tx_rate", "net.interface.packet_rate")
_UNTOLD = ("physical", "in_use", "error_ratio", "drop_ratio")


@dataclass(frozen=True, slots=True)
class HeldAddress:
    """An address of this computer as the system tells it."""

    interface: str
    value: ipaddress.IPv4Address | ipaddress.IPv6Address
    prefix_length: int
    tentative: bool | None
    connected: bool
    duplicate: bool | None = None


class InterfaceClock:
    """Adapter facts; keeps the counters of the last run."""

    def __init__(self) -> None:
        self._samples = Sampler[dict[str, tuple[int, int, int]]]()

    def facts(self) -> Iterator[Fact]:
        """Yield what psutil knows of each adapter, rates from the second run on."""
        import psutil  # noqa: PLC0415 - see the module's docstring

        now = {
            name: (io.bytes_recv, io.bytes_sent, io.packets_recv + io.packets_sent)
            for name, io in psutil.net_io_counters(pernic=True).items()
        }
        elapsed, before = self._samples.since(monotonic(), now) or (1.0, {})
        reason = UnknownReason.UNSUPPORTED
        yield from unknown(("net.interfaces.physical", "net.interfaces.connected"), reason)
        for name, stats in list(psutil.net_if_stats().items())[:MAX_INTERFACES]:
            loopback = "loopback" in stats.flags.split(",") or name.startswith("Loopback")
            yield Fact("net.interface.type", "loopback" if loopback else "other", name)
            yield from unknown([f"net.interface.{short}" for short in _UNTOLD], reason, name)
            # Windows and macOS do not tell psutil "switched off" from "no signal".
            yield Fact("net.interface.admin_up", True if stats.isup else reason, name)
            yield Fact("net.interface.carrier", stats.isup, name)
            yield Fact("net.interface.speed", stats.speed * 1e6 if stats.speed > 0 else reason, name)
            half, full = psutil.NIC_DUPLEX_HALF, psutil.NIC_DUPLEX_FULL
            known = stats.duplex in {half, full}
            yield Fact("net.interface.full_duplex", stats.duplex == full if known else reason, name)
            yield Fact("net.interface.mtu", float(stats.mtu), name)
            if name in now and name in before:
                pairs = zip(_RATES, now[name], before[name], strict=True)
                yield from (Fact(fact, max(new - old, 0) / elapsed, name) for fact, new, old in pairs)
            else:
                yield from unknown(_RATES, UnknownReason.PENDING, name)


def held_addresses() -> list[HeldAddress]:
    """Return the addresses of this computer."""
    import psutil  # noqa: PLC0415 - see the module's docstring

    stats = psutil.net_if_stats()
    found = []
    for name, entries in psutil.net_if_addrs().items():
        connected = name in stats and stats[name].isup
        for entry in entries:
            if entry.family not in {socket.AF_INET, socket.AF_INET6}:
                continue
            try:
                value = ipaddress.ip_address(entry.address.partition("%")[0])
            except ValueError:
                continue
            try:
                length = int(ipaddress.ip_address(entry.netmask or "")).bit_count()
            except ValueError:  # psutil knows no netmask of IPv6 on Windows
                length = value.max_prefixlen
            found.append(HeldAddress(name, value, length, None, connected))
    return found
