"""Fixes that are done and wait for the proof of fresh facts."""

from __future__ import annotations

from hotline_proto.record import EntryKind
from hotline_proto.v1 import record_pb2 as rec

from hotline_collector.calls.fixes import FixState
from hotline_collector.calls.runtime import CallRuntime
from hotline_collector.model.rows import FixRow


def verify_done(call: CallRuntime) -> None:
    """Have fresh facts decide about every fix that is done and not yet being verified."""
    for row in call.fixes.open_verifications():
        if row.state != FixState.DONE or row.finding_id not in call.engine.findings():
            continue
        done = rec.FixDone(fix_id=row.id, finding_id=row.finding_id, fix_index=row.index, done_us=row.done)
        call.input(EntryKind.FIX_DONE, row.target, done)
        verifying(call, row)
        call.changed()


def verifying(call: CallRuntime, row: FixRow) -> None:
    """Take up what the engine says about the proof of a fix."""
    verification = call.engine.verifications().get(row.id)
    if verification is None:
        return
    call.fixes.verifying(row, verification.until)
    call.fixes.prove(verification)
    call.around.saver.touch(row)
