"""What a scenario of the lab is: one real fault, or none, and what must be found."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tests.lab.lab import Lab

Step = Callable[[Lab], object]


def nothing(lab: Lab) -> None:
    """Change nothing."""


@dataclass(frozen=True, slots=True)
class Cause:
    """An expected cause; an empty entity stands for any."""

    rule: str
    entity: str = ""


@dataclass(frozen=True, slots=True)
class Scenario:
    """One fault on the customer's machine, in its home network or beyond.

    `inject` breaks and `repair` heals; both see the lab. `causes` are what must be found: with one, it must
    be at rank 1; with several faults at once, all must be among the first. None means that the machine is
    healthy and nothing may be said. `look_alikes` must never be at rank 1. `allowed` are other true
    findings. Without `repair`, the action `fix` of the probe has to heal, as root where `root` says so.
    `answers` are what the caller says when asked after the fix. `cut` says that the fault cuts the way to
    the collector, so that another one is taken; `checks` are what the caller names. `patience` (s) is how
    long the cause may take, `proof` (s) how long its cure, 0 if none is tried, which must end as `outcome`;
    `watch` (s) how long a healthy machine is looked at. `wire` puts a cable with a delay in the `home` or
    the provider's `line`. `exclusive` says that no other lab may run beside it.
    """

    name: str
    family: str
    complaint: str
    causes: tuple[Cause, ...] = ()
    inject: Step = nothing
    repair: Step | None = None
    look_alikes: tuple[str, ...] = ()
    allowed: frozenset[str] = frozenset()
    checks: tuple[str, ...] = ()
    cut: bool = False
    fix: str = ""
    root: bool = False
    answers: Mapping[str, str] = field(default_factory=dict)
    patience: float = 20.0
    proof: float = 30.0
    outcome: str = "verified"
    watch: float = 24.0
    disk: str = "48m"
    ipv6: bool = False
    wire: str = ""
    exclusive: bool = False

    @property
    def healthy(self) -> bool:
        """Whether there is nothing to find."""
        return not self.causes


def cause(rule: str, entity: str = "") -> tuple[Cause, ...]:
    """Return one expected cause."""
    return (Cause(rule, entity),)
