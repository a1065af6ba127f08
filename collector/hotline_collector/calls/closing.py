"""When a call may be closed, and as what."""

from __future__ import annotations

from hotline_collector.calls.errors import conflict, invalid
from hotline_collector.calls.runtime import COMPUTER, CallRuntime

OUTCOMES = ("solved", "second_level", "technician", "abandoned")


def check(call: CallRuntime, outcome: str, *, caller_confirmed: bool) -> None:
    """Make sure that a call may be closed with an outcome.

    Raises:
        CallError: no such outcome, or something is missing for *solved*; the message says what.
    """
    if outcome not in OUTCOMES:
        raise invalid(f"a call ends as {', '.join(OUTCOMES)}, not {outcome!r}")
    if outcome == "abandoned":
        return
    for fix in call.fixes.under_way():
        session = call.sessions.get(fix.target)
        if session is not None and session.link is not None:
            raise conflict(f"an action is {fix.state} on the caller's computer; wait until it has ended")
    if outcome != "solved":
        return
    lacking = missing_for_solved(call, caller_confirmed=caller_confirmed)
    if lacking:
        raise conflict("not solved yet: " + "; ".join(lacking))


def missing_for_solved(call: CallRuntime, *, caller_confirmed: bool) -> list[str]:
    """Return what a call lacks to be *solved*."""
    lacking = []
    if not caller_confirmed:
        lacking.append("the caller has not confirmed that it works again")
    if call.fixes.open_verifications():
        lacking.append("a fix is still being verified")
    named = call.row.first_check
    if named and not _passes(call, named):
        lacking.append(f"the check of {named} does not pass on fresh readings")
    return lacking


def _passes(call: CallRuntime, named: str) -> bool:
    return any(
        fact.fact == "check.ok" and fact.entity == named and fact.value is True
        for target in (sorted(call.sessions) or [COMPUTER])
        for fact in call.engine.facts(target)
    )
