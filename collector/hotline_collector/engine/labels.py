"""How a variable of a condition is called when it is shown to people."""

from __future__ import annotations

from typing import NamedTuple

from hotline_proto.catalogue import Catalogue

from hotline_collector.engine.cel.describe import describe_variable
from hotline_collector.engine.cel.tree import VarKey, find_spec


class Label(NamedTuple):
    """The fact behind a variable, the variable as text, such as `rate(…, 60s)`, and its unit (UCUM)."""

    fact: str
    text: str
    unit: str


def label_of(catalogue: Catalogue, key: VarKey) -> Label:
    """Return the label of a variable."""
    spec = find_spec(catalogue, key)
    fact = spec.name if spec else key.fact
    text = describe_variable(key._replace(kind="", fact=fact))
    return Label(fact, text, _unit(key, spec.unit if spec else ""))


def _unit(key: VarKey, unit: str) -> str:
    if key.function == "age":
        return "s"
    if key.function == "rate":
        return {"By": "By/s"}.get(unit, "1/s")
    return "" if key.function in ("known", "changed", "count") else unit
