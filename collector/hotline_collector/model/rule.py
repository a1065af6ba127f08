"""Rules and packs as the loader hands them to the engine: checked, immutable, without YAML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Severity = Literal["critical", "warning", "info"]
# Among the answers of a step's `only`: the question is open, or the caller does not know.
UNKNOWN = "unknown"
SEVERITY_RANK: Mapping[str, int] = {"info": 0, "warning": 1, "critical": 2}


@dataclass(frozen=True, slots=True)
class Text:
    """The same in English and German."""

    en: str
    de: str


@dataclass(frozen=True, slots=True)
class Step:
    """A sentence for a human to follow, and how to take it back.

    `only` names the answers of a question with which it is said, by the question; `unknown` is one that is
    open or not known. Without it the sentence is always said.
    """

    id: str
    text: Text
    undo: Text | None
    only: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fix:
    """A cure: either an action of the probe or steps of a human.

    `parameters` maps the action's parameter to `KIND` (the bound entity) or `KIND.short`/fact holding a key.
    `ask` are questions whose answers it needs, such as the model for an order, asked once it is begun.
    """

    action: str
    parameters: Mapping[str, str]
    steps: tuple[Step, ...]
    by: str
    risk: str
    ask: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """Something only a human can answer; its answer is the fact of the same name.

    `how` says how the caller finds out, `seconds` is how long asking and answering takes, `picture` names
    the drawing that shows a caller with a phone where to look. `form` says what a text without values looks
    like: `code` (letters, digits and a few signs) or `month`, kept as 2025-03.
    """

    fact: str
    type: Literal["bool", "text"]
    values: Mapping[str, Text]
    text: Text
    hazard: bool
    how: Text | None = None
    seconds: float = 10.0
    picture: str = ""
    form: Literal["", "code", "month"] = ""


@dataclass(frozen=True, slots=True)
class LexiconEntry:
    """Words of callers and the rules they point at.

    `symptoms` gives each rule, or prefix of rules ending in `*`, its weight from 1 (possible) to 3 (likely).
    `first_check` is `target` if the agent should ask for an address and have it checked. Without `probe` all
    of it is known by answers, so that nobody is asked to start one. A `vague` entry, such as a machine of
    unknown kind, counts only where nothing else is spoken of.
    """

    id: str
    label: Text
    words: tuple[str, ...]
    symptoms: Mapping[str, int]
    first_question: str = ""
    first_check: str = ""
    probe: bool = True
    vague: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """How one fault is recognised, explained, cured and proven gone; times in microseconds."""

    id: str
    status: str
    severity: Severity
    title: Text
    symptom: Text
    for_each: str
    when: str
    hold: int
    release: int
    confidence: float
    explains: tuple[str, ...]
    look_alikes: Mapping[str, Text]
    ask: tuple[str, ...]
    hazard: bool
    fixes: tuple[Fix, ...]
    verify_within: int
    verify_expect: str
    references: tuple[str, ...]
    across: bool = False


@dataclass(frozen=True, slots=True)
class PlanStep:
    """One step of a plan: the condition that must be met, and what a human does to get there."""

    title: Text
    met: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """An installation as ordered steps; the first that is not met is the current one."""

    id: str
    title: Text
    steps: tuple[PlanStep, ...]


@dataclass(frozen=True)
class Pack:
    """A set of rules with everything they refer to; `digest` is SHA-256 over all its files.

    Rules in `disabled` are known and never judged: another pack of the set switched them off.
    """

    name: str
    version: str
    digest: str
    rules: Mapping[str, Rule]
    questions: Mapping[str, Question]
    lexicon: tuple[LexiconEntry, ...]
    plans: Mapping[str, Plan] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    disabled: frozenset[str] = frozenset()
