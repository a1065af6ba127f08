"""The decision table of this build: the rules in a form that needs no collector."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from hotline_probe.errors import TableError
from hotline_probe.local.evaluate import Evaluator, compile_tree
from hotline_probe.local.signature import verify

FORMAT = 1
MAX_BYTES = 4 * 1024 * 1024
FILE = "table.json"
SIGNATURE = "table.sig"

Severity = Literal["critical", "warning", "info"]


@dataclass(frozen=True, slots=True)
class LocalRule:
    """One rule; texts by language, `explains` closed over all rules, `steps` those of the caller."""

    id: str
    severity: Severity
    confidence: float
    hazard: bool
    for_each: str
    when: Evaluator
    explains: frozenset[str]
    title: dict[str, str]
    symptom: dict[str, str]
    steps: tuple[dict[str, str], ...]


@dataclass(frozen=True, slots=True)
class SpokenCondition:
    """One item of the result that is read out."""

    for_each: str
    when: Evaluator


@dataclass(frozen=True, slots=True)
class DecisionTable:
    """All rules of a build, and what of the facts is read out; `number` has two digits."""

    pack: str
    version: str
    number: int
    rules: tuple[LocalRule, ...]
    spoken: tuple[SpokenCondition, ...]


def load_table(key: bytes = b"", folder: Path | None = None) -> DecisionTable:
    """Return the table of this build; with a key only one that is signed with it (Ed25519).

    Raises:
        TableError: the table is missing, damaged or not signed with that key.
    """
    place = folder or Path(__file__).parent
    raw = _read(place / FILE)
    if key and not verify(key, _read(place / SIGNATURE), raw):
        raise TableError(f"{FILE} is not signed by the operator of this program")
    return read_table(raw)


def read_table(raw: bytes) -> DecisionTable:
    """Return the table in a file's bytes.

    Raises:
        TableError: it is damaged, too large or of another version.
    """
    try:
        data = json.loads(raw)
        if data["format"] != FORMAT:
            raise TableError(f"it has format {data['format']}; this program reads {FORMAT}")
        return DecisionTable(
            data["pack"],
            data["version"],
            int(data["number"]),
            tuple(_rule(entry) for entry in data["rules"]),
            tuple(SpokenCondition(item["for_each"], compile_tree(item["when"])) for item in data["spoken"]),
        )
    except TableError as error:
        raise TableError(f"{FILE}: {error}") from error
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise TableError(f"{FILE} is damaged: {error!r}") from error


def _rule(entry: dict[str, Any]) -> LocalRule:
    return LocalRule(
        id=entry["id"],
        severity=entry["severity"],
        confidence=float(entry["confidence"]),
        hazard=bool(entry["hazard"]),
        for_each=entry["for_each"],
        when=compile_tree(entry["when"]),
        explains=frozenset(entry["explains"]),
        title=entry["title"],
        symptom=entry["symptom"],
        steps=tuple(entry["steps"]),
    )


def _read(file: Path) -> bytes:
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise TableError(f"{file.name}: {error.strerror}") from error
    if len(raw) > MAX_BYTES:
        raise TableError(f"{file.name} is larger than {MAX_BYTES} bytes")
    return raw
