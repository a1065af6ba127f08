"""The probe's half of the wire format: announces ids once and sends only what changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from hotline_proto.catalogue import Catalogue
from hotline_proto.facts import Events, Fact, NetworkPath, SourceRun, SourceStatus, UnknownReason
from hotline_proto.v1 import probe_pb2 as pb

# Why a fact that a source told before is missing in a newer run of it.
_ABSENT = {SourceStatus.OK: UnknownReason.NOT_COLLECTED, SourceStatus.PARTIAL: UnknownReason.STALE}


class ReadingEncoder:
    """Turns runs of sources into frames; remembers what the collector already knows.

    Ids are valid for one session. `forget()` makes the next frame carry everything again, as is needed
    after a resume with a spool that overflowed.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._sources: dict[str, int] = {}
        self._paths: dict[NetworkPath, int] = {}
        self._entities: dict[tuple[str, str], int] = {}
        self._slots: dict[tuple[str, str], int] = {}
        self._sent: dict[int, object] = {}
        self._slots_of_entity: dict[int, list[int]] = {}
        # The facts that each source told with its last run; a dict keeps their order.
        self._told: dict[str, dict[tuple[str, str], None]] = {}
        self._next_entity = 1
        self._next_slot = 1

    def forget(self) -> None:
        """Send every value and every id again with the next runs."""
        self._sent.clear()
        self._sources.clear()
        self._paths.clear()
        self._entities.clear()
        self._slots.clear()
        self._slots_of_entity.clear()
        self._told.clear()

    def encode(self, runs: Iterable[SourceRun], mono: float) -> list[pb.ProbeFrame]:
        """Return the frames for some runs: an announcement, a reading per path, and notes, if there are any.

        A source that ran twice gets frames of its own for each run: within a reading nobody could tell which
        of two values is the newer one. `mono` is the probe's monotonic clock in seconds at which the frames
        are built; `seq` is left to the spool.
        """
        return [frame for once in _without_repeats(runs) for frame in self._frames(once, mono)]

    def _frames(self, runs: Iterable[SourceRun], mono: float) -> list[pb.ProbeFrame]:
        announcement = pb.Announcement()
        by_path: dict[NetworkPath | None, pb.Readings] = {}
        notes = pb.SourceNotes()
        for run in runs:
            readings = by_path.setdefault(run.path, pb.Readings())
            self._add(run, readings, announcement, mono)
            if run.note:
                notes.sources.append(self._sources[run.source])
                notes.notes.append(run.note)
        stamp = max(0, int(mono * 1e6))
        frames = []
        if announcement.ByteSize():
            frames.append(pb.ProbeFrame(mono_us=stamp, announcement=announcement))
        frames += [pb.ProbeFrame(mono_us=stamp, readings=readings) for readings in by_path.values()]
        if notes.sources:
            frames.append(pb.ProbeFrame(mono_us=stamp, notes=notes))
        return frames

    def _add(self, run: SourceRun, out: pb.Readings, news: pb.Announcement, mono: float) -> None:
        out.run_sources.append(self._source(run.source, news))
        out.run_statuses.append(int(run.status))
        out.run_ages_ms.append(max(0, round((mono - run.started) * 1e3)))
        out.run_durations_us.append(max(0, round(run.duration * 1e6)))
        if run.path is not None:
            out.path = self._path(run.path, news)
        entities: set[tuple[str, str]] = set()
        told: dict[tuple[str, str], None] = {}
        for fact in run.facts:
            spec = self._catalogue.facts[fact.name]
            if spec.entity:
                entities.add((spec.entity, fact.key))
            told[(fact.name, fact.key)] = None
            self._put(fact, spec.entity, out, news, mono - run.started)
        if run.status not in _ABSENT:
            return
        if run.status is SourceStatus.OK:
            self._remove_absent(run.source, entities, out)
        for name, key in self._told.get(run.source, {}):
            if (name, key) not in told and (name, key) in self._slots:
                kind = self._catalogue.facts[name].entity
                self._put(Fact(name, _ABSENT[run.status], key), kind, out, news, 0.0)
        self._told[run.source] = told

    def _put(self, fact: Fact, kind: str, out: pb.Readings, news: pb.Announcement, age: float) -> None:
        slot = self._slot(fact.name, kind, fact.key, news)
        value = fact.value
        if isinstance(value, Events):
            for event_age in value:
                out.event_slots.append(slot)
                out.event_ages_ms.append(max(0, round((event_age + age) * 1e3)))
            if isinstance(self._sent.get(slot), tuple):
                # Reason 0: the log can be read again, whether or not it says anything.
                out.unknown_slots.append(slot)
                out.unknown_reasons.append(0)
            self._sent[slot] = Events
            return
        # True == 1 == 1.0 in Python, so the type belongs to what was sent.
        tagged = (type(value), value)
        if self._sent.get(slot) == tagged:
            return
        self._sent[slot] = tagged
        _append(out, slot, value)

    def _remove_absent(self, source: str, present: set[tuple[str, str]], out: pb.Readings) -> None:
        kinds = {k.name for k in self._catalogue.entities.values() if k.source == source}
        for entity in [e for e in self._entities if e[0] in kinds and e not in present]:
            number = self._entities.pop(entity)
            out.gone_entities.append(number)
            for slot in self._slots_of_entity.pop(number, ()):
                self._sent.pop(slot, None)
            for key in [k for k in self._slots if k[1] == entity[1] and self._kind(k[0]) == entity[0]]:
                del self._slots[key]

    def _kind(self, fact: str) -> str:
        return self._catalogue.facts[fact].entity

    def _source(self, name: str, news: pb.Announcement) -> int:
        if name not in self._sources:
            self._sources[name] = len(self._sources) + 1
            news.sources.add(id=self._sources[name], name=name)
        return self._sources[name]

    def _path(self, path: NetworkPath, news: pb.Announcement) -> int:
        if path not in self._paths:
            self._paths[path] = len(self._paths) + 1
            news.paths.add(id=self._paths[path], interface=path.interface, gateway=path.gateway)
        return self._paths[path]

    def _slot(self, fact: str, kind: str, key: str, news: pb.Announcement) -> int:
        slot = self._slots.get((fact, key))
        if slot is not None:
            return slot
        entity = 0
        if kind:
            entity = self._entities.get((kind, key), 0)
            if not entity:
                entity = self._entities[(kind, key)] = self._next_entity
                self._next_entity += 1
                news.entities.add(id=entity, kind=kind, key=key)
        slot = self._slots[(fact, key)] = self._next_slot
        self._next_slot += 1
        self._slots_of_entity.setdefault(entity, []).append(slot)
        news.slots.add(id=slot, fact=fact, entity=entity)
        return slot


def _without_repeats(runs: Iterable[SourceRun]) -> Iterator[list[SourceRun]]:
    """Yield the runs in their order, in parts in which every source occurs once."""
    part: dict[str, SourceRun] = {}
    for run in runs:
        if run.source in part:
            yield list(part.values())
            part = {}
        part[run.source] = run
    if part:
        yield list(part.values())


def _append(out: pb.Readings, slot: int, value: object) -> None:
    match value:
        case UnknownReason():
            out.unknown_slots.append(slot)
            out.unknown_reasons.append(int(value))
        case bool():
            (out.true_slots if value else out.false_slots).append(slot)
        case int():
            out.int_slots.append(slot)
            out.ints.append(value)
        case float():
            out.double_slots.append(slot)
            out.doubles.append(value)
        case str():
            out.text_slots.append(slot)
            out.texts.append(value)
        case _:
            raise TypeError(f"a fact cannot be {type(value).__name__}")
