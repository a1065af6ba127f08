"""Errors of the call layer.

CallError             an agent or probe asked for something that cannot be; `kind` says why
  NotYet              it can be as soon as others have made room
InvalidTransition     a fix cannot go that way
"""

from __future__ import annotations

from enum import StrEnum


class CallErrorKind(StrEnum):
    """Why something cannot be; every face has one status for each."""

    NOT_FOUND = "not_found"
    INVALID = "invalid"
    LOCKED = "locked"
    REASON = "reason"
    CONFLICT = "conflict"
    UNAVAILABLE = "unavailable"


class CallError(Exception):
    """Something that was asked for cannot be; the message says what, why and what to do."""

    def __init__(self, kind: CallErrorKind, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class NotYet(CallError):
    """Something that was asked for can be as soon as others have made room."""

    def __init__(self, message: str) -> None:
        super().__init__(CallErrorKind.CONFLICT, message)


class InvalidTransition(Exception):
    """A fix cannot go that way from where it stands."""


def not_found(message: str) -> CallError:
    """Return the error for something that does not exist."""
    return CallError(CallErrorKind.NOT_FOUND, message)


def invalid(message: str) -> CallError:
    """Return the error for input that makes no sense."""
    return CallError(CallErrorKind.INVALID, message)


def locked(message: str) -> CallError:
    """Return the error for something that must be unlocked first."""
    return CallError(CallErrorKind.LOCKED, message)


def conflict(message: str) -> CallError:
    """Return the error for something that does not fit the present state."""
    return CallError(CallErrorKind.CONFLICT, message)
