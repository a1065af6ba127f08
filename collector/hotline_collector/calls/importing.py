"""Opens a call from a record: an offline bundle of a probe, or what another collector exported.

A bundle comes from a caller by mail or on a stick, so every byte of it is hostile. The call is closed from
the beginning: nobody is connected, and nothing can be measured or carried out. The pack in use judges it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hotline_proto.errors import RecordError
from hotline_proto.record import Entry, pack_entry
from hotline_proto.v1 import record_pb2 as rec

from hotline_collector.calls.bounds import MAX_COMPLAINT, MAX_REFERENCE
from hotline_collector.calls.errors import CallError, CallErrorKind, invalid
from hotline_collector.calls.ids import new_id
from hotline_collector.calls.manager import CallManager
from hotline_collector.calls.runtime import IMPORTED
from hotline_collector.engine.ruleset import RuleSet
from hotline_collector.model.rows import CallRow
from hotline_collector.model.targets import COMPUTER
from hotline_collector.rulepack.records import read_record
from hotline_collector.rulepack.replaying import play

if TYPE_CHECKING:
    from hotline_collector.calls.actor import Actor

_MAX_REFUSED = 20
# Seconds of computing: hours of a call take a few. Whoever looks at the call has it judged anew each time.
_PATIENCE_S = 30.0
# The journal writes many calls at once; one record does not fill it.
_BATCH = 1000


@dataclass(frozen=True, slots=True)
class Imported:
    """The call, how many findings it has, and the inputs that the engine refused (the first of them)."""

    row: CallRow
    findings: int
    refused: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Played:
    entries: tuple[Entry, ...]
    complaint: str
    findings: int
    refused: tuple[str, ...]


async def import_record(
    manager: CallManager, who: Actor, data: bytes, *, complaint: str = "", reference: str = ""
) -> Imported:
    """Open a closed call from a record file; without a complaint it keeps the record's own.

    Raises:
        CallError: a text is too long, or the file is none, too large, too new, damaged, for another key, or
            takes too long to be judged.
        StoreError: it could not be kept; nothing of it is.
    """
    complaint = _bounded(complaint, "complaint", MAX_COMPLAINT)
    reference = _bounded(reference, "customer reference", MAX_REFERENCE)
    around, rules = manager.around, manager.rules
    try:
        # Several at once would take the time of the calls that go on.
        async with manager.judging:
            played = await asyncio.to_thread(_play, manager, rules, data, complaint)
    except RecordError as error:
        raise invalid(f"the file cannot be imported: {error}") from error
    row = CallRow(
        id=new_id(),
        state="closed",
        complaint=played.complaint,
        customer_reference=reference,
        first_check="",
        agent=who.name,
        opened=played.entries[0].at,
        pack_digest=rules.pack.digest,
        closed=around.clock.now(),
        outcome=IMPORTED,
    )
    await _keep(manager, row, played.entries)
    return Imported(row, played.findings, played.refused)


async def _keep(manager: CallManager, row: CallRow, entries: Sequence[Entry]) -> None:
    around = manager.around
    await around.store.save([row])
    try:
        for start in range(0, len(entries), _BATCH):
            if around.journal.full:
                raise CallError(
                    CallErrorKind.UNAVAILABLE, "the collector cannot write to its disk right now; try again"
                )
            ticket = 0
            for entry in entries[start : start + _BATCH]:
                ticket = around.journal.append(row.id, pack_entry(*entry))
            await around.journal.durable(ticket)
    except BaseException:
        await around.store.erase(row.id)
        raise


def _play(manager: CallManager, rules: RuleSet, data: bytes, complaint: str) -> _Played:
    """Read and judge a record in full before anything of it is kept.

    Raises:
        RecordError: the file is no record that can be played; the message says why.
    """
    given = read_record(data, manager.around.settings.bundle_key)
    given[0] = _retitled(given[0], complaint)
    played = play(given, rules, manager.around.catalogue, _PATIENCE_S)
    engine = played.engine
    if COMPUTER not in engine.targets():
        raise RecordError("the record names no computer")
    return _Played(played.kept, engine.complaint, len(engine.findings()), played.refused[:_MAX_REFUSED])


def _retitled(first: Entry, complaint: str) -> Entry:
    """Return the opening of a call with a complaint, its own if none is given."""
    opened = rec.CallOpened.FromString(first.payload)
    opened.complaint = complaint or opened.complaint[:MAX_COMPLAINT]
    return first._replace(payload=opened.SerializeToString(deterministic=True))


def _bounded(text: str, what: str, limit: int) -> str:
    stripped = text.strip()
    if len(stripped) > limit:
        raise invalid(f"the {what} has {len(stripped)} characters; at most {limit} are kept")
    return stripped
