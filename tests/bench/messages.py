"""What a healthy probe sends: an announcement, one full reading, then deltas of ten changed facts."""

from __future__ import annotations

import random
from collections.abc import Iterator

from hotline_proto.catalogue import Catalogue, FactSpec
from hotline_proto.facts import Fact, SourceRun, SourceStatus
from hotline_proto.v1 import probe_pb2 as pb
from hotline_proto.wire import ReadingEncoder

CHANGED = 10
_STEADY = (
    Fact("net.interface.type", "ethernet", "eth0"),
    Fact("net.interface.physical", True, "eth0"),
    Fact("net.interface.admin_up", True, "eth0"),
    Fact("net.interface.carrier", True, "eth0"),
    Fact("net.interface.in_use", True, "eth0"),
    Fact("net.interface.full_duplex", True, "eth0"),
    Fact("system.disk.rotational", False, "sda"),
)
_SOURCES = ("cpu", "memory", "interfaces", "disks", "sockets", "pressure")
_TROUBLE = ("error", "drop", "steal", "iowait", "retransmit", "pressure", "resets", "major_fault", "paging")
_KEYS = {"interfaces": "eth0", "disks": "sda"}
# Where neither the name nor the unit says what is healthy.
_OWN = {
    "system.cpu.load_per_core": (0.05, 0.4),
    "system.cpu.load_per_core_15m": (0.05, 0.4),
    "system.cpu.frequency_ratio": (0.7, 1.0),
    "system.disk.queue": (0.0, 1.0),
    "net.interface.mtu": (1500.0, 1500.0),
}


def _range(fact: FactSpec) -> tuple[float, float]:
    """Return where a fact moves on a machine that has nothing."""
    if fact.name in _OWN:
        return _OWN[fact.name]
    if "available" in fact.name:
        return (0.5, 0.8) if fact.unit == "1" else (4e9, 6e9)
    if any(word in fact.name for word in _TROUBLE):
        return (0.0, 0.005)
    by_unit = {"1": (0.05, 0.4), "s": (0.0005, 0.004), "By": (1e9, 2e9), "bit/s": (1e9, 1.1e9)}
    return by_unit.get(fact.unit, (10.0, 5000.0))


class HealthyMachine:
    """Gauges that walk about in the healthy range, and the frames that tell so."""

    def __init__(self, catalogue: Catalogue, seed: int) -> None:
        self._random = random.Random(seed)
        self._encoder = ReadingEncoder(catalogue)
        self._values: dict[tuple[str, str, str], float] = {}
        self._ranges = {fact.name: _range(fact) for fact in catalogue.facts.values()}
        for source in _SOURCES:
            key = _KEYS.get(source, "")
            for fact in catalogue.facts_of_source[source]:
                if fact.type == "double" and bool(fact.entity) == bool(key):
                    self._values[(source, fact.name, key)] = self._random.uniform(*_range(fact))

    def frames(self, count: int) -> Iterator[pb.ProbeFrame]:
        """Yield announcement and first reading, then `count` deltas, one second apart; seq is set."""
        seq = 0
        for second in range(count + 1):
            for frame in self._encoder.encode(self._runs(float(second)), float(second)):
                seq += 1
                frame.seq = seq
                yield frame
            self._walk()

    def _walk(self) -> None:
        for key in self._random.sample(sorted(self._values), CHANGED):
            low, high = self._ranges[key[1]]
            moved = self._values[key] + self._random.gauss(0, (high - low) / 20)
            self._values[key] = min(high, max(low, moved))

    def _runs(self, at: float) -> list[SourceRun]:
        runs = []
        for source in _SOURCES:
            facts = [
                Fact(name, value, key)
                for (owner, name, key), value in self._values.items()
                if owner == source
            ]
            facts += [fact for fact in _STEADY if fact.key == _KEYS.get(source)]
            runs.append(SourceRun(source, SourceStatus.OK, at, 0.001, facts))
        return runs
