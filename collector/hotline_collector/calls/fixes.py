"""The life of a fix as a table: no I/O, no clock.

    proposed → accepted → running → done → verifying → verified
        │          │          │       (proof)   ├→ still_present, regressed, could_not_verify
        ├→ declined, expired  └→ failed         └→ undone, from everything that has run

A caller may have accepted just before a proposal expired; what happened on their machine wins, so
`expired` can still be accepted. Nothing is verified that did not run.
"""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType

from hotline_collector.calls.errors import InvalidTransition
from hotline_collector.model.finding import VerificationState


class FixState(StrEnum):
    """Where a fix stands."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    VERIFYING = "verifying"
    VERIFIED = "verified"
    STILL_PRESENT = "still_present"
    REGRESSED = "regressed"
    COULD_NOT_VERIFY = "could_not_verify"
    UNDONE = "undone"


class FixEvent(StrEnum):
    """What can happen to a fix."""

    ACCEPT = "accept"
    DECLINE = "decline"
    EXPIRE = "expire"
    START = "start"
    FINISH = "finish"
    FAIL = "fail"
    VERIFY = "verify"
    PROVE = "prove"
    PERSIST = "persist"
    REGRESS = "regress"
    DOUBT = "doubt"
    UNDO = "undo"


_S, _E = FixState, FixEvent

TRANSITIONS = MappingProxyType(
    {
        (_S.PROPOSED, _E.ACCEPT): _S.ACCEPTED,
        (_S.PROPOSED, _E.DECLINE): _S.DECLINED,
        (_S.PROPOSED, _E.EXPIRE): _S.EXPIRED,
        (_S.EXPIRED, _E.ACCEPT): _S.ACCEPTED,
        (_S.EXPIRED, _E.DECLINE): _S.DECLINED,
        (_S.ACCEPTED, _E.START): _S.RUNNING,
        (_S.ACCEPTED, _E.DECLINE): _S.DECLINED,
        (_S.ACCEPTED, _E.FAIL): _S.FAILED,
        (_S.RUNNING, _E.FINISH): _S.DONE,
        (_S.RUNNING, _E.FAIL): _S.FAILED,
        (_S.DONE, _E.VERIFY): _S.VERIFYING,
        (_S.VERIFYING, _E.PROVE): _S.VERIFIED,
        (_S.VERIFYING, _E.PERSIST): _S.STILL_PRESENT,
        (_S.VERIFYING, _E.DOUBT): _S.COULD_NOT_VERIFY,
        (_S.VERIFYING, _E.REGRESS): _S.REGRESSED,
        (_S.VERIFIED, _E.REGRESS): _S.REGRESSED,
        (_S.FAILED, _E.UNDO): _S.UNDONE,
        (_S.DONE, _E.UNDO): _S.UNDONE,
        (_S.VERIFYING, _E.UNDO): _S.UNDONE,
        (_S.VERIFIED, _E.UNDO): _S.UNDONE,
        (_S.STILL_PRESENT, _E.UNDO): _S.UNDONE,
        (_S.REGRESSED, _E.UNDO): _S.UNDONE,
        (_S.COULD_NOT_VERIFY, _E.UNDO): _S.UNDONE,
    }
)

# A fix in one of these may be changing the target, or be about to.
BUSY = frozenset({_S.PROPOSED, _S.ACCEPTED, _S.RUNNING, _S.DONE, _S.VERIFYING})
HAS_RUN = frozenset(
    {_S.DONE, _S.VERIFYING, _S.VERIFIED, _S.STILL_PRESENT, _S.REGRESSED, _S.COULD_NOT_VERIFY, _S.UNDONE}
)
UNDOABLE_FROM = frozenset(state for state, event in TRANSITIONS if event is _E.UNDO)

_WAY = (_E.ACCEPT, _E.START, _E.FINISH)
_GOALS = MappingProxyType(
    {
        _S.ACCEPTED: _WAY[:1],
        _S.RUNNING: _WAY[:2],
        _S.DONE: _WAY,
        _S.FAILED: (_E.ACCEPT, _E.FAIL),
        _S.DECLINED: (_E.DECLINE,),
        _S.EXPIRED: (_E.EXPIRE,),
        _S.UNDONE: (_E.UNDO,),
    }
)
_ALREADY = MappingProxyType(
    {
        _S.ACCEPTED: frozenset({_S.ACCEPTED, _S.RUNNING, _S.FAILED}) | HAS_RUN,
        _S.RUNNING: frozenset({_S.RUNNING, _S.FAILED}) | HAS_RUN,
        _S.DONE: HAS_RUN,
        # A failure reported of a fix that has run is a failed undo, which changes nothing.
        _S.FAILED: frozenset({_S.FAILED}) | HAS_RUN,
        _S.DECLINED: frozenset({_S.DECLINED, _S.EXPIRED}),
        _S.EXPIRED: frozenset({_S.EXPIRED}),
        _S.UNDONE: frozenset({_S.UNDONE}),
    }
)
_PROOF = MappingProxyType(
    {
        VerificationState.VERIFIED: _E.PROVE,
        VerificationState.STILL_PRESENT: _E.PERSIST,
        VerificationState.REGRESSED: _E.REGRESS,
        VerificationState.COULD_NOT_VERIFY: _E.DOUBT,
    }
)


def advance(state: FixState, event: FixEvent) -> FixState:
    """Return the state after an event.

    Raises:
        InvalidTransition: the fix cannot go that way.
    """
    following = TRANSITIONS.get((state, event))
    if following is None:
        raise InvalidTransition(f"a fix that is {state} cannot {event}")
    return following


def towards(state: FixState, goal: FixState) -> tuple[FixEvent, ...]:
    """Return the events that lead from a state to a reported one; none if it has been there already.

    Reports can be repeated after a reconnect or skip a step that took no time, so a report is a goal
    and not an event.

    Raises:
        InvalidTransition: there is no such way.
    """
    if state in _ALREADY[goal]:
        return ()
    way = _GOALS[goal]
    if state not in (_S.PROPOSED, _S.EXPIRED):
        way = tuple(event for event in way if event is not _E.ACCEPT)
    if state is _S.RUNNING:
        way = tuple(event for event in way if event is not _E.START)
    reached = state
    for event in way:
        reached = advance(reached, event)
    return way


def proof(state: FixState, verification: VerificationState) -> tuple[FixEvent, ...]:
    """Return the events that bring a fix to what its verification says; none if it is there already."""
    event = _PROOF.get(verification)
    if event is None or (state, event) not in TRANSITIONS:
        return ()
    return (event,)
