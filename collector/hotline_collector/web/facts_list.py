"""All facts of a call: searched, and with the state of what measures them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hotline_proto.v1 import agent_pb2 as pb

_MAX_SHOWN = 400


def facts_list(view: pb.CallView, search: str) -> Mapping[str, Any]:
    """Return what the template of facts takes: those in which all words of a search occur, how many more."""
    words = search.casefold().split()
    found = [fact for fact in sorted(view.facts, key=_place) if _holds(fact, words)]
    return {
        "facts": found[:_MAX_SHOWN],
        "left_out": max(len(found) - _MAX_SHOWN, 0),
        "statuses": {
            (target.target, source.source): source.status
            for target in view.targets
            for source in target.sources
        },
    }


def _place(fact: pb.FactView) -> tuple[int, str, str]:
    return fact.target, fact.fact, fact.entity


def _holds(fact: pb.FactView, wanted: list[str]) -> bool:
    words = (fact.meaning.en, fact.meaning.de, fact.label.en, fact.label.de)
    text = " ".join((fact.fact, fact.entity, fact.value, fact.unknown, fact.source, *words)).casefold()
    return all(word in text for word in wanted)
