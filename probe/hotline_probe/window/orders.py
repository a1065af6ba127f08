"""What the call tells the window; the only way from the one thread to the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from hotline_probe.face import Question, Sentence, Status
from hotline_probe.texts import Texts


@dataclass(frozen=True, slots=True)
class Told:
    """News."""

    kind: str
    say: Sentence | None
    data: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stands:
    """Where the call stands."""

    status: Status


@dataclass(frozen=True, slots=True)
class CodeWanted:
    """The code is asked for; `read` raises UsageError for a wrong one, `known` is what there is."""

    number: int
    read: Callable[[str, Texts], object]
    known: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A question waits; `yes_or_no` tells what kind of answer, `hidden` that nobody may read it."""

    number: int
    question: Question
    yes_or_no: bool
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Settled:
    """The question of this number is answered, or nobody waits for it any more."""

    number: int


@dataclass(frozen=True, slots=True)
class Over:
    """The call is over; the caller may still read."""


@dataclass(frozen=True, slots=True)
class Gone:
    """Nothing more will come: close the window."""


Order = Told | Stands | CodeWanted | Asked | Settled | Over | Gone
Answer = bool | str | None
