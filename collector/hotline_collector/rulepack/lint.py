"""What loads but cannot be meant: dead conditions, texts not translated, steps and questions nobody uses."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from hotline_proto.catalogue import Catalogue

from hotline_collector.engine.cel.tree import Condition
from hotline_collector.engine.ruleset import Conditions
from hotline_collector.model.rule import Pack
from hotline_collector.rulepack.document import Document, Path
from hotline_collector.rulepack.faults import Fault
from hotline_collector.rulepack.reach import doubts

_CASES_SUFFIX = ".cases.yaml"
_PLACEHOLDER = re.compile(r"\b(TODO|FIXME|TBD|XXX)\b|lorem ipsum|<[^<>]*>|^\W*$", re.IGNORECASE)
_NAMES = re.compile(r"[a-z][a-z0-9_]*(?:\.[a-z0-9_]+)+")


def lint(
    pack: Pack,
    catalogue: Catalogue,
    conditions: Conditions,
    rule_documents: Mapping[str, Document],
    documents: Mapping[str, Document],
) -> list[Fault]:
    """Return what is doubtful in a pack; `documents` are all its files by name."""
    sources = {name: doc for name, doc in documents.items() if not name.endswith(_CASES_SUFFIX)}
    faults: list[Fault] = []
    for rule_id, (when, expect) in conditions.items():
        document = rule_documents[rule_id]
        faults += _condition(document, ("when",), when, pack, catalogue, clears=True)
        if expect is not None:
            faults += _condition(document, ("verify", "expect"), expect, pack, catalogue, clears=False)
    for document in sources.values():
        faults += _texts(document, document.data, ())
    faults += _library("steps.yaml", "step", sources)
    faults += _library("questions.yaml", "question", sources)
    return faults


def _condition(
    document: Document, path: Path, condition: Condition, pack: Pack, catalogue: Catalogue, *, clears: bool
) -> Iterator[Fault]:
    for doubt in doubts(condition.root, catalogue, pack.questions, clears=clears):
        place = condition.source.find(doubt.about) if doubt.about else -1
        yield document.fault(path, doubt.message, place if place >= 0 else None)


def _texts(document: Document, data: Any, path: Path) -> Iterator[Fault]:
    """Yield every text that is a placeholder, or German that is still English."""
    if not isinstance(data, dict):
        return
    english, german = data.get("en"), data.get("de")
    if isinstance(english, str) and isinstance(german, str):
        for language, text in (("en", english), ("de", german)):
            if _PLACEHOLDER.search(text):
                yield document.fault((*path, language), f"a placeholder was left: {text}")
        if english.strip() == german.strip() and len(german.split()) > 1:
            yield document.fault((*path, "de"), "not translated: German is the same as English")
    for key, value in data.items():
        yield from _texts(document, value, (*path, key))


def _library(base: str, what: str, documents: Mapping[str, Document]) -> Iterator[Fault]:
    """Yield every step or question that is defined twice or that nothing names."""
    defining = {name: doc for name, doc in documents.items() if name.rpartition("/")[2] == base}
    named = {word for name, doc in documents.items() if name not in defining for word in _names(doc.data)}
    first: dict[str, Document] = {}
    for document in defining.values():
        for key in document.data if isinstance(document.data, dict) else ():
            if key in first:
                yield document.fault((key,), f"{what} {key} is also in {first[key].name}")
            elif key not in named:
                yield document.fault((key,), f"nothing uses the {what} {key}; delete it")
            first.setdefault(key, document)


def _names(data: Any) -> Iterator[str]:
    """Yield every text of a document and every dotted name in it."""
    if isinstance(data, str):
        yield data
        yield from _NAMES.findall(data)
    elif isinstance(data, dict):
        for value in data.values():
            yield from _names(value)
    elif isinstance(data, list):
        for item in data:
            yield from _names(item)
