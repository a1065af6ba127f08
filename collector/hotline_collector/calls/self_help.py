"""What callers may try by themselves while they wait: steps of little risk, proven like every other fix.

Only steps for people are among them. Actions of the probe stay locked until an agent has entered the two
words, and in the waiting room nobody has.
"""

from __future__ import annotations

from dataclasses import dataclass

from hotline_collector.calls import closing, proposing, proving
from hotline_collector.calls.errors import CallError, conflict
from hotline_collector.calls.fixes import BUSY, FixState
from hotline_collector.calls.next_fix import FRUITLESS
from hotline_collector.calls.runtime import CallRuntime
from hotline_collector.calls.said_steps import said_steps
from hotline_collector.model.finding import Cause, FindingState
from hotline_collector.model.rows import FixRow
from hotline_collector.model.rule import Fix, Text

_LITTLE = ("none", "low")


@dataclass(frozen=True, slots=True)
class SelfHelp:
    """What a caller may try, and how it stands.

    `state` is *offered*, *verifying* while fresh facts decide, or *verified*. With `in_vain` something else
    was tried before and has not helped. `finding` and `index` name the fix for `tried`.
    """

    finding: str
    index: int
    cause: Text
    steps: tuple[Text, ...]
    state: str
    in_vain: bool


def offer(call: CallRuntime) -> SelfHelp | None:
    """Return what the caller may try, or has tried last; None if there is nothing of the kind."""
    if not call.around.settings.self_help or not call.row.queued:
        return None
    last = next(reversed(call.fixes.rows.values()), None)
    if last is not None and FixState(last.state) not in FRUITLESS:
        return _of(call, last)
    in_vain = last is not None and last.state != FixState.DECLINED
    for cause in call.engine.causes():
        if found := _untried(call, cause):
            index, fix = found
            rule = call.rules.pack.rules[cause.finding.rule]
            steps = tuple(step.text for step in said_steps(call, fix))
            return SelfHelp(cause.finding.id, index, rule.title, steps, "offered", in_vain)
    return None


async def tried(call: CallRuntime, finding: str, index: int, who: str) -> None:
    """Take a caller's word that the steps offered were done; from now on fresh facts decide.

    Raises:
        CallError: they are not offered any more.
        StoreError: it cannot be kept; then nothing has happened.
    """
    offered = offer(call)
    if offered is None or (offered.finding, offered.index, offered.state) != (finding, index, "offered"):
        raise conflict("this is not offered any more")
    row, around = proposing.proposal(call, finding, index), call.around
    await proposing.keep(call, row, who)
    proposing.human_event(call, row, "done", call.moment(around.clock.now()))
    around.saver.touch(row)
    around.saver.audit(who, "fix.done", call.row.id, row.id)
    around.deadlines.watch(call)
    proving.verify_done(call)
    call.changed()
    await around.saver.flush()


def has_helped(call: CallRuntime) -> bool:
    """Tell whether a caller who leaves now has solved it: what they tried is proven, nothing is lacking."""
    now = offer(call)
    return (
        now is not None
        and now.state == "verified"
        and not closing.missing_for_solved(call, caller_confirmed=True)
    )


def _of(call: CallRuntime, row: FixRow) -> SelfHelp | None:
    rule = call.rules.pack.rules.get(row.rule)
    if rule is None or row.action or row.index >= len(rule.fixes):
        return None
    steps = tuple(step.text for step in said_steps(call, rule.fixes[row.index]))
    state = "verifying" if FixState(row.state) in BUSY else "verified"
    return SelfHelp(row.finding_id, row.index, rule.title, steps, state, in_vain=False)


def _untried(call: CallRuntime, cause: Cause) -> tuple[int, Fix] | None:
    """Return the first fix of a cause that a caller can do alone and has not tried."""
    finding = cause.finding
    rule = call.rules.pack.rules.get(finding.rule)
    if rule is None or rule.hazard or not cause.relevant or finding.stale:
        return None
    if finding.state is not FindingState.ACTIVE:
        return None
    before = {row.index for row in call.fixes.rows.values() if row.finding_id == finding.id}
    for index, fix in enumerate(rule.fixes):
        alone = fix.by == "caller" and not fix.action and fix.steps and fix.risk in _LITTLE
        if alone and index not in before and _may(call, finding.id, index):
            return index, fix
    return None


def _may(call: CallRuntime, finding: str, index: int) -> bool:
    try:
        proposing.proposal(call, finding, index)
    except CallError:
        return False
    return True
