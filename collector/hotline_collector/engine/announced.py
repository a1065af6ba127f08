"""The ids that a probe announces in one session, so that its readings need not repeat names."""

from __future__ import annotations

from collections.abc import Sequence

from hotline_proto.catalogue import FACT_TYPES
from hotline_proto.facts import NetworkPath
from hotline_proto.v1 import probe_pb2 as pb

from hotline_collector.engine.cells import Cell, Scope, SourceCell, TargetState
from hotline_collector.engine.errors import FrameError
from hotline_collector.engine.network import MAX_ENTITIES_OF_KIND, Network

MAX_SLOTS = 50_000
MAX_ENTITIES = 10_000
MAX_PATHS = 1_000
MAX_NAME = 128


class Announced:
    """What each number of a session stands for: a source, an entity, a path, or the slot of a fact."""

    def __init__(self, network: Network, target: TargetState) -> None:
        self._network = network
        self._target = target
        self.sources: dict[int, SourceCell] = {}
        self._entities: dict[int, Scope] = {0: target.scope}
        self._paths: dict[int, NetworkPath] = {}
        self.slots: dict[int, Cell] = {}
        self._typed: dict[str, dict[int, Cell]] = {type_: {} for type_ in FACT_TYPES}
        # The newest number of each, to void older ones.
        self._numbers: dict[Scope, int] = {}
        self._slot_of: dict[Cell, int] = {}

    def learn(self, news: pb.Announcement) -> None:
        """Learn new ids.

        Raises:
            FrameError: a name is too long, an id refers to nothing, or there are too many; nothing of it
                was applied.
        """
        kinds = self._check_entities(news)
        self._check_slots(news, kinds)
        names = (*(s.name for s in news.sources), *(n for p in news.paths for n in (p.interface, p.gateway)))
        if any(len(name) > MAX_NAME for name in names):
            raise FrameError(f"a name is longer than {MAX_NAME} characters")
        if (
            len(self._paths) + len(news.paths) > MAX_PATHS
            or len(self.sources) + len(news.sources) > MAX_PATHS
        ):
            raise FrameError(f"more than {MAX_PATHS} network paths or sources")
        # Everything has been checked: from here on nothing fails.
        for source in news.sources:
            self.sources[source.id] = self._network.source(self._target, source.name)
        for entity in news.entities:
            self._learn_entity(entity)
        for path in news.paths:
            self._paths[path.id] = NetworkPath(path.interface, path.gateway)
        for slot in news.slots:
            self._learn_slot(slot)

    def cells(self, slots: Sequence[int], type_: str) -> list[Cell]:
        """Return the cells of some slots that hold values of a type; the hot path.

        Raises:
            FrameError: one was never announced, or holds another type.
        """
        known = self._typed[type_]
        try:
            return [known[slot] for slot in slots]
        except KeyError:
            raise self._misfit(slots, type_) from None

    def entity(self, number: int) -> Scope:
        """Return the scope of an entity.

        Raises:
            FrameError: it was never announced.
        """
        scope = self._entities.get(number)
        if scope is None or not number:
            raise FrameError(f"entity {number} was never announced")
        return scope

    def path(self, number: int) -> NetworkPath | None:
        """Return a network path, None for 0, which stands for no path.

        Raises:
            FrameError: it was never announced.
        """
        if number and number not in self._paths:
            raise FrameError(f"network path {number} was never announced")
        return self._paths.get(number)

    def forget_entity(self, scope: Scope) -> None:
        """Void the numbers of an entity that is gone, and of its facts."""
        self._entities.pop(self._numbers.pop(scope, -1), None)
        for cell in scope.cells.values():
            self._void(cell)

    def _misfit(self, slots: Sequence[int], type_: str) -> FrameError:
        for slot in slots:
            cell = self.slots.get(slot)
            if cell is None:
                return FrameError(f"slot {slot} was never announced")
            if slot not in self._typed[type_] and cell.spec is not None:
                return FrameError(f"{cell.fact} is of type {cell.spec.type}, not {type_}")
        return FrameError(f"a slot does not hold a {type_}")

    def _check_entities(self, news: pb.Announcement) -> dict[int, str]:
        """Return the kind of each entity that is known once the announcement is applied."""
        kinds = {number: scope.kind for number, scope in self._entities.items()}
        if len(kinds) + len(news.entities) > MAX_ENTITIES:
            raise FrameError(f"more than {MAX_ENTITIES} entities")
        fresh: dict[str, int] = {}
        for entity in news.entities:
            if not entity.id or not entity.kind or max(len(entity.kind), len(entity.key)) > MAX_NAME:
                raise FrameError(f"an entity has no number, no kind or a name above {MAX_NAME} characters")
            kinds[entity.id] = entity.kind
            if entity.key not in self._target.entities.get(entity.kind, {}):
                fresh[entity.kind] = fresh.get(entity.kind, 0) + 1
        for kind, count in fresh.items():
            if len(self._target.entities.get(kind, {})) + count > MAX_ENTITIES_OF_KIND:
                raise FrameError(f"more than {MAX_ENTITIES_OF_KIND} entities of kind {kind}")
        return kinds

    def _check_slots(self, news: pb.Announcement, kinds: dict[int, str]) -> None:
        if len(self.slots) + len(news.slots) > MAX_SLOTS:
            raise FrameError(f"more than {MAX_SLOTS} facts")
        for slot in news.slots:
            if len(slot.fact) > MAX_NAME:
                raise FrameError(f"a name is longer than {MAX_NAME} characters")
            if slot.entity not in kinds:
                raise FrameError(f"entity {slot.entity} of fact {slot.fact} was never announced")
            spec = self._network.catalogue.facts.get(slot.fact)
            if spec is not None and spec.entity != kinds[slot.entity]:
                owner = kinds[slot.entity] or "the target"
                raise FrameError(f"{slot.fact} is a fact of {spec.entity or 'the target'}, not of {owner}")

    def _learn_entity(self, entity: pb.EntityId) -> None:
        scope = self._network.scope(self._target, entity.kind, entity.key)
        # A probe that tells everything again gives new numbers; the old ones are void.
        self._entities.pop(self._numbers.get(scope, 0) or -1, None)
        self._entities[entity.id] = scope
        self._numbers[scope] = entity.id

    def _learn_slot(self, slot: pb.SlotId) -> None:
        scope = self._entities[slot.entity]
        spec = self._network.catalogue.facts.get(slot.fact)
        cell = self._network.cell(scope, spec.short if spec else slot.fact)
        self._void(cell)
        self.slots[slot.id] = cell
        self._slot_of[cell] = slot.id
        for type_ in (spec.type,) if spec else FACT_TYPES:
            self._typed[type_][slot.id] = cell
        if spec is None:
            # Kept for people to see, never judged; no source that is known here refreshes it.
            self._network.refresh(cell.source, True)
        elif spec.type == "events":
            # A log without events is known to be quiet; nothing ever travels to say so.
            self._network.put(cell, 0)

    def _void(self, cell: Cell) -> None:
        """Forget the number that a cell had."""
        slot = self._slot_of.pop(cell, None)
        if slot is not None:
            del self.slots[slot]
            for known in self._typed.values():
                known.pop(slot, None)
