"""Faults of a rule pack: all of them at once, each with file, line and column."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """What is wrong and where; line and column count from 1."""

    file: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.message}"


class PackError(Exception):
    """A pack has faults and is refused as a whole."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = sorted(faults)
        count = f"{len(faults)} fault{'s' if len(faults) != 1 else ''}"
        super().__init__(f"the rule pack has {count}:\n" + "\n".join(map(str, self.faults)))
