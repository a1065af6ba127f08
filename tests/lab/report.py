"""The table of a run, and its figures."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from tests.lab.result import COURSE, Result

TOP1_AT_LEAST = 0.95
MEDIAN_AT_MOST = 5.0
_ROW = "{:<32} {:<44} {:<30} {:>4} {:>7} {:>8} {:>8}  {}"


@dataclass(frozen=True, slots=True)
class Figures:
    """What a run comes to: share of faults whose cause was first, false findings, medians of seconds."""

    faults: int
    top1: float
    false: int
    to_name: float
    to_cause: float
    to_proof: float

    @property
    def met(self) -> bool:
        """Whether the goals are met that do not depend on how busy the machine is."""
        return self.top1 >= TOP1_AT_LEAST and self.false == 0


def figures(results: Sequence[Result]) -> Figures:
    """Return the figures of some results."""
    faults = [result for result in results if result.expected]
    first = [result for result in faults if result.rank == 1]
    healthy = [result for result in results if result.healthy]
    return Figures(
        len(faults),
        len(first) / len(faults) if faults else 1.0,
        sum(bool(result.found) for result in healthy),
        _median([result.to_name for result in first]),
        _median([result.to_cause for result in first]),
        _median([result.to_proof for result in faults]),
    )


def _median(times: Sequence[float | None]) -> float:
    known = [time for time in times if time is not None]
    return statistics.median(known) if known else 0.0


def heading() -> str:
    """Return the head of the table."""
    return _ROW.format("scenario", "expected", "found", "rank", "named/s", "cause/s", "proof/s", "").rstrip()


def row(result: Result) -> str:
    """Return a row of the table, and below it what went wrong."""
    line = _ROW.format(
        result.name,
        " + ".join(result.expected) or ("its course" if result.family == COURSE else "nothing"),
        result.found or ("-" if result.family == COURSE else "nothing"),
        result.rank or "-",
        _seconds(result.to_name),
        _seconds(result.to_cause),
        _seconds(result.to_proof),
        ("ok" if result.passed else "FAILED") + (" (second time, alone)" if result.alone else ""),
    )
    return "\n".join([line, *(f"    {trouble}" for trouble in result.troubles)])


def _seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f}"


def summary(results: Sequence[Result]) -> str:
    """Return the figures in words."""
    told, healthy = figures(results), sum(result.healthy for result in results)
    courses = [result for result in results if result.family == COURSE]
    return (
        f"{told.faults} faults: right cause first {told.top1:.1%} (goal {TOP1_AT_LEAST:.0%}), "
        f"named {told.to_name:.1f} s after consent (median, goal {MEDIAN_AT_MOST:g} s), "
        f"confirmed after {told.to_cause:.1f} s, proof after {told.to_proof:.1f} s; "
        f"{healthy} healthy machines: {told.false} false findings (goal 0); "
        f"{len(courses)} courses of events: {sum(result.passed for result in courses)} as expected; "
        f"{sum(result.alone for result in results)} played a second time, alone"
    )
