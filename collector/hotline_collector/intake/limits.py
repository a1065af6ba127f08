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
    """A token bucket: says how long to wait before more is read.

    A backlog after an outage is legitimate, so who sends too fast is slowed down by flow control, not
    thrown out: reading stops until the bucket has refilled. `pause` is that time in seconds, 0 mostly; the
    reader takes it and sets it back.
    """

    __slots__ = ("_burst", "_last", "_left", "_per_us", "pause")

    def __init__(self, limits: IntakeLimits, now: int) -> None:
        self._per_us = limits.frames_per_second / 1e6
        self._burst = float(limits.burst)
        self._left = self._burst
        self._last = now
        self.pause = 0.0

    def take(self, now: int, frames: int) -> None:
        """Take some frames at `now` (µs)."""
        left = min(self._burst, self._left + (now - self._last) * self._per_us) - frames
        self._last = now
        self._left = left
        self.pause = 0.0 if left >= 0.0 else -left / (self._per_us * 1e6)
