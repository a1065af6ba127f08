"""How much a probe may send: every byte of it is hostile."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class IntakeLimits:
    """Caps of one session; `frames_per_second` is sustained, `burst` what a backlog may bring at once.

    Names, texts, entities and facts are capped where they are read, in the engine.
    """

    frame_bytes: int = 256 * 1024
    frames_per_second: float = 200.0
    burst: int = 2000
    hello_timeout_s: float = 15.0
    queued_frames: int = 500


class Allowance:
    """A token bucket: says how long to wait before the next frame is read.

    A backlog after an outage is legitimate, so who sends too fast is slowed down by flow control, not
    thrown out: reading stops until the bucket has refilled.
    """

    __slots__ = ("_burst", "_last", "_left", "_per_us")

    def __init__(self, limits: IntakeLimits, now: int) -> None:
        self._per_us = limits.frames_per_second / 1e6
        self._burst = float(limits.burst)
        self._left = self._burst
        self._last = now

    def take(self, now: int) -> float:
        """Take one frame at `now` (µs) and return for how many seconds not to read on, mostly 0."""
        left = self._left + (now - self._last) * self._per_us - 1.0
        self._last = now
        self._left = left if left < self._burst else self._burst
        return 0.0 if left >= 0.0 else -left / (self._per_us * 1e6)
