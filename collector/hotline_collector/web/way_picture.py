"""Where the stations and links of the path picture are drawn; pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hotline_proto.v1 import agent_pb2 as pb

STEP, HEIGHT, RADIUS = 120, 40, 15
STATES = frozenset({"good", "doubtful", "bad"})


@dataclass(frozen=True, slots=True)
class Station:
    """One part with the place of its circle, and the links that lead to it as (from, to) along the line.

    A broken link has two pieces; `gap` is the place between them, 0 if there is none.
    """

    part: pb.PathPartView
    state: str
    x: int
    links: tuple[tuple[int, int], ...]
    gap: int


def stations(parts: Sequence[pb.PathPartView]) -> list[Station]:
    """Return the stations in order; a state that is not known to this page is shown as unknown."""
    return list(_stations(parts))


def _stations(parts: Sequence[pb.PathPartView]) -> Iterator[Station]:
    for index, part in enumerate(parts):
        x = STEP // 2 + STEP * index
        start, end = x - STEP + RADIUS, x - RADIUS
        middle = (start + end) // 2
        links: tuple[tuple[int, int], ...] = ((start, end),) if index else ()
        if index and part.broken:
            links = ((start, middle - 16), (middle + 16, end))
        state = part.state if part.state in STATES else "unknown"
        yield Station(part, state, x, links, middle if index and part.broken else 0)
