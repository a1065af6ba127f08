"""Which files of a pack hold which rule, and its cases."""

from __future__ import annotations

from hotline_proto.catalogue import Catalogue

from hotline_collector.model.rule import Pack
from hotline_collector.rulepack.cases import Case, read_cases
from hotline_collector.rulepack.document import Document
from hotline_collector.rulepack.loader import CASES_SUFFIX


def rule_files(pack: Pack) -> dict[str, str]:
    """Return the file of each rule."""
    out = {}
    for name, raw in pack.files.items():
        if not name.endswith(CASES_SUFFIX):
            data = Document(name, raw.decode()).data
            if isinstance(data, dict) and data.get("id") in pack.rules:
                out[data["id"]] = name
    return out


def cases_of(pack: Pack, file: str, catalogue: Catalogue) -> list[Case]:
    """Return the well-formed cases beside the file of a rule; none if there are none."""
    name = file.removesuffix(".yaml") + CASES_SUFFIX
    raw = pack.files.get(name)
    if raw is None:
        return []
    return read_cases(Document(name, raw.decode("utf-8", "replace")), catalogue, frozenset(pack.questions))
