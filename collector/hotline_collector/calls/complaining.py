"""What the caller says is wrong, corrected during the call."""

from __future__ import annotations

from hotline_proto.record import EntryKind
from hotline_proto.v1 import record_pb2 as rec

from hotline_collector.calls.checks import check_in
from hotline_collector.calls.runtime import CallRuntime


def correct(call: CallRuntime, complaint: str) -> str:
    """Have a call judged by another complaint from now on; return what it names to be checked, if new.

    The first address that a complaint names becomes the check of the complaint unless there is one already.

    Raises:
        CallError: the journal takes nothing more.
    """
    call.input(EntryKind.COMPLAINT_CHANGED, 0, rec.ComplaintChanged(complaint=complaint))
    call.row.complaint = complaint
    named = check_in(complaint)
    if not named or call.row.first_check:
        named = ""
    else:
        call.row.first_check = named
    call.around.saver.touch(call.row)
    return named if named not in call.row.checks else ""
