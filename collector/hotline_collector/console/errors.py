"""Errors of the agent's command line; each knows the exit code it ends with.

ConsoleError
├── UsageFault      what was typed makes no sense, or names nothing (2)
├── CannotReach     the collector does not answer, or is not the one that was trusted (3)
├── NotLoggedIn     there is no login, or it is not valid any more (3)
└── Refused         the collector says no; the message says why (4)
"""

from __future__ import annotations

from typing import ClassVar

EXIT_FINDING = 1
EXIT_USAGE = 2
EXIT_UNREACHED = 3
EXIT_REFUSED = 4
EXIT_INTERRUPTED = 130


class ConsoleError(Exception):
    """A command cannot do what was asked; the message says what, where and what to do."""

    exit_code: ClassVar[int] = EXIT_REFUSED


class UsageFault(ConsoleError):
    """What was typed makes no sense, or names nothing that exists."""

    exit_code = EXIT_USAGE


class CannotReach(ConsoleError):
    """The collector does not answer, or is not the one that was trusted."""

    exit_code = EXIT_UNREACHED


class NotLoggedIn(ConsoleError):
    """There is no login, or the collector does not accept it any more."""

    exit_code = EXIT_UNREACHED


class Refused(ConsoleError):
    """The collector says no; the message says why."""

    exit_code = EXIT_REFUSED
