"""What an agent said about a known outage."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OutageMark:
    """A mark on the outage of one rule: announced or dismissed, and by whom.

    It ends (µs since the epoch) an hour after the outage was last seen.
    """

    rule: str
    state: str
    agent: str
    ends: int
