"""What a healthy probe sends: an announcement, one full reading, then deltas of ten changed facts."""

from __future__ import annotations

import random
from collections.abc import Iterator

from hotline_proto.catalogue import Catalogue
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
_KEYS = {"interfaces": "eth0", "disks": "sda"}


class HealthyMachine:
    """Gauges that walk about in the healthy range, and the frames that tell so."""

    def __init__(self, catalogue: Catalogue, seed: int) -> None:
        self._random = random.Random(seed)
        self._encoder = ReadingEncoder(catalogue)
        self._values: dict[tuple[str, str, str], float] = {}
        for source in _SOURCES:
            key = _KEYS.get(source, "")
            for fact in catalogue.facts_of_source[source]:
                if fact.type == "double" and bool(fact.entity) == bool(key):
                    self._values[(source, fact.name, key)] = self._random.uniform(0.02, 0.3)

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
            moved = self._values[key] + self._random.gauss(0, 0.02)
            self._values[key] = min(0.4, max(0.01, moved))

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
