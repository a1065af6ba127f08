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


def _under_way(view: pb.CallView) -> bool:
    return any(fix.state in BUSY for fix in view.fixes)
