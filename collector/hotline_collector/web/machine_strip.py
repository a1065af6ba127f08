"""Small charts of how the caller's computer did in the last minutes, as paths of SVG; pure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hotline_proto.v1 import agent_pb2 as pb

WIDTH, HEIGHT = 180, 36
"""Size of a chart: a second is one unit wide."""
_GAP_MS = 10_000
_MARGIN = 2
# What a chart reaches at least, by unit, so that noise does not look like a mountain.
_LEAST = {"1": 1.0, "{process}": 2.0, "By/s": 1024.0 * 1024.0}


@dataclass(frozen=True, slots=True)
class Chart:
    """One series: its line as the `d` of an SVG path, its last value and its range (None while not known)."""

    name: str
    unit: str
    line: str
    last: float | None
    low: float | None
    high: float | None
    unknown: str


def charts(machine: pb.MachineView) -> list[Chart]:
    """Return the charts of a computer; how much a disk transfers only where nobody knows how busy it is."""
    found = {each.name: each for each in machine.series}
    if "disk" in found and "transfer" in found:
        busy, moves = (any(map(math.isfinite, found[name].values)) for name in ("disk", "transfer"))
        del found["disk" if moves and not busy else "transfer"]
    return [_chart(each, machine.ages_ms) for each in found.values()]


def _chart(series: pb.SeriesView, ages: Sequence[int]) -> Chart:
    values = [value for value in series.values if math.isfinite(value)]
    top = max([_LEAST.get(series.unit, 1.0), *values])
    last = series.values[-1] if series.values and not series.unknown else math.nan
    return Chart(
        name=series.name,
        unit=series.unit,
        line="".join(_pieces(list(zip(ages, series.values, strict=False)), top)),
        last=last if math.isfinite(last) else None,
        low=min(values, default=None),
        high=max(values, default=None),
        unknown=series.unknown,
    )


def _pieces(points: Sequence[tuple[int, float]], top: float) -> Iterator[str]:
    """Yield the commands of a path; where nothing is known for long the line is interrupted."""
    before: int | None = None
    for age, value in points:
        if not math.isfinite(value):
            before = None
            continue
        x = WIDTH - age // 1000
        if x < 0:
            continue
        y = round(HEIGHT - _MARGIN - min(max(value, 0.0) / top, 1.0) * (HEIGHT - 2 * _MARGIN), 1)
        joined = before is not None and before - age <= _GAP_MS
        # A point on its own is drawn by the round ends of a line without length.
        yield f"L{x} {y:g}" if joined else f"M{x} {y:g}h0"
        before = age
