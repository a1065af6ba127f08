"""Which fix comes next when one has not helped; pure."""

from __future__ import annotations

from typing import NamedTuple

from hotline_proto.v1 import agent_pb2 as pb

from hotline_collector.calls.fixes import BUSY, FixState

FRUITLESS = frozenset(
    {
        FixState.DECLINED,
        FixState.EXPIRED,
        FixState.FAILED,
        FixState.STILL_PRESENT,
        FixState.REGRESSED,
        FixState.COULD_NOT_VERIFY,
        FixState.UNDONE,
    }
)


class Next(NamedTuple):
    """A fix to propose, and the finding that it is for."""

    finding: pb.FindingView
    option: pb.FixOption


def next_fix(view: pb.CallView) -> Next | None:
    """Return the fix to propose after one that has not helped, None if there is none or one is under way.

    The causes come in their order, each with its first fix that was not tried yet.
    """
    if not view.fixes or view.fixes[-1].state not in FRUITLESS or _under_way(view):
        return None
    if view.fixes[-1].state == FixState.EXPIRED and _is_cleared(view, view.fixes[-1]):
        # It was never tried: an answer was corrected, and the cause is another one.
        return None
    for finding in view.causes:
        option = untried(view, finding)
        if option is not None:
            return Next(finding, option)
    return None


def untried(view: pb.CallView, finding: pb.FindingView) -> pb.FixOption | None:
    """Return the first fix of a finding that was not tried in this call."""
    what = (finding.target, finding.rule, finding.entity)
    tried = {fix.index for fix in view.fixes if (fix.target, fix.rule, fix.entity) == what}
    return next((option for option in finding.fixes if option.index not in tried), None)


def exhausted(view: pb.CallView) -> bool:
    """Tell whether there are causes and every fix of them was tried without success."""
    tried = view.causes and not _under_way(view)
    return bool(tried) and all(finding.fixes and untried(view, finding) is None for finding in view.causes)


def superseded(view: pb.CallView, fix: pb.FixView) -> bool:
    """Tell whether steps wait for somebody although their cause is gone and another one stands."""
    return fix.state == FixState.PROPOSED and not fix.action and bool(view.causes) and _is_cleared(view, fix)


def asked_for_fix(view: pb.CallView) -> pb.QuestionView | None:
    """Return the question that the proof of a fix, or an order of one, waits for; None if there is none."""
    if not view.fixes or not (_is_being_proven(view.fixes[-1]) or _is_an_order(view.fixes[-1])):
        return None
    waiting = (question for question in view.questions if not question.answer and not question.locked)
    return next((question for question in waiting if question.awaited), None)


def _is_being_proven(fix: pb.FixView) -> bool:
    return fix.state in (FixState.DONE, FixState.VERIFYING)


def _is_an_order(fix: pb.FixView) -> bool:
    """Tell whether the agent has something to do that needs more than the caller's hands."""
    return fix.state == FixState.PROPOSED and not fix.action and fix.by != "caller"


def _is_cleared(view: pb.CallView, fix: pb.FixView) -> bool:
    return fix.finding_id in {finding.finding_id for finding in view.cleared}


def _under_way(view: pb.CallView) -> bool:
    return any(fix.state in BUSY and not superseded(view, fix) for fix in view.fixes)
