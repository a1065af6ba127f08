"""Who is at work: everybody who did something at the desk lately; in memory only, and told as a number."""

from __future__ import annotations

# Longer than an agent listens to a caller without touching anything, shorter than a break.
AT_WORK_US = 15 * 60 * 1_000_000


class Presence:
    """When each agent was last seen; there are no more names than accounts."""

    def __init__(self) -> None:
        self._seen: dict[str, int] = {}

    def seen(self, name: str, now: int) -> None:
        """Note that an agent did something just now (µs since the epoch)."""
        self._seen[name] = now

    def at_work(self, now: int) -> int:
        """Return how many agents are at work."""
        self._seen = {name: at for name, at in self._seen.items() if at > now - AT_WORK_US}
        return len(self._seen)
