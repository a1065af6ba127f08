"""The end of what is kept of a call: erased because somebody asked for it, or because its time is over."""

from __future__ import annotations

import logging

from hotline_collector.calls.bounds import MAX_WHY
from hotline_collector.calls.errors import invalid, not_found
from hotline_collector.calls.manager import CallManager

_log = logging.getLogger(__name__)


async def erase(manager: CallManager, by: str, call_id: str, reason: str) -> None:
    """Erase a call, open or closed, with everything that is kept of it.

    What stays is one entry of the audit trail: who, when, the call's id and the reason. A connected probe is
    told that the call is over and ends, and with it what it still had to send.

    Raises:
        CallError: there is no such call, or no reason was given.
        StoreError: it could not be erased, or not completely; once more finishes it.
    """
    why = " ".join(reason.split())
    if not why:
        raise invalid("say why the call is erased; the reason stays in the audit trail, so name nobody in it")
    if len(why) > MAX_WHY:
        raise invalid(f"the reason has {len(why)} characters; at most {MAX_WHY} are kept")
    call = manager.calls.get(call_id)
    if call is not None:
        manager.let_go(call)
    if not await manager.around.store.erase(call_id):
        raise not_found(f"there is no call {call_id!r}; `hotline call list --all` shows those there are")
    # Without the call's id as such: the details of its own entries are erased.
    manager.around.saver.audit(by, "call.erase", "", f"{call_id}: {why}")
    await manager.around.saver.flush()
    _log.info("call erased", extra={"call": call_id})


async def close_forgotten(manager: CallManager, before: int) -> int:
    """Close the calls in which nothing has happened since a time (µs since the epoch); return how many.

    They count as closed when something happened last, so that they are kept no longer than others.

    Raises:
        StoreError: it could not be saved; what was not is closed the next time.
    """
    forgotten = [
        call
        for call in manager.calls.values()
        if call.last < before and all(session.link is None for session in call.sessions.values())
    ]
    for call in forgotten:
        call.row.state, call.row.outcome, call.row.closed = "closed", "abandoned", call.last
        manager.around.saver.audit(
            "system", "call.close", call.row.id, "abandoned: nothing happened any more"
        )
        await manager.close(call)
    return len(forgotten)
