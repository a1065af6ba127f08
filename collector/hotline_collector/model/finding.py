"""Findings and what belongs to them: evidence, missing facts, causes, verifications.

All times are microseconds since the epoch in collector time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from hotline_proto.facts import FactValue, NetworkPath, UnknownReason
from hotline_proto.relations import EntityRef


class FindingState(StrEnum):
    """Life of a finding; *stale* is a flag beside it."""

    SUSPECTED = "suspected"
    CONFIRMING = "confirming"
    ACTIVE = "active"
    CLEARING = "clearing"
    CLEARED = "cleared"


@dataclass(slots=True)
class Finding:
    """One rule holding, suspected or having held on one target and entity.

    `path` is the network path on which it was seen, None if the rule does not depend on the path.
    `onset` is when the rule first held (or was suspected), `changed` when the state last changed. The pack
    is the one that judges it, or judged it last.
    """

    id: str
    rule: str
    target: int
    entity: EntityRef | None
    state: FindingState
    onset: int
    changed: int
    pack_digest: str
    pack_version: str
    path: NetworkPath | None = None
    stale: bool = False

    @property
    def present(self) -> bool:
        """Whether it counts as a fault right now: active, or only just clearing."""
        return self.state in (FindingState.ACTIVE, FindingState.CLEARING)

    @property
    def gone(self) -> bool:
        """Whether there is nothing to fix: it has cleared, or is only suspected."""
        return self.state in (FindingState.CLEARED, FindingState.SUSPECTED)


class Evidence(NamedTuple):
    """One fact that makes a rule hold, with the condition it meets.

    `label` is how it is shown: the fact's name, or a function of it such as `rate(…, 60s)`; `function` and
    `window` (µs) say which. Of a list of entities `fact` is the name, and the value their number (`size`).
    """

    fact: str
    label: str
    entity: str
    value: FactValue
    unit: str
    condition: str
    measured: int
    function: str = ""
    window: int = 0


@dataclass(frozen=True, slots=True)
class Missing:
    """One fact that a rule lacks.

    `settle` says how it could be had: `source:NAME`, `question:ID`, `consent:personal`, or empty.
    """

    fact: str
    entity: str
    reason: UnknownReason
    settle: str


@dataclass(frozen=True, slots=True)
class Cause:
    """A finding that no other active finding explains, with the symptoms folded under it."""

    finding: Finding
    symptoms: tuple[Finding, ...]
    relevant: bool
    score: tuple[float, ...]


class VerificationState(StrEnum):
    """How the proof of a fix stands."""

    VERIFYING = "verifying"
    VERIFIED = "verified"
    STILL_PRESENT = "still_present"
    REGRESSED = "regressed"
    COULD_NOT_VERIFY = "could_not_verify"


@dataclass(slots=True)
class Verification:
    """The proof of one fix on facts measured after it was done.

    `cured_since` is since when what must be seen has been seen without a break, 0 while it is not. `before`
    are the facts concerned as they were when the fix was done, or when the fault was last seen.
    """

    fix_id: str
    finding_id: str
    done: int
    until: int
    state: VerificationState = VerificationState.VERIFYING
    settled: int = 0
    reason: str = ""
    cured_since: int = 0
    before: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer, its origin (a number of hotline.v1.Origin) and when it was given, in µs since the epoch."""

    value: FactValue
    origin: int
    at: int


@dataclass(frozen=True, slots=True)
class QuestionState:
    """A question that would decide something now, or its answer.

    `decides` is the share of the uncertainty about the cause that the answer is expected to remove (0 to 1),
    `seconds` how long asking and answering takes. It is `awaited` if the proof of a fix, a fix that was begun
    or the current step of a plan waits for it.
    """

    fact: str
    rules: tuple[str, ...]
    hazard: bool
    given: Answered | None
    decides: float = 0.0
    seconds: float = 0.0
    awaited: bool = False

    @property
    def answer(self) -> FactValue | None:
        """The answer, None if it is open."""
        return self.given.value if self.given is not None else None


class StepState(StrEnum):
    """How a step of a plan stands."""

    MET = "met"
    UNMET = "unmet"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class PlanState:
    """An installation plan as it stands: a state and what is missing for each step.

    `current` is the first step that is not met, the number of steps if all are.
    """

    plan: str
    steps: tuple[tuple[StepState, tuple[Missing, ...]], ...]
    current: int


@dataclass(frozen=True, slots=True)
class FactState:
    """One fact as the engine knows it."""

    target: int
    fact: str
    entity: str
    value: FactValue
    measured: int
    origin: int


@dataclass(frozen=True, slots=True)
class SourceState:
    """How the last run of a source ended; `ran` is 0 if it never ran."""

    source: str
    status: int
    note: str
    ran: int
    duration_us: int


@dataclass(slots=True)
class Changes:
    """What an input changed, for the call layer to act upon."""

    findings: set[str] = field(default_factory=set)
    verifications: set[str] = field(default_factory=set)
    follow_ups: bool = False
    questions: bool = False
    sources: bool = False

    def __bool__(self) -> bool:
        return bool(self.findings or self.verifications or self.follow_ups or self.questions or self.sources)
