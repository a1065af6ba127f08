"""The fixes of one call: what is proposed, what the probe or a human reports, what facts prove."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from hotline_collector.calls.errors import InvalidTransition, conflict, not_found
from hotline_collector.calls.fixes import BUSY, UNDOABLE_FROM, FixEvent, FixState, advance, proof, towards
from hotline_collector.model.finding import Verification
from hotline_collector.model.rows import FixRow

PROPOSAL_S = 180
_log = logging.getLogger(__name__)
_SETTLED = frozenset(
    {
        FixState.DECLINED,
        FixState.EXPIRED,
        FixState.FAILED,
        FixState.VERIFIED,
        FixState.STILL_PRESENT,
        FixState.REGRESSED,
        FixState.COULD_NOT_VERIFY,
        FixState.UNDONE,
    }
)


class FixBook:
    """All fixes of a call by id; every method that changes a row says so by its return value."""

    def __init__(self, rows: Iterable[FixRow] = ()) -> None:
        self.rows: dict[str, FixRow] = {row.id: row for row in rows}
        self.next_expiry: int | None = None
        self._plan_expiry()

    def named(self, fix_id: str) -> FixRow:
        """Return a fix.

        Raises:
            CallError: there is none.
        """
        row = self.rows.get(fix_id)
        if row is None:
            raise not_found(f"this call has no fix {fix_id!r}")
        return row

    def add(self, row: FixRow) -> None:
        """Take up a proposal.

        Raises:
            CallError: another fix is under way on the same target, or this very fix is.
        """
        for other in self.rows.values():
            if FixState(other.state) not in BUSY or other.target != row.target:
                continue
            if (other.finding_id, other.index) == (row.finding_id, row.index):
                raise conflict(f"this fix is already {other.state}")
            if row.risk != "none" and other.risk != "none":
                raise conflict(
                    f"another fix is {other.state} on this target; one at a time, so that it stays clear "
                    "what helped"
                )
        self.rows[row.id] = row
        _tell(row)
        self._plan_expiry()

    def remove(self, row: FixRow) -> None:
        """Forget a proposal that could not be kept."""
        self.rows.pop(row.id, None)
        self._plan_expiry()

    def report(self, row: FixRow, goal: FixState, now: int) -> bool:
        """Bring a fix to a state that was reported and tell whether it was new.

        Raises:
            InvalidTransition: the fix cannot have come there.
        """
        events = towards(FixState(row.state), goal)
        for event in events:
            self._step(row, event, now)
        self._plan_expiry()
        return bool(events)

    def verifying(self, row: FixRow, until: int) -> bool:
        """Note that fresh facts now decide about a fix."""
        if FixState(row.state) is not FixState.DONE:
            return False
        row.state = advance(FixState.DONE, FixEvent.VERIFY)
        row.verify_until = until
        _tell(row)
        return True

    def prove(self, verification: Verification) -> FixRow | None:
        """Note what a verification says and return the fix if that was new."""
        row = self.rows.get(verification.fix_id)
        if row is None:
            return None
        events = proof(FixState(row.state), verification.state)
        for event in events:
            self._step(row, event, verification.settled)
            row.detail = verification.reason or row.detail
        return row if events else None

    def expire(self, now: int) -> list[FixRow]:
        """Let proposals that nobody answered expire and return them."""
        gone = [row for row in self.rows.values() if _expires(row) and expiry(row) <= now]
        for row in gone:
            self._step(row, FixEvent.EXPIRE, now)
            row.detail = "the caller did not answer in time"
        self._plan_expiry()
        return gone

    def withdraw(self, row: FixRow, now: int) -> None:
        """Let a proposal go that nobody has begun with and whose cause is gone."""
        self._step(row, FixEvent.EXPIRE, now)
        row.detail = "its cause does not stand any more"
        self._plan_expiry()

    def ask_undo(self, row: FixRow) -> None:
        """Note that an action is to be taken back.

        Raises:
            InvalidTransition: it has not run, or cannot be taken back.
        """
        if FixState(row.state) not in UNDOABLE_FROM or not row.undoable:
            raise InvalidTransition(f"a fix that is {row.state} cannot be taken back")
        row.undo_asked = True

    def forsake(self, row: FixRow, now: int) -> None:
        """Let an action fail whose probe is gone."""
        self._step(row, FixEvent.FAIL, now)
        row.detail, row.undoable = "the probe ended before it reported", False

    def unreported(self, target: int) -> list[FixRow]:
        """Return the actions that the probe has not answered to, to be proposed again."""
        return [row for row in self.rows.values() if row.target == target and _expires(row)]

    def undos(self, target: int) -> list[FixRow]:
        """Return the actions that the probe has still to take back."""
        return [row for row in self.rows.values() if row.target == target and row.undo_asked]

    def open_verifications(self) -> list[FixRow]:
        """Return fixes whose proof is still out."""
        return [row for row in self.rows.values() if row.state in (FixState.DONE, FixState.VERIFYING)]

    def under_way(self) -> list[FixRow]:
        """Return actions that were accepted and have not ended."""
        began = (FixState.ACCEPTED, FixState.RUNNING)
        return [row for row in self.rows.values() if row.action and row.state in began]

    def _step(self, row: FixRow, event: FixEvent, now: int) -> None:
        row.state = advance(FixState(row.state), event)
        if row.state in _SETTLED:
            row.settled = now
        if row.state == FixState.UNDONE:
            row.undo_asked = row.undoable = False
        _tell(row)

    def _plan_expiry(self) -> None:
        self.next_expiry = min((expiry(row) for row in self.rows.values() if _expires(row)), default=None)


def expiry(row: FixRow) -> int:
    """Return when a proposal ends, in microseconds since the epoch."""
    return row.proposed + PROPOSAL_S * 1_000_000


def _tell(row: FixRow) -> None:
    _log.info(
        "fix",
        extra={
            "call": row.call_id,
            "fix": row.id,
            "rule": row.rule,
            "action": row.action,
            "state": row.state,
        },
    )


def _expires(row: FixRow) -> bool:
    # Steps are read out by the agent: they wait as long as the call does.
    return row.state == FixState.PROPOSED and bool(row.action)
