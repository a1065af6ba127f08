"""What the sources have told, as the conditions of the decision table see it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from hotline_proto.catalogue import Catalogue
from hotline_proto.facts import Events, Fact, NetworkPath, SourceRun, SourceStatus, UnknownReason

from hotline_probe.local.evaluate import UNKNOWN

_REFRESHING = (SourceStatus.OK, SourceStatus.PARTIAL)


@dataclass(slots=True)
class _Entities:
    """The entities of one kind: their facts by short name, and whether all of them were told."""

    facts: dict[str, dict[str, Any]] = field(default_factory=dict)
    complete: bool = False


class LocalWorld:
    """The newest facts of this machine; implements what `hotline_proto.relations` asks of a world."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._runs: dict[str, SourceRun] = {}
        self._machine: dict[str, Any] = {}
        self._entities: dict[str, _Entities] = {kind: _Entities() for kind in catalogue.entities}
        self._events: dict[str, list[float]] = {}
        self._path: NetworkPath | None = None

    @property
    def sources(self) -> Iterable[str]:
        """The sources that have run."""
        return self._runs

    @property
    def interface(self) -> str | None:
        """The interface of the network path in use."""
        return self._path.interface if self._path else None

    def take(self, run: SourceRun) -> None:
        """Take a run; one that failed leaves what is known, as in the engine until it turns stale."""
        self._runs[run.source] = run
        if run.path is not None:
            self._path = run.path
        if run.status not in _REFRESHING:
            return
        for spec in self._catalogue.facts_of_source[run.source]:
            if spec.type == "events":
                # A log without events is known to be quiet.
                self._events.setdefault(spec.name, [])
            elif not spec.entity:
                self._machine.pop(spec.name, None)
        for kind in self._catalogue.kinds_of_source[run.source]:
            self._entities[kind] = _Entities(complete=run.status is SourceStatus.OK)
        for fact in run.facts:
            self._put(fact, run.started)

    def _put(self, fact: Fact, started: float) -> None:
        spec = self._catalogue.facts[fact.name]
        if isinstance(fact.value, Events):
            self._events[fact.name] += [started - age for age in fact.value]
            return
        if spec.type == "events":
            self._events.pop(fact.name, None)
        value = UNKNOWN if isinstance(fact.value, UnknownReason) else fact.value
        if spec.entity:
            self._entities[spec.entity].facts.setdefault(fact.key, {})[spec.short] = value
        else:
            self._machine[fact.name] = value

    def keys(self, kind: str) -> Sequence[str]:
        """Return the keys of all entities of a kind."""
        return list(self._entities[kind].facts)

    def field(self, kind: str, key: str, short: str) -> Any:
        """Return a fact of an entity, or UNKNOWN."""
        if short == "key":
            return key
        return self._entities[kind].facts.get(key, {}).get(short, UNKNOWN)

    def of_machine(self, name: str) -> Any:
        """Return a fact of the machine, or UNKNOWN."""
        return self._machine.get(name, UNKNOWN)

    def events(self, name: str, window: float) -> Any:
        """Return how many events there were in the last seconds, or UNKNOWN if nobody has read the log."""
        times = self._events.get(name)
        if times is None:
            return UNKNOWN
        now = self._runs[self._catalogue.facts[name].source].started
        return sum(1 for time in times if time >= now - window)

    def all_of(self, kind: str) -> Any:
        """Return every entity of a kind, or UNKNOWN while they are not all told."""
        entities = self._entities[kind]
        return [_Element(self, kind, key) for key in entities.facts] if entities.complete else UNKNOWN


class _Element:
    """One entity as the element of a list."""

    __slots__ = ("_key", "_kind", "_world")

    def __init__(self, world: LocalWorld, kind: str, key: str) -> None:
        self._world = world
        self._kind = kind
        self._key = key

    def field(self, name: str) -> Any:
        return self._world.field(self._kind, self._key, name)


class BoundView:
    """What one condition sees: the machine, and the entity that it is about."""

    __slots__ = ("_key", "_world")

    def __init__(self, world: LocalWorld, key: str = "") -> None:
        self._world = world
        self._key = key

    def fact(self, kind: str, name: str) -> Any:
        """Return a fact of the machine (kind "") or of the bound entity, or UNKNOWN."""
        return self._world.field(kind, self._key, name) if kind else self._world.of_machine(name)

    def count(self, kind: str, name: str, window: float) -> Any:
        """Return how many events of a log fact there were within seconds, or UNKNOWN."""
        return UNKNOWN if kind else self._world.events(name, window)

    def elements(self, kind: str) -> Any:
        """Return all entities of a kind, or UNKNOWN while they are not all told."""
        return self._world.all_of(kind)
