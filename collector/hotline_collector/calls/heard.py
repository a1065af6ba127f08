"""A result that the caller read out becomes one session of readings, as if a probe had sent them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from google.protobuf.message import Message
from hotline_proto.catalogue import Catalogue
from hotline_proto.errors import SpokenError
from hotline_proto.facts import Fact, SourceRun, SourceStatus
from hotline_proto.record import EntryKind
from hotline_proto.spoken import heard_result, heard_version
from hotline_proto.v1 import record_pb2 as rec
from hotline_proto.wire import ReadingEncoder

from hotline_collector.calls.errors import invalid
from hotline_collector.engine.ruleset import RuleSet
from hotline_collector.rulepack.spoken import SpokenItem, meant, table_version

_SESSION = "spoken"


def heard_runs(digits: str, items: Sequence[SpokenItem], rules: RuleSet) -> list[SourceRun]:
    """Return the runs of sources that digits stand for.

    Raises:
        CallError: a digit is wrong, or the digits belong to other rules.
    """
    try:
        number = heard_version(digits)
        if number != table_version(rules):
            raise invalid(
                f"these digits come from a program with other rules (number {number:02d}, this call has "
                f"{table_version(rules):02d}); have the caller fetch the current program, or ask questions"
            )
        states = heard_result(digits, len(items))
    except SpokenError as error:
        raise invalid(str(error)) from error
    values, kinds = meant(items, states, rules.catalogue)
    found: dict[str, list[Fact]] = {rules.catalogue.entities[kind].source: [] for kind in sorted(kinds)}
    for (name, key), value in values.items():
        found.setdefault(rules.catalogue.facts[name].source, []).append(Fact(name, value, key))
    return [SourceRun(source, SourceStatus.OK, 0.0, 0.0, facts) for source, facts in found.items()]


def heard_inputs(
    runs: Sequence[SourceRun], catalogue: Catalogue, target: int, now: int
) -> Iterator[tuple[EntryKind, Message]]:
    """Yield the inputs of the engine: a link that comes up, the readings, and its end."""
    session = f"{_SESSION}-{now}"
    yield (
        EntryKind.LINK_CHANGED,
        rec.LinkChanged(target=target, up=True, session_id=session, boot_id=session, clock_offset_us=now),
    )
    for frame in ReadingEncoder(catalogue).encode(runs, 0.0):
        yield EntryKind.PROBE_FRAME, frame
    yield EntryKind.LINK_CHANGED, rec.LinkChanged(target=target, session_id=session, boot_id=session)
