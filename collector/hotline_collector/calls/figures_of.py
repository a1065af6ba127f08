"""What a call that is being closed adds to the figures."""

from __future__ import annotations

import logging
from collections import Counter
from datetime import UTC, datetime

from hotline_collector.calls.contacts import contact_of
from hotline_collector.calls.fixes import HAS_RUN, FixState
from hotline_collector.calls.runtime import CallRuntime
from hotline_collector.calls.verdicts import main_rule
from hotline_collector.errors import StoreError
from hotline_collector.model.figures import NOT_KNOWN, CallFiguresRow, Resolution
from hotline_collector.model.rows import CallRow

_DAY_US = 86_400 * 1_000_000
_PROOF = {
    FixState.VERIFIED: "proven",
    FixState.STILL_PRESENT: "refuted",
    FixState.REGRESSED: "refuted",
}
_log = logging.getLogger(__name__)


def figures_of(call: CallRuntime) -> CallFiguresRow:
    """Return what a call adds to the figures; saved together with its row, which says that it is closed."""
    row, settings = call.row, call.around.settings
    contact = contact_of(settings, row.customer_reference)
    states = [FixState(fix.state) for fix in call.fixes.rows.values()]
    fixes = Counter(_PROOF.get(state, "unproven") for state in states if state in HAS_RUN)
    ended = Resolution.KEPT if row.outcome == "solved" else Resolution.UNSOLVED
    return CallFiguresRow(
        id=row.id,
        day=closing_day(call),
        outcome=row.outcome,
        main=main_rule(call),
        handled=_handled(row),
        waited=row.wait_us if row.waited_from else NOT_KNOWN,
        waited_paid=row.wait_paid_us if row.waited_from and settings.tariff.charged else NOT_KNOWN,
        to_cause=_to_cause(call),
        proven=fixes["proven"],
        refuted=fixes["refuted"],
        unproven=fixes["unproven"],
        resolution=(ended if contact else Resolution.UNKNOWN).value,
        contact=contact,
    )


async def note_repeat(call: CallRuntime, row: CallFiguresRow) -> None:
    """Note that a closed call is a repeat, if the same customer rang about the same in the days before.

    A call that is closed stays closed if the store fails: the repeat is then only logged.
    """
    if not row.contact:
        return
    since = call.row.opened - call.around.settings.repeat_days * _DAY_US
    try:
        await call.around.store.figure_repeat(call.row, row, since)
    except StoreError as error:
        _log.warning("call %s: the figures miss a repeat contact: %s", call.row.id, error)


def closing_day(call: CallRuntime) -> str:
    """Return the UTC day on which a call was closed, as YYYY-MM-DD."""
    return datetime.fromtimestamp(call.row.closed / 1e6, UTC).date().isoformat()


def _handled(row: CallRow) -> int:
    """Return how long agents had a call, from the first who took or opened it."""
    if row.waited_from and not row.picked:
        return NOT_KNOWN
    return row.closed - (row.picked or row.opened)


def _to_cause(call: CallRuntime) -> int:
    """Return the time from the caller's joining to the first cause, from opening if it was there before."""
    if not call.first_shown:
        return NOT_KNOWN
    joined = call.first_joined
    begin = joined if 0 < joined <= call.first_shown else call.row.opened
    return max(call.first_shown - begin, 0)
