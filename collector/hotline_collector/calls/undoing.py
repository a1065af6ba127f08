"""Whether what was done can still be taken back, and what to say if only a human at the device can."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hotline_collector.calls.errors import InvalidTransition, conflict
from hotline_collector.calls.fixes import UNDOABLE_FROM, FixState
from hotline_collector.model.rows import FixRow
from hotline_collector.model.targets import COMPUTER

if TYPE_CHECKING:
    from hotline_collector.calls.runtime import CallRuntime

_MAX_DETAIL = 500


def ask_undo(call: CallRuntime, row: FixRow) -> None:
    """Have an action taken back by the program that has done it.

    Raises:
        CallError: it is not there any more; of a device the message says what to set back by hand.
        InvalidTransition: the action has not run, or cannot be taken back.
    """
    session = call.sessions.get(row.target)
    if session is None:
        raise conflict("the caller's computer is not part of this call any more")
    if row.target != COMPUTER:
        if FixState(row.state) not in UNDOABLE_FROM or not row.undoable:
            raise InvalidTransition(f"a fix that is {row.state} cannot be taken back")
        if session.row.ended:
            raise conflict(_over(call, row))
        if row.id not in session.reported:
            # Another run of the probe, or another machine by its host key, reads the device now.
            before, by_hand = _done_before(call, row), _by_hand(call, row)
            raise conflict(f"{before}, and what reads it now knows nothing of it; {by_hand}")
        if session.link is None:
            by_hand = _by_hand(call, row)
            raise conflict(
                f"the connection to the device is lost right now; try again once it is back, else {by_hand}"
            )
    call.fixes.ask_undo(row)


def give_up(call: CallRuntime, target: int) -> None:
    """Say of what was still to be taken back on a device, which is gone, how a human does it."""
    for row in call.fixes.undos(target):
        if target != COMPUTER:
            row.undo_asked, row.detail = False, _over(call, row)[:_MAX_DETAIL]
            call.around.saver.touch(row)


def _over(call: CallRuntime, row: FixRow) -> str:
    device = call.devices.get(row.target)
    before, by_hand = _done_before(call, row), _by_hand(call, row)
    if device is None or device.from_collector:
        return f"{before}, so it cannot be taken back over it; {by_hand}"
    return f"{before}: have the device read again and take it back then; if that is not possible, {by_hand}"


def _done_before(call: CallRuntime, row: FixRow) -> str:
    device = call.devices.get(row.target)
    where = f" on {device.address}" if device is not None else ""
    return f"the connection over which this was done{where} has ended"


def _by_hand(call: CallRuntime, row: FixRow) -> str:
    spec = call.around.catalogue.actions.get(row.action)
    if spec is None or not spec.by_hand:
        return "say on the phone how it is set back"
    return f"have it set back there by hand: {spec.by_hand.format_map(row.parameters)}"
