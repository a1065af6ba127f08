"""All circuits of the rules of one kind wired into one board, and the levels on it for one scope.

Each AND or OR is a *gate*. For every scope a gate keeps two sets of its inputs, as bits of an integer: those
that *decide* it (the false ones of an AND, the true ones of an OR) and those that are unknown. So an input
that flips costs one exclusive or, and the gate can only have changed if the set was or has become empty.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

from hotline_collector.engine.cel.tree import VarKey
from hotline_collector.engine.cel.values import UNKNOWN as NO_VALUE
from hotline_collector.engine.circuit import FALSE, TRUE, UNKNOWN, Circuit

GateInput = tuple[int, int]
_NOTHING_ABOVE: GateInput = (-1, 0)


class _NothingKnown:
    """A view of a target of which nothing is known."""

    def value(self, key: VarKey) -> Any:  # noqa: ARG002 - it is the same for all
        return NO_VALUE

    def elements(self, kind: str) -> Any:  # noqa: ARG002 - as above
        return NO_VALUE


_NOTHING_KNOWN = _NothingKnown()


class Wiring:
    """The board: gate n is the root of the nth circuit, the inner gates follow after all `roots`.

    `above[g]` is the input that gate g drives, `root_of[g]` the root of its circuit. An input is a gate and
    one bit. Immutable and shared by all scopes.
    """

    def __init__(self, circuits: Sequence[Circuit]) -> None:
        self.roots = len(circuits)
        self.conjunction = [circuit.conjunction[circuit.root] for circuit in circuits]
        self.above = [_NOTHING_ABOVE] * self.roots
        self.root_of = list(range(self.roots))
        self._inner: list[range] = []
        self._inputs = [self._wire(slot, circuit) for slot, circuit in enumerate(circuits)]
        self._all_inputs = [0] * len(self.above)
        for gate, bit in (*chain.from_iterable(self._inputs), *self.above[self.roots :]):
            self._all_inputs[gate] |= bit
        self._blank = Levels(self, [0] * len(self.above), self._all_inputs.copy())
        for places, circuit in zip(self._inputs, circuits, strict=True):
            for place, leaf in zip(places, circuit.leaves, strict=True):
                self._blank.set(*place, leaf.read(_NOTHING_KNOWN))

    def _wire(self, slot: int, circuit: Circuit) -> list[GateInput]:
        """Give the inner nodes of a circuit their gates; return the input of each leaf."""
        count = len(circuit.leaves)
        gate_of = {circuit.root: slot}
        for node in range(circuit.root - 1, count - 1, -1):
            gate_of[node] = len(self.above)
            self.above.append((gate_of[circuit.parent[node]], circuit.bit[node]))
            self.conjunction.append(circuit.conjunction[node])
            self.root_of.append(slot)
        self._inner.append(range(len(self.above) - len(gate_of) + 1, len(self.above)))
        return [(gate_of[circuit.parent[leaf]], circuit.bit[leaf]) for leaf in range(count)]

    def inputs(self, slot: int) -> Sequence[GateInput]:
        """Return the input that each leaf of a circuit drives."""
        return self._inputs[slot]

    def gates(self, slot: int) -> Iterator[int]:
        """Yield the gates of a circuit, in an order that depends on the circuit only."""
        yield slot
        yield from self._inner[slot]

    def levels(self) -> Levels:
        """Return the levels of a scope of which nothing is known, as each leaf sees that."""
        return self._blank.copy()


class Levels:
    """What is on the board in one scope: for each gate its deciding and its unknown inputs.

    Who flips an input in `decided` by itself, because that is the hot path, calls `flipped` unless the gate
    is a root.
    """

    __slots__ = ("_unknown", "decided", "wiring")

    def __init__(self, wiring: Wiring, decided: list[int], unknown: list[int]) -> None:
        self.decided = decided
        self.wiring = wiring
        self._unknown = unknown

    def state(self, gate: int) -> int:
        """Return the state of a gate."""
        return self._state(gate, self.decided[gate], self._unknown[gate])

    def input_state(self, gate: int, bit: int) -> int:
        """Return the state of an input of a gate."""
        if self._unknown[gate] & bit:
            return UNKNOWN
        return FALSE if bool(self.decided[gate] & bit) == self.wiring.conjunction[gate] else TRUE

    def copy(self) -> Levels:
        """Return the same levels for another scope."""
        return Levels(self.wiring, self.decided.copy(), self._unknown.copy())

    def adopt(self, slot: int, other: Levels, other_slot: int) -> None:
        """Take the levels of the same circuit on another board."""
        for mine, theirs in zip(self.wiring.gates(slot), other.wiring.gates(other_slot), strict=True):
            self.decided[mine] = other.decided[theirs]
            self._unknown[mine] = other._unknown[theirs]

    def set(self, gate: int, bit: int, state: int) -> bool:
        """Set an input; return whether the circuit needs a look.

        It does when its root changed, and while its root is unknown: then what is missing has changed.
        """
        decided, unknown = self.decided[gate], self._unknown[gate]
        others, others_unknown = decided & ~bit, unknown & ~bit
        if state == UNKNOWN:
            self.decided[gate], self._unknown[gate] = others, others_unknown | bit
        else:
            decides = (state == FALSE) == self.wiring.conjunction[gate]
            self.decided[gate], self._unknown[gate] = others | bit if decides else others, others_unknown
        if self.decided[gate] == decided and self._unknown[gate] == unknown:
            return False
        return self._rise(gate, self._state(gate, decided, unknown))

    def flipped(self, gate: int, decided: int) -> bool:
        """Carry on after known inputs of a gate flipped that had these deciding ones; return as `set`."""
        return self._rise(gate, self._state(gate, decided, self._unknown[gate]))

    def _rise(self, gate: int, before: int) -> bool:
        after = self.state(gate)
        above, bit = self.wiring.above[gate]
        if after == before:
            return self.state(self.wiring.root_of[gate]) == UNKNOWN
        return above < 0 or self.set(above, bit, after)

    def _state(self, gate: int, decided: int, unknown: int) -> int:
        if decided:
            return FALSE if self.wiring.conjunction[gate] else TRUE
        if unknown:
            return UNKNOWN
        return TRUE if self.wiring.conjunction[gate] else FALSE
