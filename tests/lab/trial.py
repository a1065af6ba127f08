"""What a run of the lab plays: a scenario by one of the ways to the cause, or a course of events."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.bench.processes import Collector
from tests.lab.lab import Surroundings
from tests.lab.result import Result


@dataclass(frozen=True, slots=True)
class Trial:
    """`lasts` (s) is how long it takes at most, roughly: what lasts begins first.

    With `exclusive`, nothing else may run beside it.
    """

    name: str
    family: str
    lasts: float
    run: Callable[[Surroundings, Collector], Result]
    exclusive: bool = False
