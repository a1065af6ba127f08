"""How much a probe may send: every byte of it is hostile."""

from __future__ import annotations

from dataclasses import dataclass

# A usual frame takes a tenth of it.
_COSTLY_S = 0.005


@dataclass(frozen=True, slots=True)
class IntakeLimits:
    """Caps of one session; `frames_per_second` is sustained, `burst` what a backlog may bring at once.

    `share` is how much of a processor its frames may take, sustained: a frame that takes long to judge counts
    as many.

    Names, texts, entities and facts are capped where they are read, in the engine.
    """

    frame_bytes: int = 256 * 1024
    frames_per_second: float = 200.0
    burst: int = 2000
    share: float = 0.25
    hello_timeout_s: float = 15.0
    queued_frames: int = 500


class Allowance:
    """A token bucket: says how long to wait before more is read.

    A backlog after an outage is legitimate, so who sends too fast is slowed down by flow control, not
    thrown out: reading stops until the bucket has refilled. `pause` is that time in seconds, 0 mostly; the
    reader takes it and sets it back. `costly` says that each of the last frames took so long that others
    should have their turn after each of them.
    """

    __slots__ = ("_burst", "_last", "_left", "_per_us", "_worth", "costly", "pause")

    def __init__(self, limits: IntakeLimits, now: int) -> None:
        self._per_us = limits.frames_per_second / 1e6
        self._burst = float(limits.burst)
        self._left = self._burst
        self._last = now
        self._worth = limits.frames_per_second / limits.share
        self.pause = 0.0
        self.costly = False

    def take(self, now: int, frames: int) -> None:
        """Take some frames at `now` (µs)."""
        left = min(self._burst, self._left + (now - self._last) * self._per_us) - frames
        self._last = now
        self._left = left
        self._wait()

    def spent(self, seconds: float, frames: int) -> None:
        """Take as many frames more as the time is worth that some frames, which were taken, have cost."""
        self.costly = seconds > _COSTLY_S * frames
        more = seconds * self._worth - frames
        if more > 0.0:
            self._left -= more
            self._wait()

    def _wait(self) -> None:
        self.pause = 0.0 if self._left >= 0.0 else -self._left / (self._per_us * 1e6)
