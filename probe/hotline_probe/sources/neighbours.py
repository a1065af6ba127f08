"""The gateway's neighbour state without asking ip(8) every time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hotline_probe.errors import SourceError
from hotline_probe.machine import Machine, monotonic
from hotline_probe.sources.routetables import Address, ArpEntry, arp_entry, neighbour, read_arp

# A neighbour that fails or comes back changes /proc/net/arp, and then ip(8) is asked at once; "reachable"
# turns into "stale" unseen, which the kernel does after about 30 s (arp(7)). So does "incomplete" into
# "failed", which matters more and is therefore asked for every time.
ASK_EVERY = 5.0
# IPv6 neighbours stand in no file.
ASK_EVERY_V6 = 2.0


@dataclass(frozen=True, slots=True)
class _Answer:
    interface: str
    gateway: Address
    entry: ArpEntry | None
    at: float
    state: str


class Neighbours:
    """Remembers the last answer for as long as the kernel's table shows no change."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._last: _Answer | None = None

    def state(self, machine: Machine, interface: str, gateway: Address) -> str:
        """Return the state of a gateway in the neighbour table.

        Raises:
            SourceError: neither ip(8) nor /proc/net/arp can tell.
        """
        now, entry = self._clock(), _entry(machine, interface, gateway)
        last, patience = self._last, ASK_EVERY if gateway.version == 4 else ASK_EVERY_V6
        if (
            last is not None
            and (last.interface, last.gateway, last.entry) == (interface, gateway, entry)
            and 0 <= now - last.at < patience
            and last.state != "incomplete"
        ):
            return last.state
        state = neighbour(machine, interface, gateway)
        self._last = _Answer(interface, gateway, entry, now, state)
        return state


def _entry(machine: Machine, interface: str, gateway: Address) -> ArpEntry | None:
    if gateway.version == 6:
        return None
    try:
        return arp_entry(read_arp(machine), interface, gateway)
    except SourceError:
        return None
