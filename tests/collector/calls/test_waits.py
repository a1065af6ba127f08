"""How long somebody has waited, what it costs, and how long it will take: pure functions."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

import pytest
from hotline_collector.calls import waits
from hotline_collector.calls.expecting import ENOUGH, expected_wait
from hotline_collector.calls.waits import Tariff
from hotline_collector.model.rows import CallRow
from hypothesis import given
from hypothesis import strategies as st

MINUTE = 60_000_000
TARIFF = Tariff(True, Decimal("0.14"), "EUR", Decimal(2))
SPANS = st.integers(0, 10**11)
TIMES = st.lists(st.integers(0, 10**10), min_size=ENOUGH, max_size=50)


def row() -> CallRow:
    return CallRow("c1", "created", "", "", "", "", 1, "")


def waiting(*spans: int, tariff: Tariff = TARIFF, asked: int | None = None) -> CallRow:
    """Return a call after some waits with an hour between, the last of which goes on."""
    call, now = row(), 1
    for place, span in enumerate(spans):
        waits.begin(call, now)
        if asked is not None and place == len(spans) - 1:
            call.back_asked = now + asked
        now += span
        if place < len(spans) - 1:
            waits.end(call, now, tariff)
            now += 60 * MINUTE
    call.closed = now
    return call


def test_a_wait_is_charged_after_its_free_minutes() -> None:
    call = waiting(5 * MINUTE)
    assert waits.waited(call, call.closed) == 5 * MINUTE
    assert waits.paid(call, call.closed, TARIFF) == 3 * MINUTE
    assert waits.cost(3 * MINUTE, TARIFF) == Decimal("0.42")
    waits.end(call, call.closed, TARIFF)
    assert (call.wait_us, call.wait_paid_us, call.queued) == (5 * MINUTE, 3 * MINUTE, 0)
    assert waits.waited(call, call.closed + MINUTE) == 5 * MINUTE


def test_two_waits_share_the_free_minutes() -> None:
    call = waiting(1 * MINUTE, 3 * MINUTE)
    assert waits.waited(call, call.closed) == 4 * MINUTE
    assert waits.paid(call, call.closed, TARIFF) == 2 * MINUTE
    assert call.waited_from == 1


def test_who_is_called_back_pays_no_more() -> None:
    call = waiting(10 * MINUTE, asked=4 * MINUTE)
    assert waits.paid(call, call.closed, TARIFF) == 2 * MINUTE
    waits.end(call, call.closed, TARIFF)
    waits.begin(call, call.closed)
    assert waits.paid(call, call.closed + 9 * MINUTE, TARIFF) == 2 * MINUTE


@given(st.lists(SPANS, min_size=1, max_size=4), st.none() | SPANS, st.integers(0, 30))
def test_nobody_pays_for_more_than_they_waited(spans: list[int], asked: int | None, free: int) -> None:
    tariff = Tariff(True, Decimal("0.5"), "EUR", Decimal(free))
    call = waiting(*spans, tariff=tariff, asked=asked)
    now = call.closed
    total, charged = waits.waited(call, now), waits.paid(call, now, tariff)
    assert total == sum(spans)
    assert 0 <= charged <= max(0, total - tariff.free_us)
    if asked is None:
        assert charged == max(0, total - tariff.free_us)
    assert waits.cost(charged, tariff) >= 0
    assert waits.paid(waiting(*spans, tariff=Tariff(), asked=asked), now, Tariff()) == 0


def test_the_queue_is_in_the_order_of_coming_even_after_a_transfer() -> None:
    first, second = row(), CallRow("c2", "created", "", "", "", "", 2, "")
    waits.begin(second, 5)
    waits.begin(first, 9, for_agent="lea")
    assert sorted([second, first], key=waits.place_key) == [first, second]
    assert (first.state, first.agent, first.for_agent) == ("waiting", "", "lea")


@pytest.mark.parametrize(("place", "times", "agents"), [(0, [1] * 9, 1), (1, [1] * 4, 3), (1, [1] * 9, 0)])
def test_what_nobody_can_know_is_not_told(place: int, times: list[int], agents: int) -> None:
    assert expected_wait(place, times, agents) is None


def test_a_single_long_call_says_nothing_about_the_next() -> None:
    usual = [6 * MINUTE] * 6
    assert expected_wait(2, [*usual, 180 * MINUTE], 3) == expected_wait(2, usual, 3) == 4 * MINUTE


@given(TIMES, st.integers(1, 500), st.randoms(use_true_random=False))
def test_an_estimate_grows_with_the_place_and_shrinks_with_agents(
    times: list[int], agents: int, chance: object
) -> None:
    estimates = [expected_wait(place, times, agents) for place in range(1, 9)]
    assert all(a <= b for a, b in pairwise(estimates))  # type: ignore[operator]
    assert expected_wait(3, times, agents) >= expected_wait(3, times, agents + 1)  # type: ignore[operator]
    for place, estimate in enumerate(estimates, 1):
        assert place * min(times) // agents <= estimate <= place * max(times) // agents  # type: ignore[operator]
    shuffled = list(times)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert expected_wait(4, shuffled, agents) == expected_wait(4, times, agents)
