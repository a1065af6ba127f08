"""What a machine says at one moment or two, in the form of a case."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from hotline_proto.catalogue import FactSpec

from hotline_collector.engine.cel.quantity import UNITS
from hotline_collector.rulepack.domains import Value

UNKNOWN = {"unknown": "timeout"}
_DIGITS = 4
# The units that people write, largest first, by the catalogue's unit.
_WRITTEN = {
    "s": ("h", "min", "s", "ms", "us"),
    "By": ("GiB", "GB", "MiB", "MB", "KiB", "kB", "B"),
    "By/s": ("MiB/s", "KiB/s", "B/s"),
    "bit/s": ("Gbit/s", "Mbit/s", "kbit/s", "bit/s"),
    "Hz": ("GHz", "MHz", "Hz"),
}


class Place(NamedTuple):
    """Whose fact: kind and key of the entity (empty for the machine itself) and the name as a case has it."""

    kind: str
    key: str
    fact: str


@dataclass(slots=True)
class Scene:
    """Values by place; `earlier` is what was said `before` µs before that, where it was something else."""

    now: dict[Place, Any] = field(default_factory=dict)
    earlier: dict[Place, Any] = field(default_factory=dict)
    kinds: set[str] = field(default_factory=set)
    before: int = 0

    def as_case(self, kind: str, name: str) -> dict[str, Any]:
        """Return the scene as an entry of a cases file."""
        if not self.before:
            return {kind: name} | self._moment(self.now)
        first, last = self._moment(self.now | self.earlier), self._moment(self.now)
        return {kind: name, "sequence": [first, {"after": f"{self.before // 1_000_000}s"} | last]}

    def _moment(self, values: dict[Place, Any]) -> dict[str, Any]:
        facts = {place.fact: value for place, value in values.items() if not place.kind}
        entities: dict[str, dict[str, dict[str, Any]]] = {kind: {} for kind in sorted(self.kinds)}
        for place, value in values.items():
            if place.kind:
                entities.setdefault(place.kind, {}).setdefault(place.key, {})[place.fact] = value
        return ({"facts": facts} if facts else {}) | ({"entities": entities} if entities else {})


def written(value: Value, spec: FactSpec | None) -> Any:
    """Return a value as a case has it: whole numbers whole, and with a unit that is read easily."""
    if isinstance(value, bool | str) or spec is None:
        return value
    if spec.type != "double":
        return round(value)
    number = float(value)
    for name in _WRITTEN.get(spec.unit, ()):
        scaled = round(number / UNITS[name][1], 9)
        if abs(scaled) >= 1 and float(f"{scaled:.{_DIGITS}g}") == scaled:
            return f"{_plain(scaled)} {name}"
    if spec.unit in ("", "1") or spec.unit.startswith("{"):
        return number
    return f"{_plain(number)} {spec.unit}"


def _plain(number: float) -> str:
    """Return a number without an exponent, which quantities do not have."""
    return f"{number:.9f}".rstrip("0").rstrip(".")
