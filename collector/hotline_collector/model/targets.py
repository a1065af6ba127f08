"""What a call is about: its targets by number."""

from __future__ import annotations

from typing import NamedTuple

# The caller's own computer is the first target of every call.
COMPUTER = 1


class CodePurpose(NamedTuple):
    """What a join code lets in: one target of one call."""

    call_id: str
    target: int = COMPUTER
