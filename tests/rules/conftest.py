"""Whole machines as the scenarios describe them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hotline_collector.rulepack.cases import Moment, typed_value
from hotline_proto.catalogue import load_catalogue
from hotline_proto.facts import FactValue


@pytest.fixture(scope="session")
def moment() -> Callable[[dict[str, Any]], Moment]:
    """Return a function that turns what a scenario says about a machine into one moment of it."""

    def make(described: dict[str, Any]) -> Moment:
        catalogue = load_catalogue()
        values: dict[tuple[str, str], FactValue] = {
            (name, ""): typed_value(raw, catalogue.facts.get(name))
            for name, raw in described.get("facts", {}).items()
        }
        entities = described.get("entities", {})
        for kind, members in entities.items():
            for key, facts in members.items():
                for short, raw in facts.items():
                    name = f"{catalogue.entities[kind].prefix}.{short}"
                    values[(name, key)] = typed_value(raw, catalogue.facts[name])
        return Moment(0, values, tuple(entities), "home")

    return make
