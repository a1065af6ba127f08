"""Which evidence of a finding decides: of two limits on one value only the stricter one says something."""

from __future__ import annotations

from collections.abc import Iterable

from hotline_proto.v1 import agent_pb2 as pb

from hotline_collector.model.units import limit


def decisive(evidence: Iterable[pb.EvidenceView]) -> list[pb.EvidenceView]:
    """Return the evidence without what a stricter condition on the same fact and entity implies.

    `> 0.95` implies `> 0.85`. Conditions that are no plain comparisons, or that bound a value from the
    other side, all stay; an equal one stays once.
    """
    kept: dict[tuple[str, ...], pb.EvidenceView] = {}
    for item in evidence:
        found = limit(item.condition)
        how = (found.about, found.side, found.unit) if found else (item.condition,)
        key = (item.fact, item.entity, *how)
        earlier = kept.get(key)
        if earlier is None or _stricter(item, earlier):
            kept[key] = item
    return list(kept.values())


def _stricter(item: pb.EvidenceView, earlier: pb.EvidenceView) -> bool:
    one, other = limit(item.condition), limit(earlier.condition)
    return one is not None and other is not None and one.strictness > other.strictness
