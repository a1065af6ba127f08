"""What the collector that serves these pages tells an admin of itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


class JournalState(Protocol):
    """How the journal does: bytes that wait, and why the last commit failed (empty if it did not)."""

    @property
    def waiting(self) -> int:
        """How many bytes wait to be written."""
        ...

    reason: str


@dataclass(frozen=True, slots=True)
class Operation:
    """How the collector runs; times in µs since the epoch.

    `ready` says why it is not ready, empty if it is; `repeat_days` is 0 if customers who ring again are not
    recognised.
    """

    ready: Callable[[], Awaitable[str]]
    journal: JournalState
    database: Path
    started: int
    certificate_ends: int
    retention_days: int
    repeat_days: int


def size_of(database: Path) -> int:
    """Return the bytes of a SQLite file with what is not yet folded into it (sqlite.org/wal.html)."""
    total = 0
    for name in (database.name, f"{database.name}-wal"):
        try:
            total += database.with_name(name).stat().st_size
        except OSError:
            continue
    return total
