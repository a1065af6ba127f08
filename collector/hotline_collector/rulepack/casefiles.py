"""Which files of a pack hold which rule, and its cases; what is wrong with how the cases are written."""

from __future__ import annotations

from hotline_proto.catalogue import Catalogue

from hotline_collector.model.rule import Pack
from hotline_collector.rulepack.cases import Case, read_cases
from hotline_collector.rulepack.document import Document
from hotline_collector.rulepack.faults import Fault
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


def orphans(pack: Pack) -> list[Fault]:
    """Return a fault for every cases file that lies beside no rule."""
    return [
        Fault(name, 1, 1, "there is no rule beside these cases")
        for name in pack.files
        if name.endswith(CASES_SUFFIX) and name.removesuffix(CASES_SUFFIX) + ".yaml" not in pack.files
    ]


def case_faults(pack: Pack, catalogue: Catalogue) -> list[Fault]:
    """Return what is wrong with the cases without playing them."""
    out = orphans(pack)
    for name, raw in pack.files.items():
        if name.endswith(CASES_SUFFIX):
            document = Document(name, raw.decode("utf-8", "replace"))
            read_cases(document, catalogue, frozenset(pack.questions))
            out += document.faults
    return out


def cases_of(pack: Pack, file: str, catalogue: Catalogue) -> list[Case]:
    """Return the well-formed cases beside the file of a rule; none if there are none."""
    name = file.removesuffix(".yaml") + CASES_SUFFIX
    raw = pack.files.get(name)
    if raw is None:
        return []
    return read_cases(Document(name, raw.decode("utf-8", "replace")), catalogue, frozenset(pack.questions))
