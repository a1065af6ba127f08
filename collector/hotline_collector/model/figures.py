"""What a closed call adds to the figures of the call centre, and the days into which it is counted.

Time spans are counted in buckets that grow with them, so that a median over any days can be told without
the calls themselves: a histogram of days outlives them and leads back to none.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

# Eight buckets for each doubling: what is told of a bucket is within 4.5 % of every span in it.
_PER_DOUBLING = 8
# Spans that are not known, and those of less than half a second, are counted under buckets of their own.
NOT_KNOWN = -1
_NOTHING = -2
_LEAST_S = 0.5


class Figure(StrEnum):
    """What is counted; the names under each are fixed words or ids of rules, never text of a human."""

    CALLS = "calls"
    HANDLED = "handled"
    WAITED = "waited"
    WAITED_FREE = "waited_free"
    WAITED_PAID = "waited_paid"
    TO_CAUSE = "to_cause"
    RESOLUTION = "resolution"
    FIXES = "fixes"
    CAUSE = "cause"


SPANS = (Figure.WAITED, Figure.WAITED_FREE, Figure.WAITED_PAID, Figure.HANDLED, Figure.TO_CAUSE)


class Resolution(StrEnum):
    """Whether a call was the customer's only one about its trouble; unknown without their reference."""

    KEPT = "kept"
    RANG_AGAIN = "rang_again"
    UNSOLVED = "unsolved"
    REPEAT = "repeat"
    UNKNOWN = "unknown"


@dataclass(slots=True)
class CallFiguresRow:
    """What one closed call adds to the figures; `id` is the call's.

    `day` is the UTC day of closing as YYYY-MM-DD, spans are in microseconds or `NOT_KNOWN`, `main` is the
    rule that the call was about in the end. `proven`, `refuted` and `unproven` are its fixes that were done,
    by what fresh facts said. `contact` is as in a `VerdictRow`.
    """

    id: str
    day: str
    outcome: str
    main: str
    handled: int
    waited: int
    waited_paid: int
    to_cause: int
    proven: int
    refuted: int
    unproven: int
    resolution: str
    contact: str


@dataclass(frozen=True, slots=True)
class FigureCount:
    """How many calls (or fixes) some days have of a figure, under a name or in a bucket.

    `last_day` is the last of those days, as YYYY-MM-DD.
    """

    last_day: str
    figure: str
    name: str
    bucket: int
    calls: int


@dataclass(frozen=True, slots=True)
class VerdictDay:
    """How many calls of some days gave a rule a verdict; `last_day` is the last of those days."""

    last_day: str
    rule: str
    verdict: str
    calls: int


Key = tuple[str, str, str, int]


def bucket_of(span_us: int) -> int:
    """Return the bucket of a span in microseconds; between half a second and one it counts as one."""
    if span_us < 0:
        return NOT_KNOWN
    if span_us < _LEAST_S * 1e6:
        return _NOTHING
    return math.floor(_PER_DOUBLING * math.log2(max(span_us / 1e6, 1.0)))


def seconds_of(bucket: int) -> float:
    """Return the span in seconds that stands for all in a bucket."""
    return 0.0 if bucket == _NOTHING else float(2 ** ((bucket + 0.5) / _PER_DOUBLING))


def percentile(buckets: Mapping[int, int], share: float) -> float:
    """Return the span in seconds below or at which a share of all spans is (nearest rank).

    `buckets` holds the number of spans by bucket, one at least.
    """
    wanted = max(math.ceil(share * sum(buckets.values())), 1)
    seen = 0
    for bucket in sorted(buckets):
        seen += buckets[bucket]
        if seen >= wanted:
            return seconds_of(bucket)
    raise ValueError("there are no spans")


def counted(row: CallFiguresRow) -> Counter[Key]:
    """Return what a row adds, by day, figure, name and bucket."""
    out: Counter[Key] = Counter()
    out[(row.day, Figure.CALLS, row.outcome, 0)] = 1
    out[(row.day, Figure.RESOLUTION, row.resolution, 0)] = 1
    out[(row.day, Figure.CAUSE, row.main, 0)] = 1
    for span, figure in (
        (row.waited, Figure.WAITED),
        (_free(row), Figure.WAITED_FREE),
        (row.waited_paid, Figure.WAITED_PAID),
        (row.handled, Figure.HANDLED),
        (row.to_cause, Figure.TO_CAUSE),
    ):
        out[(row.day, figure, "", bucket_of(span))] = 1
    for number, name in ((row.proven, "proven"), (row.refuted, "refuted"), (row.unproven, "unproven")):
        if number:
            out[(row.day, Figure.FIXES, name, 0)] = number
    return out


def _free(row: CallFiguresRow) -> int:
    return row.waited if NOT_KNOWN in (row.waited, row.waited_paid) else row.waited - row.waited_paid
