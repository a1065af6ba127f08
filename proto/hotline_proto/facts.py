"""Facts, unknowns and runs: the values that travel from a source to the engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import NamedTuple


class UnknownReason(IntEnum):
    """Why a fact has no value; the numbers are those of hotline.v1.UnknownReason."""

    NOT_COLLECTED = 1
    PENDING = 2
    PERMISSION = 3
    TIMEOUT = 4
    UNSUPPORTED = 5
    MISSING_TOOL = 6
    STALE = 7
    DECLINED = 8
    UNREACHABLE = 9

    @property
    def word(self) -> str:
        """The reason as the rule language and the faces spell it."""
        return self.name.lower()


class SourceStatus(IntEnum):
    """How one run of a source ended; the numbers are those of hotline.v1.SourceStatus."""

    OK = 1
    PARTIAL = 2
    FAILED = 3
    TIMEOUT = 4
    UNSUPPORTED = 5
    PERMISSION = 6
    DECLINED = 7

    @property
    def word(self) -> str:
        """The status as the faces spell it."""
        return self.name.lower()


class Events(tuple[float, ...]):
    """New events of a log fact: their ages in seconds at the start of the run."""

    __slots__ = ()


FactValue = float | int | bool | str | Events | UnknownReason


class Fact(NamedTuple):
    """One value of one catalogued fact.

    `key` names the entity ("eth0", "/", "1234@5678"); it is empty for facts of the target itself.
    An `UnknownReason` as value says that this fact could not be told, and why.
    """

    name: str
    value: FactValue
    key: str = ""


class NetworkPath(NamedTuple):
    """The way out of the machine: the interface in use and a pseudonym of its gateway."""

    interface: str
    gateway: str


@dataclass(slots=True)
class SourceRun:
    """What one run of a source found.

    `started` is on the probe's suspend-aware monotonic clock in seconds, `duration` in seconds.
    `path` is the network path if it was the same before and after the run, else None.
    """

    source: str
    status: SourceStatus
    started: float
    duration: float
    facts: Sequence[Fact] = field(default_factory=tuple)
    path: NetworkPath | None = None
    note: str = ""
