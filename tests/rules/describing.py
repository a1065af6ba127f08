"""Machines as the scenarios describe them."""

from __future__ import annotations

from typing import Any

from hotline_collector.rulepack.cases import Moment, typed_value
from hotline_proto.catalogue import load_catalogue
from hotline_proto.facts import FactValue


def described(machine: dict[str, Any]) -> Moment:
    """Return one moment of a machine."""
    catalogue = load_catalogue()
    values: dict[tuple[str, str], FactValue] = {
        (name, ""): typed_value(raw, catalogue.facts.get(name))
        for name, raw in machine.get("facts", {}).items()
    }
    entities = machine.get("entities", {})
    for kind, members in entities.items():
        for key, facts in members.items():
            for short, raw in facts.items():
                name = f"{catalogue.entities[kind].prefix}.{short}"
                values[(name, key)] = typed_value(raw, catalogue.facts[name])
    return Moment(0, values, tuple(entities), "home")
