"""Who comes in how often."""

from __future__ import annotations

import pytest
from hotline_collector.errors import Busy
from hotline_collector.security.turnstile import Turnstile
from hypothesis import given
from hypothesis import strategies as st


def test_one_address_does_not_fill_the_room_and_comes_in_again_later() -> None:
    turnstile = Turnstile(per_client=3, in_all=100, window=60)
    for _ in range(3):
        turnstile.enter("2001:db8::1", 1)
    with pytest.raises(Busy):
        turnstile.enter("2001:db8::ffff", 1)
    turnstile.enter("2001:db8:1::1", 1)
    turnstile.enter("2001:db8::1", 61)


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 40)), max_size=300))
def test_never_more_than_allowed_within_a_window(steps: list[tuple[int, int]]) -> None:
    turnstile = Turnstile(per_client=3, in_all=20, window=60)
    now, came = 0, []
    for wait, address in steps:
        now += wait
        try:
            turnstile.enter(f"192.0.2.{address}", now)
        except Busy:
            recent = [who for at, who in came if at > now - 60]
            assert len(recent) >= 20 or recent.count(address) >= 3
        else:
            came.append((now, address))
    for at, _ in came:
        within = [who for when, who in came if at - 60 < when <= at]
        assert len(within) <= 20 and all(within.count(who) <= 3 for who in within)
