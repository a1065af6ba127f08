"""A line of a log, and what makes it an event of a fact."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

MAX_MESSAGE = 1024


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One line of a log; `age` in seconds, `program` as in syslog, `kernel` if the kernel itself wrote it."""

    age: float
    kernel: bool
    program: str
    message: str


@dataclass(frozen=True, slots=True)
class Pattern:
    """Lines of one kind.

    One of `words` must be in the message; then `expression`, if any, must match. Its group `pid` names
    the process that the event is about: several lines about the same one are one event. `kernel` limits
    the pattern to the kernel's messages, `programs` to those of some programs, so that a name in a user's
    own message raises no alarm.
    """

    fact: str
    words: tuple[str, ...]
    expression: re.Pattern[str] | None = None
    kernel: bool = True
    programs: frozenset[str] = field(default_factory=frozenset)


def kernel_pattern(fact: str, words: tuple[str, ...], expression: str = "") -> Pattern:
    """Return a pattern of lines that the kernel writes."""
    return Pattern(fact, words, re.compile(expression, re.ASCII) if expression else None)


def program_pattern(fact: str, words: tuple[str, ...], expression: str = "", programs: str = "") -> Pattern:
    """Return a pattern of lines that anybody writes, or some `programs` (names with spaces between them)."""
    compiled = re.compile(expression, re.ASCII) if expression else None
    return Pattern(fact, words, compiled, kernel=False, programs=frozenset(programs.split()))
