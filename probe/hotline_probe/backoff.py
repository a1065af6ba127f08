"""How long to wait before the next attempt."""

from __future__ import annotations

import random


class Backoff:
    """Waits that double from `first` to `longest` seconds, each drawn from its upper half.

    The draw keeps thousands of probes that lost the same collector from coming back in step
    (AWS Architecture Blog, "Exponential Backoff And Jitter": equal jitter).
    """

    def __init__(self, first: float = 0.5, longest: float = 15.0, rng: random.Random | None = None) -> None:
        self._first = first
        self._longest = longest
        self._next = first
        self._rng = rng or random.Random()  # noqa: S311 - spreads load, guards nothing

    def next(self) -> float:
        """Return the next wait in seconds."""
        wait = self._next * self._rng.uniform(0.5, 1.0)
        self._next = min(self._next * 2, self._longest)
        return wait

    def reset(self) -> None:
        """Begin again with the shortest wait."""
        self._next = self._first
