"""A recorded call played through any pack, and how two packs judge it differently."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from google.protobuf.message import DecodeError
from hotline_proto.catalogue import Catalogue
from hotline_proto.errors import RecordError
from hotline_proto.record import Entry, EntryKind
from hotline_proto.v1 import record_pb2 as rec

from hotline_collector.engine.engine import Engine
from hotline_collector.engine.errors import FrameError, InputError
from hotline_collector.engine.ruleset import RuleSet
from hotline_collector.model.finding import Finding, FindingState


@dataclass(frozen=True, slots=True)
class Judgement:
    """How one finding fared; times in seconds since the call was opened.

    `state` is that at the end of the record, `rank` its place among the causes then, 0 if it is none.
    """

    rule: str
    target: int
    entity: str
    onset: float
    changed: float
    state: str
    rank: int


@dataclass(frozen=True, slots=True)
class Difference:
    """A finding that two packs judge differently; one side is missing if only one has it."""

    old: Judgement | None
    new: Judgement | None

    @property
    def kind(self) -> str:
        """One of added, gone, changed."""
        return "added" if self.old is None else "gone" if self.new is None else "changed"


@dataclass(frozen=True, slots=True)
class Replay:
    """All findings of a replay in the order of their onset, and the inputs that the engine refused."""

    findings: tuple[Judgement, ...]
    refused: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Played:
    """An engine at the end of a record, the entries that it took, and why it refused the others.

    `opened` is the time of the first entry in microseconds. What fits a pack no more, such as the answer to a
    question that is gone, is refused and told.
    """

    engine: Engine
    kept: tuple[Entry, ...]
    refused: tuple[str, ...]
    opened: int


def original_digest(entries: Iterable[Entry]) -> str:
    """Return the digest of the pack that a call was opened with, empty if the record does not begin so."""
    first = next(iter(entries), None)
    if first is None or first.kind is not EntryKind.CALL_OPENED:
        return ""
    return rec.CallOpened.FromString(first.payload).pack_digest


def for_pack(entries: Iterable[Entry], digest: str) -> Iterator[Entry]:
    """Yield a record as if one pack, that of a digest, had judged it from beginning to end."""
    for entry in entries:
        if entry.kind is EntryKind.CALL_OPENED:
            opened = rec.CallOpened.FromString(entry.payload)
            opened.pack_digest = digest
            yield entry._replace(payload=opened.SerializeToString(deterministic=True))
        elif entry.kind is not EntryKind.PACK_CHANGED:
            yield entry


def play(
    entries: Iterable[Entry], rules: RuleSet, catalogue: Catalogue, patience: float = math.inf
) -> Played:
    """Play a record through a pack, whatever packs judged it when it was recorded.

    Raises:
        RecordError: an entry cannot be read, or judging takes more than `patience` seconds of computing.
    """
    until = time.thread_time() + patience
    engine = Engine("", rules, catalogue)
    packs, kept, refused = {rules.pack.digest: rules}, list[Entry](), list[str]()
    opened = 0
    try:
        for entry in for_pack(entries, rules.pack.digest):
            if time.thread_time() > until:
                raise RecordError(f"the record takes more than {patience:g} s to be judged")
            opened = opened or entry.at
            try:
                engine.apply_entry(entry, packs)
            except (FrameError, InputError) as error:
                refused.append(f"{(entry.at - opened) / 1e6:.1f} s: {error}")
            else:
                kept.append(entry)
    except (DecodeError, LookupError, ValueError, OverflowError) as error:
        raise RecordError("an entry of the record is damaged, or makes no sense") from error
    return Played(engine, tuple(kept), tuple(refused), opened)


def replay(entries: Iterable[Entry], rules: RuleSet, catalogue: Catalogue) -> Replay:
    """Return how the findings of a record fare with a pack.

    Raises:
        RecordError: an entry cannot be read.
    """
    played = play(entries, rules, catalogue)
    engine = played.engine
    ranks = {cause.finding.id: place for place, cause in enumerate(engine.causes(), 1)}
    findings = sorted(engine.findings().values(), key=lambda found: (found.onset, found.rule, found.id))
    return Replay(tuple(_judgement(found, played.opened, ranks) for found in findings), played.refused)


def differences(old: Replay, new: Replay) -> list[Difference]:
    """Return what two replays of one record judge differently, in the order of the newer one's onsets."""
    before, after = _by_thing(old), _by_thing(new)
    out = []
    for thing in dict.fromkeys((*after, *before)):
        pairs = max(len(before.get(thing, ())), len(after.get(thing, ())))
        for place in range(pairs):
            one, other = _at(before, thing, place), _at(after, thing, place)
            if one != other:
                out.append(Difference(one, other))
    return out


_Thing = tuple[int, str, str]


def _by_thing(played: Replay) -> dict[_Thing, list[Judgement]]:
    out: dict[_Thing, list[Judgement]] = {}
    for found in played.findings:
        out.setdefault((found.target, found.rule, found.entity), []).append(found)
    return out


def _at(found: Mapping[_Thing, list[Judgement]], thing: _Thing, place: int) -> Judgement | None:
    return dict(enumerate(found.get(thing, ()))).get(place)


def _judgement(found: Finding, opened: int, ranks: Mapping[str, int]) -> Judgement:
    return Judgement(
        rule=found.rule,
        target=found.target,
        entity=found.entity.key if found.entity else "",
        onset=round((found.onset - opened) / 1e6, 3),
        changed=round((found.changed - opened) / 1e6, 3),
        state=found.state.value,
        rank=ranks.get(found.id, 0) if found.state is not FindingState.CLEARED else 0,
    )
