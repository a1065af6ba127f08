"""The report of a call as data: what is found, ruled out, not known and tried; docs/report.md describes it.

Field names are those of the JSON form, and texts of rules come in both languages. A field may be added;
whatever else changes raises `VERSION`.
"""

from __future__ import annotations

from dataclasses import dataclass

FORMAT = "hotline.call-report"
VERSION = 1


@dataclass(frozen=True, slots=True)
class Words:
    """The same in English and German; either may be empty."""

    en: str = ""
    de: str = ""


@dataclass(frozen=True, slots=True)
class CallPart:
    """The call itself; times are RFC 3339 in UTC, empty if they have not come."""

    id: str
    state: str
    outcome: str
    complaint: str
    first_check: str
    customer_reference: str
    agent: str
    opened: str
    closed: str
    words_confirmed: bool


@dataclass(frozen=True, slots=True)
class TargetPart:
    """A computer: platform and system, and what the caller allowed to be read."""

    name: str
    platform: str
    system: str
    consent: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EvidencePart:
    """One value with the threshold it meets; `withheld` if it is personal and not allowed to be passed on.

    `label` is the value in words, if it is one of a few that have words.
    """

    fact: str
    meaning: Words
    entity: str
    value: str
    unit: str
    condition: str
    measured: str
    withheld: bool = False
    label: Words = Words()


@dataclass(frozen=True, slots=True)
class MissingPart:
    """A fact that is not known, why, and what would settle it (`source:NAME`, `question:ID`, …)."""

    fact: str
    entity: str
    reason: str
    settle: str
    meaning: Words = Words()


@dataclass(frozen=True, slots=True)
class FindingPart:
    """A cause with its evidence, or something suspected with what is missing."""

    rule: str
    title: Words
    entity: str
    severity: str
    state: str
    confidence: float
    since: str
    stale: bool = False
    evidence: tuple[EvidencePart, ...] = ()
    follows: tuple[Words, ...] = ()
    missing: tuple[MissingPart, ...] = ()


@dataclass(frozen=True, slots=True)
class ExcludedPart:
    """Something ruled out; `why` is passed, cleared, look_alike (of `instead`) or complaint.

    `as_of` is when that was known last, if the computer was gone after that.
    """

    why: str
    rule: str
    title: Words
    entity: str
    instead: Words
    as_of: str = ""


@dataclass(frozen=True, slots=True)
class SourcePart:
    """A source that could not read everything, and why."""

    source: str
    status: str
    note: str


@dataclass(frozen=True, slots=True)
class AnswerPart:
    """A question and what the caller answered."""

    question: str
    text: Words
    answer: Words


@dataclass(frozen=True, slots=True)
class FixPart:
    """A fix that was proposed and how it ended; `in_force` if it can be taken back and was not."""

    id: str
    rule: str
    title: Words
    entity: str
    action: str
    by: str
    state: str
    proposed: str
    done: str
    settled: str
    detail: str
    in_force: bool


@dataclass(frozen=True, slots=True)
class NotePart:
    """What a human noted down."""

    at: str
    author: str
    text: str


@dataclass(frozen=True, slots=True)
class DisagreementPart:
    """A cause that a human says it was not, and what it was instead."""

    at: str
    author: str
    rule: str
    instead: str
    reason: str


@dataclass(frozen=True, slots=True)
class Report:
    """Everything; `ticket` and `summary` are as the agent left them, empty while the call is open."""

    call: CallPart
    targets: tuple[TargetPart, ...] = ()
    causes: tuple[FindingPart, ...] = ()
    cured: tuple[FindingPart, ...] = ()
    also_noticed: tuple[FindingPart, ...] = ()
    excluded: tuple[ExcludedPart, ...] = ()
    suspected: tuple[FindingPart, ...] = ()
    unread: tuple[SourcePart, ...] = ()
    answers: tuple[AnswerPart, ...] = ()
    fixes: tuple[FixPart, ...] = ()
    notes: tuple[NotePart, ...] = ()
    disagreements: tuple[DisagreementPart, ...] = ()
    ticket: str = ""
    summary: str = ""
    generated: str = ""
    format: str = FORMAT
    version: int = VERSION
