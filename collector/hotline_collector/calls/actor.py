"""Who does something with calls."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks: the name of a local account and its role (agent, lead, admin)."""

    name: str
    role: str


# Who sends a result from a phone: nobody has an account, the join code is what counts.
CALLER = Actor("caller", "caller")
