"""Charts as numbers for SVG: one column for each step of days, scaled to the highest value.

They are stretched to the width of the page, so they hold no text; what they show stands in a table too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 620, 120
_GAP = 0.2


@dataclass(frozen=True, slots=True)
class Column:
    """The values of one step, drawn as bars beside one another, and a mark above them.

    `few` says that there is something, but too little to be told.
    """

    bars: tuple[float, ...] = ()
    mark: float = 0.0
    few: bool = False


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of the drawing; `kind` is its class in the style sheet."""

    x: float
    y: float
    width: float
    height: float
    kind: str


@dataclass(frozen=True, slots=True)
class Chart:
    """The drawing, and the value at its top."""

    boxes: tuple[Box, ...]
    most: float


def chart(columns: Sequence[Column], most: float = 0.0) -> Chart:
    """Return the drawing of some columns; its top is `most`, or the highest value if that is 0."""
    highest = max((value for column in columns for value in (*column.bars, column.mark)), default=0.0)
    top = most or highest or 1.0
    room = WIDTH / max(len(columns), 1)
    boxes: list[Box] = []
    for number, column in enumerate(columns):
        left, width = (number + _GAP / 2) * room, room * (1 - _GAP)
        if column.few:
            boxes.append(_box(left, width, 0.04, "few"))
            continue
        share = width / max(len(column.bars), 1)
        for place, value in enumerate(column.bars):
            if value:
                boxes.append(_box(left + place * share, share, min(value / top, 1.0), f"bar bar-{place}"))
        if column.mark:
            y = _y(min(column.mark / top, 1.0))
            boxes.append(Box(round(left, 1), min(y, HEIGHT - 3), round(width, 1), 3, "mark"))
    return Chart(tuple(boxes), top)


def _box(x: float, width: float, share: float, kind: str) -> Box:
    # What is more than nothing can be seen.
    y = min(_y(share), HEIGHT - 1)
    return Box(round(x, 1), y, round(width, 1), round(HEIGHT - y, 1), kind)


def _y(share: float) -> float:
    return round(HEIGHT * (1 - share), 1)
