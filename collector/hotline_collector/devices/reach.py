"""Which devices are being read from here, for which call, and how many more there may be."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field

from hotline_probe.limits import Budget
from hotline_proto.v1 import probe_pb2 as pb

from hotline_collector.calls.errors import NotYet, conflict
from hotline_collector.devices.allowed import Allowed
from hotline_collector.devices.reading import READER, Reading

A_MINUTE = 10


@dataclass(frozen=True, slots=True)
class OwnWay:
    """How a process on this machine reaches the collector.

    That is `host` and `port`, numerically `at`, with a certificate whose SHA-256 is `proof` (hex).
    """

    host: str
    port: int
    at: str
    proof: str


class Reach:
    """Reads what the operator has listed, `most` devices at the same time."""

    def __init__(
        self, allowed: Sequence[Allowed], way: OwnWay, most: int, argv: tuple[str, ...] = READER
    ) -> None:
        self._allowed = {each.address: each for each in allowed}
        self._way = way
        self._most = most
        self._argv = argv
        self._budget = Budget(A_MINUTE)
        self._readings: dict[tuple[str, int], Reading] = {}
        self._leaving: set[asyncio.Task[None]] = set()

    @property
    def addresses(self) -> Sequence[str]:
        """The addresses that are listed."""
        return tuple(self._allowed)

    @property
    def reading(self) -> int:
        """How many devices are read right now."""
        return len(self._readings)

    def prepare(self, address: str) -> Ready:
        """Return a device by its address.

        Raises:
            NotYet: too many are read, or were asked for within the last minute.
            CallError: it is not listed, or a file to log in cannot be read.
        """
        allowed = self._allowed.get(address)
        if allowed is None:
            raise conflict(
                f"{address} is not read from here: the operator lists devices in devices.allow, and this is "
                f"none of them ({', '.join(self._allowed)})"
            )
        order = allowed.order()
        if len(self._readings) >= self._most:
            raise NotYet(
                f"{self._most} devices are read already (devices.max_at_once); close calls that are over"
            )
        if not self._budget.take():
            raise NotYet(
                f"more than {A_MINUTE} devices were asked for within a minute; try again in a moment"
            )
        return Ready(self, {**order, **asdict(self._way)})

    def start(
        self, key: tuple[str, int], order: Mapping[str, object], report: Callable[[pb.DeviceReport], None]
    ) -> None:
        """Read a device as a target of a call, instead of what was read of it before."""
        self._leave(key)
        reading = self._readings[key] = Reading(order, key[1], report, self._argv)
        reading.done.add_done_callback(lambda _done: self._over(key, reading))

    def may_change(self, address: str) -> bool:
        """Tell whether the operator allows actions on a device."""
        allowed = self._allowed.get(address)
        return allowed is not None and allowed.actions

    def agree(self, call_id: str, target: int, proposal_id: str) -> None:
        """Pass on that the owner of a device agrees to an action on it; without that it is a no there."""
        reading = self._readings.get((call_id, target))
        if reading is not None:
            reading.agree(proposal_id)

    def end(self, call_id: str) -> None:
        """Read nothing for a call any more."""
        for key in [key for key in self._readings if key[0] == call_id]:
            self._leave(key)

    async def close(self) -> None:
        """Read nothing any more, and return when no process is left."""
        for key in list(self._readings):
            self._leave(key)
        if self._leaving:
            await asyncio.wait(self._leaving)

    def _leave(self, key: tuple[str, int]) -> None:
        reading = self._readings.pop(key, None)
        if reading is not None:
            self._leaving.add(reading.done)
            reading.done.add_done_callback(self._leaving.discard)
            reading.leave()

    def _over(self, key: tuple[str, int], reading: Reading) -> None:
        if self._readings.get(key) is reading:
            del self._readings[key]


@dataclass(frozen=True, slots=True)
class Ready:
    """A device with the order to read it, in which only the join code is missing."""

    reach: Reach
    order: Mapping[str, object] = field(repr=False)

    def begin(self, call_id: str, code: str, report: Callable[[pb.DeviceReport], None], target: int) -> None:
        """Read it as a target of a call."""
        self.reach.start((call_id, target), {**self.order, "code": code}, report)
