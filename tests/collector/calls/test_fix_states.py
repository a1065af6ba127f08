"""The state machine of a fix: no proof without running, nothing happens twice."""

from __future__ import annotations

import pytest
from hotline_collector.calls.errors import InvalidTransition
from hotline_collector.calls.fixes import (
    HAS_RUN,
    TRANSITIONS,
    FixEvent,
    FixState,
    advance,
    proof,
    towards,
)
from hotline_collector.model.finding import VerificationState
from hypothesis import given
from hypothesis import strategies as st

REPORTED = (
    FixState.ACCEPTED,
    FixState.DECLINED,
    FixState.RUNNING,
    FixState.DONE,
    FixState.FAILED,
    FixState.UNDONE,
    FixState.EXPIRED,
)
events = st.lists(st.sampled_from(FixEvent), max_size=30)
reports = st.lists(st.one_of(st.sampled_from(REPORTED), st.sampled_from(VerificationState)), max_size=30)


def walk(path: list[FixEvent]) -> list[FixState]:
    states = [FixState.PROPOSED]
    for event in path:
        if (states[-1], event) in TRANSITIONS:
            states.append(advance(states[-1], event))
    return states


def follow(path: list[FixState | VerificationState]) -> tuple[list[FixState], list[FixEvent]]:
    """Take reports and proofs as a call does: what cannot be is ignored."""
    states, happened = [FixState.PROPOSED], []
    for step in path:
        try:
            if isinstance(step, VerificationState):
                way = proof(states[-1], step)
            else:
                way = towards(states[-1], step)
        except InvalidTransition:
            continue
        if step is FixState.DONE and way:
            way = (*way, FixEvent.VERIFY)
        for event in way:
            happened.append(event)
            states.append(advance(states[-1], event))
    return states, happened


@given(events)
def test_nothing_is_verified_that_did_not_run(path: list[FixEvent]) -> None:
    states = walk(path)
    if FixState.VERIFIED in states:
        before = states[: states.index(FixState.VERIFIED)]
        order = [FixState.ACCEPTED, FixState.RUNNING, FixState.DONE, FixState.VERIFYING]
        assert [s for s in before if s in order][-4:] == order


@given(events)
def test_a_fix_runs_at_most_once(path: list[FixEvent]) -> None:
    states = walk(path)
    assert states.count(FixState.RUNNING) <= 1
    assert states.count(FixState.DONE) <= 1


@given(events)
def test_a_declined_fix_never_runs(path: list[FixEvent]) -> None:
    states = walk(path)
    if FixState.DECLINED in states:
        assert states[-1] is FixState.DECLINED


@given(reports)
def test_reports_in_any_order_never_run_it_twice(path: list[FixState | VerificationState]) -> None:
    states, happened = follow(path)
    assert happened.count(FixEvent.FINISH) <= 1
    assert happened.count(FixEvent.VERIFY) <= 1
    if FixState.VERIFIED in states:
        assert FixState.RUNNING in states[: states.index(FixState.VERIFIED)]


@given(reports)
def test_the_same_report_again_changes_nothing(path: list[FixState | VerificationState]) -> None:
    once, _ = follow(path)
    doubled, _ = follow([step for step in path for _ in range(2)])
    assert once == doubled


@given(reports)
def test_what_happened_on_the_machine_is_never_forgotten(path: list[FixState | VerificationState]) -> None:
    states, _ = follow(path)
    ran = [i for i, state in enumerate(states) if state in HAS_RUN]
    if ran:
        assert all(state in HAS_RUN for state in states[ran[0] :])


@pytest.mark.parametrize("state", [FixState.PROPOSED, FixState.EXPIRED])
def test_a_late_yes_still_counts(state: FixState) -> None:
    assert towards(state, FixState.ACCEPTED) == (FixEvent.ACCEPT,)


def test_a_report_may_skip_steps_that_took_no_time() -> None:
    assert towards(FixState.PROPOSED, FixState.DONE) == (FixEvent.ACCEPT, FixEvent.START, FixEvent.FINISH)


def test_a_failed_undo_leaves_the_fix_where_it_is() -> None:
    assert towards(FixState.VERIFIED, FixState.FAILED) == ()


def test_a_declined_fix_cannot_be_done() -> None:
    with pytest.raises(InvalidTransition, match="declined"):
        towards(FixState.DECLINED, FixState.DONE)
