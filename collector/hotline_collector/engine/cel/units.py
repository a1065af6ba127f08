"""Units of measurement in conditions: a fact with a unit is compared with a quantity of that unit."""

from __future__ import annotations

from hotline_proto.catalogue import Catalogue

from hotline_collector.engine.cel.tree import Const, Field, Node, Var, find_spec


def unit_fault(catalogue: Catalogue, nodes: tuple[Node, ...]) -> str:
    """Return what is wrong with the units of a comparison, empty if nothing is."""
    for fact, other in (nodes, nodes[::-1]):
        unit = unit_of(catalogue, fact)
        if unit is None or not isinstance(other, Const) or isinstance(other.value, bool | str):
            continue
        if unit and not other.unit:
            return f'this fact is measured in {unit}: compare it with qty("… {unit}")'
        if other.unit and other.unit != (unit or "1"):
            return f"a fact in {unit or '1'} cannot be compared with a quantity in {other.unit}"
    return ""


def unit_of(catalogue: Catalogue, node: Node) -> str | None:
    """Return the unit of a fact, empty for plain numbers, None if the node is no fact."""
    if isinstance(node, Field):
        shorts = [f for f in catalogue.facts.values() if f.entity and f.short == node.name]
        units = {_plain(f.unit) for f in shorts}
        return units.pop() if len(units) == 1 else None
    if not isinstance(node, Var):
        return None
    if node.key.function == "age":
        return "s"
    if node.key.function in ("known", "changed", "count"):
        return ""
    spec = find_spec(catalogue, node.key)
    if spec is None:
        return ""
    unit = _plain(spec.unit)
    if node.key.function == "rate":
        return {"": "1/s", "By": "By/s"}.get(unit, "")
    return unit


def _plain(unit: str) -> str:
    return "" if unit in ("", "1") or unit.startswith("{") else unit
