"""How long a caller will presumably wait; pure.

Method: with `n` agents at work, each of whom needs the median handling time of the last calls, a call is
taken from the queue every `median / n` on average, so that the caller at place `p` waits about
`p * median / n`. The median, because one call of three hours says nothing about the next (a mean would).
It is no promise: agents who come or go change it, and it is told as "about". With fewer than five handled
calls, or with nobody at work, there is nothing to go by, and it is said that it is not known yet.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median_high

ENOUGH = 5
# How many of the last calls count: enough to be steady, few enough to follow the day.
RECENT = 50


def expected_wait(place: int, handled: Sequence[int], at_work: int) -> int | None:
    """Return how long the caller at a place (1 is next) will wait, None if nobody can know yet.

    `handled` are the handling times of recent calls; times are in microseconds.
    """
    if place < 1 or at_work < 1 or len(handled) < ENOUGH:
        return None
    return place * median_high(handled) // at_work
