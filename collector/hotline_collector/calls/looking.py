"""Who may open which call: their own, and one that nobody has; any other for a reason, for an hour."""

from __future__ import annotations

from hotline_collector.calls.actor import Actor
from hotline_collector.calls.bounds import MAX_WHY
from hotline_collector.calls.errors import CallError, CallErrorKind, invalid
from hotline_collector.calls.surroundings import Surroundings
from hotline_collector.model.rows import CallRow

# Who takes part in a call by its join code has no account and opens nothing else.
_OUTSIDE = "caller"
_HOW = "say why you open it: hotline call --reason TEXT …"
_SEE_ALL = frozenset({"lead", "admin"})
_HOUR_US = 3_600 * 1_000_000
# So long somebody whose hour is over is told so, rather than that this is another agent's call.
_REMEMBERED_US = 24 * _HOUR_US


class LookEnded(CallError):
    """The hour is over for which somebody had opened another agent's call."""


class Looks:
    """Decides for every face; leads and admins need a reason like everybody else."""

    def __init__(self, around: Surroundings) -> None:
        self._around = around
        self._until: dict[tuple[str, str], int] = {}

    def listed(self, who: Actor, row: CallRow) -> bool:
        """Tell whether a call stands in somebody's list; leads and admins see that it is there."""
        return who.role in _SEE_ALL or _own(who, row)

    def admit(self, who: Actor, row: CallRow) -> None:
        """Do nothing if somebody may open a call.

        Raises:
            CallError: it is another agent's, and no reason was given within the last hour.
        """
        if who.role == _OUTSIDE or _own(who, row):
            return
        until = self._until.get((who.name, row.id))
        if until is None:
            raise CallError(CallErrorKind.REASON, f"this is a call of {row.agent}; {_HOW}")
        if until <= self._around.clock.now():
            raise LookEnded(
                CallErrorKind.REASON,
                f"the hour for which you opened this call of {row.agent} is over; {_HOW}",
            )

    def grant(self, who: Actor, row: CallRow, reason: str) -> int:
        """Open a call to somebody and return until when (µs since the epoch); the reason is audited.

        Raises:
            CallError: there is no reason, or it is too long.
        """
        why = " ".join(reason.split())
        if not why:
            raise invalid("say why you open the call of another agent; the reason goes to the audit trail")
        if len(why) > MAX_WHY:
            raise invalid(f"the reason has {len(why)} characters; at most {MAX_WHY} are kept")
        now = self._around.clock.now()
        if _own(who, row):
            return now + _HOUR_US
        self._until = {key: until for key, until in self._until.items() if until > now - _REMEMBERED_US}
        self._until[who.name, row.id] = now + _HOUR_US
        self._around.saver.audit(f"agent:{who.name}", "call.look_other", row.id, why)
        return now + _HOUR_US


def _own(who: Actor, row: CallRow) -> bool:
    return row.agent in ("", who.name)
