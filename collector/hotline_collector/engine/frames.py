"""Reads a probe's frames into cells: refuses what breaks the protocol and applies the rest."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from math import isfinite
from typing import Any, NamedTuple

from hotline_proto.facts import NetworkPath, SourceStatus, UnknownReason
from hotline_proto.v1 import probe_pb2 as pb

from hotline_collector.engine.announced import Announced
from hotline_collector.engine.cells import Cell, Scope, SourceCell, TargetState
from hotline_collector.engine.errors import FrameError
from hotline_collector.engine.network import Network

MAX_TEXT = 2_048
MAX_NOTE = 400
_REFRESHING = (int(SourceStatus.OK), int(SourceStatus.PARTIAL))
_REASONS: dict[int, UnknownReason | None] = {0: None, **{int(reason): reason for reason in UnknownReason}}
_STATUSES = frozenset(map(int, SourceStatus))
_OK = int(SourceStatus.OK)


class _Others(NamedTuple):
    """What a reading holds besides numbers."""

    values: list[tuple[Cell, Any]]
    unknowns: list[tuple[Cell, UnknownReason | None]]
    events: list[tuple[Cell, int]]
    gone: list[Scope]


class FrameReader:
    """What the frames of one session do to the network."""

    def __init__(self, network: Network, target: TargetState) -> None:
        self._network = network
        self._target = target
        self.announced = Announced(network, target)
        self._cells = self.announced.cells

    def read(self, readings: pb.Readings, mono_us: int, now: int) -> None:
        """Apply what sources found.

        Raises:
            FrameError: the frame breaks the protocol; nothing of it was applied.
        """
        numbers = self._numbers_of(readings)
        others = self._others_of(readings)
        sources = self._sources_of(readings)
        path = self.announced.path(readings.path)
        # Everything has been checked: from here on nothing fails.
        refreshed = self._note_runs(readings, sources, path, mono_us + self._target.offset, now)
        network = self._network
        for cell, value in numbers:
            if cell.value != value or cell.reason is not None:
                network.put(cell, value)
        if others is not None:
            self._apply(others, mono_us + self._target.offset, now)
        for source in refreshed:
            self._settle(source, now)

    def note(self, notes: pb.SourceNotes) -> None:
        """Remember why sources are not ok."""
        for number, text in zip(notes.sources, notes.notes, strict=False):
            if source := self.announced.sources.get(number):
                source.note = text[:MAX_NOTE]

    # ---- checking ---------------------------------------------------------------------------------
    def _numbers_of(self, r: pb.Readings) -> Iterable[tuple[Cell, Any]]:
        """Return the numbers of a reading with their cells; the hot path."""
        doubles = r.doubles
        cells = self._cells(r.double_slots, "double")
        if len(cells) != len(doubles):
            raise FrameError(f"{len(cells)} slots of type double but {len(doubles)} values")
        # One sum tells for nearly every reading that all numbers are finite.
        if not isfinite(sum(doubles)) and not all(map(isfinite, doubles)):
            raise FrameError("a number is not finite")
        if not r.int_slots:
            return zip(cells, doubles, strict=True)
        whole = self._cells(r.int_slots, "int")
        if len(whole) != len(r.ints):
            raise FrameError(f"{len(whole)} slots of type int but {len(r.ints)} values")
        return chain(zip(cells, doubles, strict=True), zip(whole, r.ints, strict=True))

    def _others_of(self, r: pb.Readings) -> _Others | None:
        """Return what is in a reading besides numbers, None if there is nothing."""
        if not (
            r.true_slots
            or r.false_slots
            or r.text_slots
            or r.unknown_slots
            or r.event_slots
            or r.gone_entities
        ):
            return None
        if len(r.text_slots) != len(r.texts):
            raise FrameError(f"{len(r.text_slots)} slots of type text but {len(r.texts)} values")
        if r.texts and max(map(len, r.texts)) > MAX_TEXT:
            raise FrameError(f"a text is longer than {MAX_TEXT} characters")
        values: list[tuple[Cell, Any]] = [(cell, True) for cell in self._cells(r.true_slots, "bool")]
        values += [(cell, False) for cell in self._cells(r.false_slots, "bool")]
        values += zip(self._cells(r.text_slots, "text"), r.texts, strict=True)
        gone = [self.announced.entity(number) for number in r.gone_entities]
        return _Others(values, self._unknowns(r), self._events(r), gone)

    def _unknowns(self, r: pb.Readings) -> list[tuple[Cell, UnknownReason | None]]:
        if not r.unknown_slots:
            return []
        if len(r.unknown_slots) != len(r.unknown_reasons):
            raise FrameError("unknown facts without reasons")
        try:
            out = [
                (self.announced.slots[slot], _REASONS[reason])
                for slot, reason in zip(r.unknown_slots, r.unknown_reasons, strict=True)
            ]
        except KeyError as error:
            raise FrameError(f"slot or reason {error} is not known") from error
        for cell, reason in out:
            if reason is None and (cell.spec is None or cell.spec.type != "events"):
                raise FrameError(f"{cell.fact} is unknown without a reason")
        return out

    def _events(self, r: pb.Readings) -> list[tuple[Cell, int]]:
        if not r.event_slots:
            return []
        if len(r.event_slots) != len(r.event_ages_ms):
            raise FrameError("events without ages")
        return list(zip(self._cells(r.event_slots, "events"), r.event_ages_ms, strict=True))

    def _sources_of(self, r: pb.Readings) -> list[SourceCell]:
        known = self.announced.sources
        try:
            sources = [known[number] for number in r.run_sources]
        except KeyError as error:
            raise FrameError(f"source {error} was never announced") from error
        if not len(sources) == len(r.run_statuses) == len(r.run_ages_ms) == len(r.run_durations_us):
            raise FrameError("the arrays of source runs have different lengths")
        if not _STATUSES.issuperset(r.run_statuses):
            raise FrameError("a source status is not known")
        return sources

    # ---- applying ---------------------------------------------------------------------------------
    def _note_runs(
        self, r: pb.Readings, sources: list[SourceCell], path: NetworkPath | None, base: int, now: int
    ) -> list[SourceCell]:
        """Note the runs; return the sources that have to be settled once the values are in."""
        target = self._target
        refreshed = []
        for source, status, age_ms, duration in zip(
            sources, r.run_statuses, r.run_ages_ms, r.run_durations_us, strict=True
        ):
            started = min(now, base - age_ms * 1000)
            steady = source.steady and status == _OK and started >= source.ran
            if steady and (not source.on_path or (source.path is path and target.path is path)):
                # Nothing but time has changed; most runs of most machines are like this.
                source.tried = source.ran = started
                source.ended = started + duration
                source.duration = duration
                if source.on_path and source.ended > target.path_seen:
                    target.path_seen = source.ended
                if source.tracked:
                    refreshed.append(source)
            elif self._note_run(source, status, started, duration, path):
                refreshed.append(source)
        return refreshed

    def _note_run(
        self, source: SourceCell, status: int, started: int, duration: int, path: NetworkPath | None
    ) -> bool:
        """Note a run; return whether it refreshed the facts of its source."""
        source.tried = started
        if source.status != status:
            source.status = status
            self._network.excuse(source)
        source.duration = duration
        source.steady = False
        if status == _OK:
            source.note = ""
        if status not in _REFRESHING:
            return False
        source.ran = max(source.ran, started)
        source.ended = started + duration
        if source.on_path:
            # Without a route the machine is still on the path that it lost.
            source.path = path or self._target.path
            if path is not None and source.ended >= self._target.path_seen:
                self._target.path_seen = source.ended
                self._see_path(path)
        return True

    def _apply(self, others: _Others, base: int, now: int) -> None:
        network = self._network
        for cell, value in others.values:
            if cell.reason is not None or cell.value != value:
                network.put(cell, value)
        for cell, reason in others.unknowns:
            if reason is None:
                network.put(cell, 0)
            else:
                network.forget(cell, reason)
        for cell, age_ms in others.events:
            at = min(now, base - age_ms * 1000)
            for tracker in cell.source.tracked:
                if tracker.source is cell:
                    tracker.event(at)
        for scope in others.gone:
            network.vanish(scope)
            self.announced.forget_entity(scope)

    def _see_path(self, path: NetworkPath) -> None:
        target = self._target
        before, target.path = target.path, path
        if before == path:
            return
        for other in target.sources.values():
            if other.spec is not None and other.spec.path:
                self._network.refresh(other, other.usable and other.path == path)
        # What depends on the path has to be looked at even if none of its facts changed.
        for instance in self._network.instances(target):
            if instance.compiled.path_dependent:
                if before is None:
                    instance.adopt(path)
                self._network.wake(instance)

    def _settle(self, source: SourceCell, now: int) -> None:
        self._network.refresh(source, not source.on_path or source.path == self._target.path)
        if source.tracked:
            self._network.sample(source, now)
        if source.status == _OK:
            self._network.complete(source)
            source.steady = source.usable
