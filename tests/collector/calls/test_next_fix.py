"""Which fix comes next, and when there is none left."""

from __future__ import annotations

import pytest
from hotline_collector.calls.next_fix import FRUITLESS, exhausted, next_fix
from hotline_proto.v1 import agent_pb2 as apb


def view(*states: str, options: int = 2, causes: int = 1) -> apb.CallView:
    """Return a call whose first cause had fixes 0, 1, … proposed; they stand like this."""
    call = apb.CallView()
    for number in range(causes):
        finding = call.causes.add(finding_id=f"f{number}", rule=f"rule{number}", entity="/")
        finding.fixes.extend(apb.FixOption(index=index) for index in range(options))
    for index, state in enumerate(states):
        call.fixes.add(rule="rule0", entity="/", index=index, state=state)
    return call


@pytest.mark.parametrize("state", sorted(FRUITLESS))
def test_after_a_fix_that_did_not_help_comes_the_next_of_the_same_cause(state: str) -> None:
    following = next_fix(view(state))
    assert following is not None and (following.finding.rule, following.option.index) == ("rule0", 1)


@pytest.mark.parametrize("state", ["proposed", "accepted", "running", "done", "verifying", "verified", "<b>"])
def test_nothing_comes_next_while_a_fix_is_under_way_or_has_helped(state: str) -> None:
    assert next_fix(view(state)) is None and not exhausted(view(state))


def test_when_all_fixes_of_a_cause_were_tried_the_next_cause_comes() -> None:
    tried = view("still_present", "failed", causes=2)
    following = next_fix(tried)
    assert following is not None and (following.finding.rule, following.option.index) == ("rule1", 0)
    assert not exhausted(tried)


def test_when_everything_was_tried_nothing_is_left() -> None:
    tried = view("still_present", "declined")
    assert next_fix(tried) is None and exhausted(tried)
    assert not exhausted(view("still_present")) and not exhausted(apb.CallView())


def test_a_fix_of_another_entity_was_not_tried_here() -> None:
    call = view("failed")
    call.fixes[0].entity = "/home"
    following = next_fix(call)
    assert following is not None and following.option.index == 0


def test_a_fix_on_another_target_was_not_tried_here() -> None:
    call = view("failed")
    call.fixes[0].target = 2
    following = next_fix(call)
    assert following is not None and following.option.index == 0
