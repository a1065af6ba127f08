"""What came of a scenario."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

COURSE = "course"


@dataclass(slots=True)
class Result:
    """What came of a scenario; times in seconds, from consent and from "done".

    `to_name` is when the agent first read the right cause at the top, `to_cause` when it was confirmed.
    `troubles` are what was wrong, none if all was as it must be; `facts` are then what was measured last.
    `alone` tells that it was played a second time, by itself.
    """

    name: str
    family: str
    expected: list[str]
    found: str = ""
    rank: int = 0
    to_name: float | None = None
    to_cause: float | None = None
    to_proof: float | None = None
    troubles: list[str] = field(default_factory=list)
    facts: list[str] = field(default_factory=list)
    took: float = 0.0
    alone: bool = False

    @property
    def healthy(self) -> bool:
        """Whether it was a machine on which nothing may be found; courses of events are judged otherwise."""
        return not self.expected and self.family != COURSE

    @property
    def passed(self) -> bool:
        """Whether all was as it must be."""
        return not self.troubles

    def as_json(self) -> dict[str, Any]:
        """Return it for programs."""
        return asdict(self)
