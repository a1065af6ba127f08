"""Guessing is hopeless, and nobody with the right code is locked out (virtual time)."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator

import pytest
from hotline_collector.errors import Busy
from hotline_collector.security.pacing import PER_SECOND, Attempt, Gate, Pacer, client_of
from hypothesis import given, settings
from hypothesis import strategies as st

MINUTES_10 = 600.0


class Simulation:
    """Attackers who try again as soon as they were served, on virtual time."""

    def __init__(self, pacer: Pacer) -> None:
        self.pacer = pacer
        self.now = 0.0
        self.looked_at = 0

    def enter(self, address: str, connection: str) -> Attempt | None:
        attempt = Attempt(address, connection)
        try:
            self.pacer.enter(attempt, self.now)
        except Busy:
            return None
        return attempt

    def served(self, until: float) -> Iterator[Attempt]:
        while (due := self.pacer.due()) is not None and due <= until:
            self.now = max(self.now, due)
            attempt = self.pacer.grant(self.now)
            assert attempt is not None
            self.looked_at += 1
            yield attempt


def flood(sim: Simulation, addresses: int, connections: int = 1) -> None:
    for address, connection in itertools.product(range(addresses), range(connections)):
        sim.enter(f"a{address}", str(connection))


def test_a_thousand_addresses_in_ten_minutes_do_not_hit_one_of_500_codes() -> None:
    sim = Simulation(Pacer())
    flood(sim, 1000, 3)
    for attempt in sim.served(MINUTES_10):
        sim.enter(attempt.address, attempt.connection)
    assert sim.looked_at <= PER_SECOND * MINUTES_10 + 1
    assert sim.looked_at * 500 / 10**11 < 1e-4


def test_a_caller_of_good_standing_waits_a_moment_under_attack() -> None:
    sim = Simulation(Pacer())
    flood(sim, 1000)
    waits = []
    asked: dict[int, float] = {}
    for attempt in sim.served(MINUTES_10):
        if attempt.address.startswith("caller"):
            waits.append(sim.now - asked[int(attempt.connection)])
            sim.pacer.succeeded(attempt)
            continue
        sim.enter(attempt.address, attempt.connection)
        if sim.now > 60 and sim.looked_at % 500 == 0:
            asked[sim.looked_at] = sim.now
            assert sim.enter(f"caller{sim.looked_at}", str(sim.looked_at)) is not None
    assert len(waits) > 20
    assert max(waits) < 0.5


def test_even_the_first_minute_of_an_attack_is_bounded() -> None:
    sim = Simulation(Pacer())
    flood(sim, 1000)
    sim.enter("caller", "1")
    for attempt in sim.served(MINUTES_10):
        if attempt.address == "caller":
            break
        sim.enter(attempt.address, attempt.connection)
    assert sim.now < 60


@pytest.mark.parametrize(("others", "bound"), [(0, 1.0), (999, 90.0)])
def test_a_caller_behind_the_attackers_own_address_gets_through(others: int, bound: float) -> None:
    sim = Simulation(Pacer())
    flood(sim, others)
    for connection in range(100):
        sim.enter("nat", f"evil{connection}")
    asked, last = None, 0.0
    # The probe gives up after 15 s and asks again on a new connection.
    retry = itertools.count()
    waiting: Attempt | None = None
    for attempt in sim.served(MINUTES_10):
        if attempt is waiting:
            break
        sim.enter(attempt.address, attempt.connection)
        if sim.now > 120 and (asked is None or waiting is None or sim.now - last > 15):
            asked = asked or sim.now
            if waiting is not None:
                sim.pacer.leave(waiting)
            last = sim.now
            waiting = sim.enter("nat", f"caller{next(retry)}")
    else:
        pytest.fail("the caller was never served")
    assert asked is not None
    assert sim.now - asked < bound


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 5),
            st.integers(0, 3),
            st.sampled_from(["enter", "leave", "grant", "good"]),
            st.floats(0, 0.1),
        ),
        max_size=200,
    )
)
def test_nobody_is_served_twice_or_forgotten(steps: list[tuple[int, int, str, float]]) -> None:
    pacer = Pacer(waiting=8, per_address=3)
    waiting: list[Attempt] = []
    now = 0.0
    last = -1.0
    for address, connection, what, gap in steps:
        now += gap
        if what == "enter":
            attempt = Attempt(str(address), str(connection))
            try:
                out = pacer.enter(attempt, now)
            except Busy:
                continue
            waiting.append(attempt)
            if out is not None:
                waiting.remove(out)
        elif what == "leave" and waiting:
            pacer.leave(waiting.pop(0))
        elif what == "grant":
            served = pacer.grant(now)
            if served is not None:
                waiting.remove(served)
                assert last < 0 or now - last >= 1 / PER_SECOND - 1e-9
                last = now
        elif what == "good" and waiting:
            pacer.succeeded(waiting[0])
        assert pacer.waiting == len(waiting)
        assert len(waiting) <= 8
    while waiting:
        now += 1
        served = pacer.grant(now)
        assert served is not None
        waiting.remove(served)
    assert pacer.due() is None


async def test_the_gate_serves_and_forgets_who_leaves() -> None:
    gate = Gate(Pacer(per_second=1000))
    done = await asyncio.gather(*(gate.turn("192.0.2.1", str(n)) for n in range(20)))
    assert len(set(done)) == 20
    slow = Gate(Pacer(per_second=0.001))
    await slow.turn("192.0.2.1")
    second = asyncio.ensure_future(slow.turn("192.0.2.1"))
    await asyncio.sleep(0)
    with pytest.raises(Busy):
        await slow.turn("192.0.2.1")
    second.cancel()
    await asyncio.gather(second, return_exceptions=True)
    third = asyncio.ensure_future(slow.turn("192.0.2.1"))
    await asyncio.sleep(0)
    assert not third.done()
    third.cancel()
    await asyncio.gather(third, return_exceptions=True)


@pytest.mark.parametrize(
    ("address", "client"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("unix:socket", "unix:socket"),
    ],
)
def test_what_counts_as_one_client(address: str, client: str) -> None:
    assert client_of(address) == client
