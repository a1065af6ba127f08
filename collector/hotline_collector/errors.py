"""Errors of the collector's foundations; calls, intake and engine have their own beside them.

CollectorError
├── ConfigError        the configuration has faults; carries all of them
├── StoreError         the store cannot be read or written
│   ├── JournalFull    so much waits to be written that nothing more is taken
│   └── SchemaTooNew   the database was written by a newer version
├── SecurityError      a key, certificate or password cannot be used
│   └── PasswordRefused  a new password is too short, too long or too easy to guess
├── Busy               too many attempts at once; this one was not looked at
├── AccountError       an account cannot be made or changed
│   └── LastAdmin      nobody who may administer could sign in any more
└── StartError         the collector cannot start: an address is taken, a folder is not writable
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class CollectorError(Exception):
    """Something the operator must be told; the message says what, where and what to do."""


@dataclass(frozen=True, slots=True)
class ConfigFault:
    """One thing wrong with the configuration: where it comes from, what it is and what to do."""

    origin: str
    message: str

    def __str__(self) -> str:
        return f"{self.origin}: {self.message}"


class ConfigError(CollectorError):
    """The configuration has faults; `faults` are all of them."""

    def __init__(self, faults: Sequence[ConfigFault]) -> None:
        self.faults = tuple(faults)
        count = f"{len(self.faults)} fault{'s' if len(self.faults) != 1 else ''}"
        super().__init__(
            f"the configuration has {count}:\n" + "\n".join(f"  {fault}" for fault in self.faults)
        )


class StoreError(CollectorError):
    """The store cannot be read or written; the message has the database's own words."""


class JournalFull(StoreError):
    """So much waits to be written that nothing more is taken until the disk works again."""


class SchemaTooNew(StoreError):
    """The database was written by a newer version of the collector."""


class SecurityError(CollectorError):
    """A key, certificate or password cannot be used."""


class PasswordRefused(SecurityError):
    """A new password is not taken; `reason` is short, long, known or repeats."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class Busy(CollectorError):
    """Too many attempts at once; this one was not looked at and may be made again."""


class AccountError(CollectorError):
    """An account cannot be made or changed."""


class LastAdmin(AccountError):
    """Nobody who may administer could sign in any more, so nothing was changed."""


class StartError(CollectorError):
    """The collector cannot start."""
