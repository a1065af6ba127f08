"""Pacing of guesses: a fixed number a second in all, shared fairly, and nobody is ever locked out.

With 11 random digits, 25 looks a second, 600 s and 500 live codes a guesser hits with probability
25 * 600 * 500 / 1e11 = 7.5e-5 however many addresses he has. Who is served next: addresses that have not
failed lately before those that have, round-robin; within an address connections that have not failed,
the newest of them first, before those that have. Every fifth turn goes to the second group, so that it
never starves.
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

from hotline_collector.errors import Busy

PER_SECOND = 25.0
_WAITING = 16_384
_PER_ADDRESS = 32
_REMEMBER_S = 1800.0
_SECOND_GROUP_EVERY = 5
_V6_CUSTOMER_BITS = 64
_Item = TypeVar("_Item")


class Attempt:
    """One guess that waits for its turn."""

    __slots__ = ("address", "connection")

    def __init__(self, address: str, connection: str) -> None:
        self.address = address
        self.connection = connection


class _Lanes(Generic[_Item]):
    """Two queues; the first has precedence, the second gets every fifth turn.

    With `newest_first` the first is served from its end: who hoards idle connections gains nothing.
    """

    __slots__ = ("_newest_first", "_turns", "first", "second")

    def __init__(self, *, newest_first: bool = False) -> None:
        self._newest_first = newest_first
        self.first: OrderedDict[str, _Item] = OrderedDict()
        self.second: OrderedDict[str, _Item] = OrderedDict()
        self._turns = 0

    def __len__(self) -> int:
        return len(self.first) + len(self.second)

    def get(self, key: str) -> _Item | None:
        # An item may be falsy: an empty room is one.
        return self.first[key] if key in self.first else self.second.get(key)

    def pop(self, key: str) -> None:
        self.first.pop(key, None)
        self.second.pop(key, None)

    def take(self) -> tuple[str, _Item]:
        self._turns += 1
        late = self.second and (not self.first or self._turns % _SECOND_GROUP_EVERY == 0)
        return self.second.popitem(last=False) if late else self.first.popitem(last=self._newest_first)


class _Recent:
    """Keys seen within some seconds; it grows no faster than guesses are looked at."""

    __slots__ = ("_keep", "_seen")

    def __init__(self, keep: float) -> None:
        self._keep = keep
        self._seen: OrderedDict[str, float] = OrderedDict()

    def add(self, key: str, now: float) -> None:
        self._seen[key] = now
        self._seen.move_to_end(key)
        while self._seen and next(iter(self._seen.values())) <= now - self._keep:
            self._seen.popitem(last=False)

    def discard(self, key: str) -> None:
        self._seen.pop(key, None)

    def has(self, key: str, now: float) -> bool:
        return self._seen.get(key, -float("inf")) > now - self._keep


class Pacer:
    """Decides who is served when; pure, time comes in from outside (seconds, never backwards)."""

    def __init__(
        self,
        *,
        per_second: float = PER_SECOND,
        waiting: int = _WAITING,
        per_address: int = _PER_ADDRESS,
        remember: float = _REMEMBER_S,
    ) -> None:
        self._gap = 1.0 / per_second
        self._limit = waiting
        self._per_address = per_address
        self._next = -float("inf")
        self._count = 0
        # Rooms of addresses. An empty one keeps its place until its turn, so that a caller who comes
        # back after a time-out does not start again behind everybody.
        self._rooms: _Lanes[_Lanes[Attempt]] = _Lanes()
        self._failed_addresses = _Recent(remember)
        self._failed_connections = _Recent(remember)

    @property
    def waiting(self) -> int:
        """How many attempts wait."""
        return self._count

    def enter(self, attempt: Attempt, now: float) -> Attempt | None:
        """Queue an attempt; return another one that had to make room, if any.

        Raises:
            Busy: there is no room, or this connection has an attempt waiting already.
        """
        room = self._rooms.get(attempt.address)
        if room is not None and room.get(attempt.connection) is not None:
            raise Busy("this connection has an attempt waiting already")
        fresh = not self._failed_connections.has(_key(attempt), now)
        out: Attempt | None = None
        if room is not None and len(room) >= self._per_address:
            if not fresh:
                raise Busy("too many attempts from this address wait already")
            out = (room.second or room.first).popitem(last=False)[1]
        elif self._count >= self._limit:
            out = self._make_room(attempt.address, now)
        if out is None:
            self._count += 1
        room = self._room(attempt.address, now)
        (room.first if fresh else room.second)[attempt.connection] = attempt
        return out

    def leave(self, attempt: Attempt) -> None:
        """Forget an attempt whose maker does not wait any longer."""
        room = self._rooms.get(attempt.address)
        if room is not None and room.get(attempt.connection) is attempt:
            room.pop(attempt.connection)
            self._count -= 1

    def due(self) -> float | None:
        """Return when the next attempt may be looked at, None if none waits."""
        return self._next if self._count else None

    def grant(self, now: float) -> Attempt | None:
        """Return the attempt to look at now; it counts as failed until `succeeded` says otherwise."""
        if not self._count or now < self._next:
            return None
        address, room = self._rooms.take()
        while not len(room):
            address, room = self._rooms.take()
        _, attempt = room.take()
        self._count -= 1
        self._next = now + self._gap
        self._failed_addresses.add(address, now)
        self._failed_connections.add(_key(attempt), now)
        if len(room):
            self._rooms.second[address] = room
        return attempt

    def succeeded(self, attempt: Attempt) -> None:
        """Note that an attempt was right: its address and connection are in good standing again."""
        self._failed_addresses.discard(attempt.address)
        self._failed_connections.discard(_key(attempt))

    def _room(self, address: str, now: float) -> _Lanes[Attempt]:
        room = self._rooms.get(address)
        if room is None:
            if len(self._rooms) >= 2 * self._limit:
                self._sweep()
            room = _Lanes(newest_first=True)
            lane = self._rooms.second if self._failed_addresses.has(address, now) else self._rooms.first
            lane[address] = room
        return room

    def _sweep(self) -> None:
        for lane in (self._rooms.first, self._rooms.second):
            for address in [address for address, room in lane.items() if not len(room)]:
                del lane[address]

    def _make_room(self, address: str, now: float) -> Attempt:
        if not self._failed_addresses.has(address, now):
            for room in reversed(self._rooms.second.values()):
                for lane in (room.second, room.first):
                    if lane:
                        return lane.popitem()[1]
        raise Busy("too many attempts wait already")


class Gate:
    """The pacer on an event loop."""

    def __init__(self, pacer: Pacer | None = None, now: Callable[[], float] | None = None) -> None:
        self._pacer = pacer or Pacer()
        self._now = now or asyncio.get_running_loop().time
        self._turns: dict[Attempt, asyncio.Future[bool]] = {}
        self._timer: asyncio.TimerHandle | None = None

    async def turn(self, address: str, connection: str = "") -> Attempt:
        """Return when this attempt may be looked at.

        Raises:
            Busy: there is no room to wait; the attempt was not looked at.
        """
        attempt = Attempt(client_of(address), connection)
        out = self._pacer.enter(attempt, self._now())
        if out is not None:
            self._turns[out].set_result(False)
        future = self._turns[attempt] = asyncio.get_running_loop().create_future()
        self._serve()
        try:
            if not await future:
                raise Busy("too many attempts wait already")
        except asyncio.CancelledError:
            self._pacer.leave(attempt)
            raise
        finally:
            del self._turns[attempt]
        return attempt

    def succeeded(self, attempt: Attempt) -> None:
        """Note that an attempt was right."""
        self._pacer.succeeded(attempt)

    def _serve(self) -> None:
        while (attempt := self._pacer.grant(self._now())) is not None:
            future = self._turns[attempt]
            if not future.done():
                future.set_result(True)
        due = self._pacer.due()
        if due is not None and self._timer is None:
            delay = max(due - self._now(), 0.0)
            self._timer = asyncio.get_running_loop().call_later(delay, self._wake)

    def _wake(self) -> None:
        self._timer = None
        self._serve()


def client_of(address: str) -> str:
    """Return what counts as one client: an IPv4 address, or the /64 that an IPv6 customer gets."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, _V6_CUSTOMER_BITS), strict=False))


def _key(attempt: Attempt) -> str:
    return f"{attempt.address} {attempt.connection}"
