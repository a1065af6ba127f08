"""Rebuilds a call from its journal, as after a restart of the collector."""

from __future__ import annotations

import asyncio
import logging
import time

from hotline_proto.record import Entry, EntryKind, unpack_entries
from hotline_proto.v1 import probe_pb2 as pb
from hotline_proto.v1 import record_pb2 as rec

from hotline_collector.calls import devices, proving, receiving
from hotline_collector.calls.errors import InvalidTransition
from hotline_collector.calls.exclusions import remembered
from hotline_collector.calls.fixes import FixState
from hotline_collector.calls.runtime import CallRuntime
from hotline_collector.calls.session import Session
from hotline_collector.engine.errors import FrameError, InputError
from hotline_collector.model.targets import COMPUTER

# Whoever looks at a long call, or one that was imported from anywhere, must not keep all others waiting.
_SLICE_S = 0.02
_log = logging.getLogger(__name__)


async def replay(call: CallRuntime, sessions: dict[str, Session], record: bytes) -> None:
    """Feed a record to a fresh call; nothing is journalled and nothing is sent.

    Fixes are brought to where the record says they are, because a row may be a moment older. Others have
    their turn again and again meanwhile.

    Raises:
        RecordError: the record is damaged.
    """
    until = time.monotonic() + _SLICE_S
    for entry in unpack_entries(record):
        if time.monotonic() > until:
            await asyncio.sleep(0)
            until = time.monotonic() + _SLICE_S
        call.last = max(call.last, entry.at)
        try:
            if entry.kind is EntryKind.PROBE_FRAME:
                _frame(call, entry)
            else:
                call.engine.apply_entry(entry, call.around.packs)
                _remember(call, sessions, entry)
        except (FrameError, InputError) as error:
            _log.warning("call %s: an input of the record is refused: %s", call.row.id, error)
        if call.engine.take_changes().findings:
            call.remember_shown(call.engine.causes())
    for row in call.fixes.rows.values():
        proving.verifying(call, row)


def _frame(call: CallRuntime, entry: Entry) -> None:
    frame = pb.ProbeFrame.FromString(entry.payload)
    body = frame.WhichOneof("body") or ""
    if body in receiving.ENGINE_BODIES:
        receiving.apply(call, entry.target, entry.at, frame, body)
    session = call.sessions.get(entry.target)
    if session is None:
        return
    if frame.seq:
        session.seq = frame.seq
    receiving.beyond_engine(call, session, frame, body, entry.at)


def _remember(call: CallRuntime, sessions: dict[str, Session], entry: Entry) -> None:
    if entry.kind is EntryKind.LINK_CHANGED:
        link = rec.LinkChanged.FromString(entry.payload)
        session = sessions.get(link.session_id)
        if session is not None:
            call.sessions[entry.target] = session
            session.since = entry.at
            session.offset = link.clock_offset_us if link.up else session.offset
            session.was_up = link.up
        if not link.up:
            call.known_false = remembered(call)
    elif entry.kind is EntryKind.TARGET_ADDED:
        added = rec.TargetAdded.FromString(entry.payload)
        if added.target != COMPUTER:
            # What the collector read, nobody reads any more; a probe goes on by itself.
            here = added.from_collector
            state = "ended" if here else ""
            device = devices.Device(added.target, added.name, here, state=state, broken_off=here)
            call.devices[added.target] = device
    elif entry.kind is EntryKind.FACT_STATED:
        devices.recalled(call, rec.FactStated.FromString(entry.payload))
    elif entry.kind is EntryKind.FIX_DONE:
        done = rec.FixDone.FromString(entry.payload)
        row = call.fixes.rows.get(done.fix_id)
        if row is not None:
            row.done = done.done_us
            try:
                call.fixes.report(row, FixState.DONE, entry.at)
            except InvalidTransition:
                return
            proving.verifying(call, row)
