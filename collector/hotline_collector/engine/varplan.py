"""For each variable what a change of it can flip: indexed by threshold and by value."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

from hotline_collector.engine.cel.tree import VarKey
from hotline_collector.engine.cel.values import UNKNOWN
from hotline_collector.engine.circuit import Leaf, Test
from hotline_collector.engine.wiring import GateInput

RuleIndex = int
LeafIndex = int
NO_REGION = -1


@dataclass(slots=True)
class Wires:
    """What a variable drives on the board of one kind of scope.

    A threshold flips on one edge between two regions of the value: `flips[starts[a]:starts[b]]` are the
    inputs that flip when it moves between regions a < b, whichever way. `equals` holds by value the inputs
    that flip when the variable takes or leaves it. `tests` have to be run anew with each value. `inputs` are
    all of them, for a value that becomes known or unknown.
    """

    flips: list[GateInput] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    equals: dict[Any, list[GateInput]] = field(default_factory=dict)
    tests: list[tuple[GateInput, Test]] = field(default_factory=list)
    inputs: list[tuple[GateInput, Test]] = field(default_factory=list)
    thresholds: list[tuple[str, float, GateInput]] = field(default_factory=list)

    def add(self, leaf: Leaf, test: Test, place: GateInput) -> None:
        """Connect a leaf over the variable."""
        self.inputs.append((place, test))
        if leaf.threshold is not None:
            self.thresholds.append((*leaf.threshold, place))
        elif leaf.equality is not None:
            self.equals.setdefault(leaf.equality[0], []).append(place)
        else:
            self.tests.append((place, test))

    def sort(self, cuts: list[float]) -> None:
        """Order the thresholds along the regions of the value."""
        edges: list[list[GateInput]] = [[] for _ in range(2 * len(cuts))]
        for op, cut, place in self.thresholds:
            # "<" and ">=" flip between below and on the cut, ">" and "<=" between on and above it.
            edges[2 * bisect_left(cuts, cut) + (op in (">", "<="))].append(place)
        self.flips = [place for edge in edges for place in edge]
        self.starts = list(accumulate(map(len, edges), initial=0))


@dataclass(slots=True)
class VarPlan:
    """Everything that a change of one variable can flip.

    `cuts` are the sorted constants that it is compared with. They part its values into regions: 0, 2, 4 … lie
    between the cuts, 1, 3, 5 … on them. A move within a region costs one binary search. `wires` are by the
    kind of the rules, `stepwise` tells that it is compared with thresholds only.
    """

    key: VarKey
    rules: list[RuleIndex] = field(default_factory=list)
    cuts: list[float] = field(default_factory=list)
    wires: dict[str, Wires] = field(default_factory=dict)
    residuals: list[tuple[RuleIndex, LeafIndex]] = field(default_factory=list)
    stepwise: bool = True

    def add(self, kind: str, leaf: Leaf, test: Test, place: GateInput) -> None:
        """Connect a leaf of a rule of a kind."""
        self.wires.setdefault(kind, Wires()).add(leaf, test, place)

    def finish(self) -> None:
        """Sort what was added; to be called once all rules are in."""
        wires = self.wires.values()
        self.cuts = sorted({cut for wire in wires for _, cut, _ in wire.thresholds})
        self.stepwise = not any(wire.equals or wire.tests for wire in wires)
        for wire in wires:
            wire.sort(self.cuts)

    def region(self, value: Any) -> int:
        """Return the region of a value, `NO_REGION` for UNKNOWN."""
        if value is UNKNOWN:
            return NO_REGION
        cuts = self.cuts
        if not cuts:
            return 0
        position = bisect_left(cuts, value)
        return 2 * position + (position < len(cuts) and cuts[position] == value)
