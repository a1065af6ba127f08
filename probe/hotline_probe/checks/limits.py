"""Bounds of one check: a time by which it ends whatever the other side does."""

from __future__ import annotations

import time


class Deadline:
    """A point in time that all steps of a check share."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def rest(self) -> float:
        """Return the seconds until then, 0 afterwards."""
        return max(self._end - time.monotonic(), 0.0)

    def left(self, at_most: float) -> float:
        """Return the seconds that a step may take.

        Raises:
            TimeoutError: there are none left.
        """
        left = min(self._end - time.monotonic(), at_most)
        if left <= 0:
            raise TimeoutError("the check takes too long")
        return left
