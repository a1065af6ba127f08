"""Figures of a benchmark: what was measured, and what was aimed at."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value; `goal` is a lower or upper bound, None for a figure that is only told."""

    name: str
    value: float
    unit: str = ""
    at_most: float | None = None
    at_least: float | None = None
    spread: tuple[float, float] | None = None

    @property
    def met(self) -> bool:
        """Whether the goal is met; a figure without a goal always is."""
        low = self.at_least is None or self.value >= self.at_least
        high = self.at_most is None or self.value <= self.at_most
        return low and high

    def __str__(self) -> str:
        spread = f" [{self.spread[0]:.3g} … {self.spread[1]:.3g}]" if self.spread else ""
        goal = ""
        if self.at_most is not None:
            goal = f"  goal ≤ {self.at_most:g}"
        if self.at_least is not None:
            goal = f"  goal ≥ {self.at_least:g}"
        verdict = "" if not goal else "  met" if self.met else "  MISSED"
        return f"  {self.name:<58} {self.value:>9.3g} {self.unit:<9}{spread}{goal}{verdict}"


def median(name: str, values: Sequence[float], unit: str = "", **goal: float) -> Figure:
    """Return the median of repeated runs with its spread."""
    return Figure(name, statistics.median(values), unit, spread=(min(values), max(values)), **goal)


def percentile(values: Sequence[float], share: float) -> float:
    """Return a percentile by linear interpolation."""
    ordered = sorted(values)
    place = (len(ordered) - 1) * share
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


Section = Callable[[], Sequence[Figure]]
