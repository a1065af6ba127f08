"""The engine of one call: facts in, findings out; no I/O, no clock, no randomness."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from hotline_proto.catalogue import Catalogue
from hotline_proto.facts import FactValue, NetworkPath
from hotline_proto.record import Entry
from hotline_proto.v1 import probe_pb2 as pb
from hotline_proto.v1 import record_pb2 as rec

from hotline_collector.engine.ruleset import RuleSet
from hotline_collector.model.finding import (
    Cause,
    Changes,
    Evidence,
    EntityRef,
    FactState,
    Finding,
    Missing,
    QuestionState,
    SourceState,
    Verification,
)


class Engine:
    """Judges one call. Every input carries its time `now` (µs since the epoch, collector time).

    The same inputs in the same order give byte-identical findings; `apply_entry` feeds a record.
    """

    def __init__(self, call_id: str, rules: RuleSet, catalogue: Catalogue) -> None: ...

    # ---- inputs -------------------------------------------------------------------------------
    def apply_entry(self, entry: Entry, packs: Mapping[str, RuleSet]) -> None:
        """Apply one entry of a record; the only way in that calls use, so that a record is complete."""

    def apply_frame(self, target: int, now: int, frame: pb.ProbeFrame) -> None:
        """Apply an announcement, readings, notes, answer or consent frame of a probe.

        Raises:
            FrameError: the frame breaks the protocol; nothing of it was applied.
        """

    def tick(self, now: int) -> None:
        """Let time pass: holds, releases, staleness, windows and verifications that are due."""

    def next_deadline(self) -> int | None:
        """Return when `tick` is needed next, None if never."""

    def take_changes(self) -> Changes:
        """Return what changed since the last time, and forget it."""

    # ---- what it knows ------------------------------------------------------------------------
    def findings(self) -> Mapping[str, Finding]:
        """Return all findings by id, cleared ones included."""

    def causes(self) -> list[Cause]:
        """Return the causes, ranked; hazards first, then by relevance to the complaint."""

    def suspected(self) -> list[Finding]:
        """Return suspected and confirming findings, most severe first."""

    def evidence(self, finding: Finding) -> list[Evidence]:
        """Return the facts that make a finding hold now."""

    def missing(self, finding: Finding) -> list[Missing]:
        """Return the facts that a suspected finding lacks."""

    def follow_ups(self, target: int) -> list[str]:
        """Return the sources that should run once now, most deciding first."""

    def questions(self) -> list[QuestionState]:
        """Return the questions that would decide something, and those answered."""

    def verifications(self) -> Mapping[str, Verification]:
        """Return the verifications by fix id."""

    def facts(self, target: int) -> Iterator[FactState]:
        """Yield every fact of a target, unknown ones included."""

    def sources(self, target: int) -> list[SourceState]:
        """Return how each source that ran is doing."""

    def path(self, target: int) -> NetworkPath | None:
        """Return the network path in use."""

    def entity_keys(self, target: int, kind: str) -> list[str]:
        """Return the keys of the entities of a kind that the target has now."""

    def fix_parameters(self, finding: Finding, fix_index: int) -> dict[str, str] | None:
        """Return the parameters of a fix's action as entity keys, None when one is not known."""

    def complaint_entries(self) -> list[str]:
        """Return the ids of the lexicon entries that the complaint matched."""
