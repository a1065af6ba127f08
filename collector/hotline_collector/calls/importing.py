"""Opens a call from a record: an offline bundle of a probe, or what another collector exported.

A bundle comes from a caller by mail or on a stick, so every byte of it is hostile. The call is closed from
the beginning: nobody is connected, and nothing can be measured or carried out. The pack in use judges it.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from google.protobuf.message import DecodeError
from hotline_proto.errors import RecordError
from hotline_proto.record import Entry, EntryKind, pack_entry, read_file, unpack_entries
from hotline_proto.sealed import is_sealed, unseal
from hotline_proto.v1 import record_pb2 as rec

from hotline_collector.calls.bounds import MAX_BUNDLE, MAX_COMPLAINT, MAX_REFERENCE
from hotline_collector.calls.errors import CallError, CallErrorKind, invalid
from hotline_collector.calls.ids import new_id
from hotline_collector.calls.manager import CallManager
from hotline_collector.calls.runtime import IMPORTED
from hotline_collector.engine.engine import Engine
from hotline_collector.engine.errors import FrameError, InputError
from hotline_collector.engine.ruleset import RuleSet
from hotline_collector.model.rows import CallRow
from hotline_collector.model.targets import COMPUTER
from hotline_collector.rulepack.replaying import for_pack

if TYPE_CHECKING:
    from hotline_collector.calls.actor import Actor

# Hours of a call: a record with more is nothing that a collector should play each time somebody looks.
MAX_ENTRIES = 200_000
_MAX_TARGET = 64
# The years in which a machine may believe to be, in microseconds since the epoch: from 1970 to 2100.
_LATEST = 4_102_444_800 * 1_000_000
_MAX_REFUSED = 20
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
        CallError: a text is too long, or the file is none, too large, too new, damaged or for another key.
        StoreError: it could not be kept; nothing of it is.
    """
    complaint = _bounded(complaint, "complaint", MAX_COMPLAINT)
    reference = _bounded(reference, "customer reference", MAX_REFERENCE)
    around, rules = manager.around, manager.rules
    try:
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
    given = _entries(_opened(data, manager.around.settings.bundle_key))
    engine = Engine("", rules, manager.around.catalogue)
    packs, kept, refused = {rules.pack.digest: rules}, list[Entry](), list[str]()
    begin = given[0].at
    try:
        given[0] = _retitled(given[0], complaint)
        for entry in for_pack(given, rules.pack.digest):
            try:
                engine.apply_entry(entry, packs)
            except (FrameError, InputError) as error:
                refused.append(f"{(entry.at - begin) / 1e6:.1f} s: {error}")
            else:
                kept.append(entry)
    except (DecodeError, LookupError, ValueError, OverflowError) as error:
        raise RecordError("an entry of the record is damaged, or makes no sense") from error
    if COMPUTER not in engine.targets():
        raise RecordError("the record names no computer")
    return _Played(tuple(kept), engine.complaint, len(engine.findings()), tuple(refused[:_MAX_REFUSED]))


def _opened(data: bytes, key: bytes) -> bytes:
    if len(data) > MAX_BUNDLE:
        raise RecordError(f"it is larger than {MAX_BUNDLE / 2**20:.4g} MiB")
    if not is_sealed(data):
        return data
    if not key:
        raise RecordError("it is encrypted, and this collector has no key for bundles")
    return unseal(data, key)


def _entries(data: bytes) -> list[Entry]:
    """Return the entries of a record that begins as one and in which time never goes back."""
    entries, last = list[Entry](), 0
    for entry in unpack_entries(read_file(data)):
        begins = entry.kind is EntryKind.CALL_OPENED
        if begins is bool(entries):
            raise RecordError("the record does not begin, once, with the opening of a call")
        if len(entries) >= MAX_ENTRIES:
            raise RecordError(f"the record has more than {MAX_ENTRIES} entries")
        if not last <= entry.at < _LATEST or entry.target > _MAX_TARGET:
            raise RecordError("the times or targets of the record make no sense")
        last = entry.at
        entries.append(entry)
    if not entries:
        raise RecordError("the record is empty")
    return entries


def _retitled(first: Entry, complaint: str) -> Entry:
    """Return the opening of a call with a complaint, its own if none is given."""
    opened = rec.CallOpened.FromString(first.payload)
    opened.complaint = complaint or opened.complaint[:MAX_COMPLAINT]
    if not all(math.isfinite(each.confidence) and 0 <= each.confidence <= 1 for each in opened.confidences):
        raise RecordError("the confidences of the record make no sense")
    return first._replace(payload=opened.SerializeToString(deterministic=True))


def _bounded(text: str, what: str, limit: int) -> str:
    stripped = text.strip()
    if len(stripped) > limit:
        raise invalid(f"the {what} has {len(stripped)} characters; at most {limit} are kept")
    return stripped
