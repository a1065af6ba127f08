"""What must hold before a fix is proposed, and what humans may say about it."""

from __future__ import annotations

from hotline_proto.catalogue import ActionSpec
from hotline_proto.operator_list import read_document, split_list

from hotline_collector.calls import safety, undoing
from hotline_collector.calls.devices import is_read_from_here, must_agree, why_not_on
from hotline_collector.calls.errors import InvalidTransition, conflict, invalid, locked, not_found
from hotline_collector.calls.fixes import FixState
from hotline_collector.calls.ids import new_id
from hotline_collector.calls.runtime import CallRuntime
from hotline_collector.calls.said_steps import follow_answers
from hotline_collector.calls.view_findings import fix_words
from hotline_collector.errors import StoreError
from hotline_collector.model.finding import Finding
from hotline_collector.model.rows import FixRow
from hotline_collector.model.rule import Fix
from hotline_collector.model.targets import COMPUTER

_HUMAN = {"accepted": FixState.RUNNING, "declined": FixState.DECLINED, "done": FixState.DONE}
HUMAN_EVENTS = (*_HUMAN, "undo")
_NO_COMPUTER = "no computer of the caller is connected; offer the steps instead, or make a new code"
_NO_DEVICE = "the device is not connected; offer the steps instead, or have it read again"


def proposal(call: CallRuntime, finding_id: str, index: int, *, owner_agreed: bool = False) -> FixRow:
    """Return a fix to propose; `owner_agreed` is the word of the owner of a device that is read from here.

    Raises:
        CallError: no such finding or fix, a hazard comes first, the words are not confirmed or the owner has
            not agreed, the probe cannot do it, or a parameter is not known.
    """
    finding = call.engine.findings().get(finding_id)
    if finding is None:
        raise not_found(f"this call has no finding {finding_id!r}")
    rule = call.rules.pack.rules.get(finding.rule)
    if rule is None or not 0 <= index < len(rule.fixes):
        raise not_found(f"the finding {finding.rule} has no fix {index}")
    if finding.gone:
        raise conflict(f"the finding is {finding.state.value}; there is nothing to fix")
    safety.respect_for_fix(call, rule)
    fix = rule.fixes[index]
    parameters = _action_parameters(call, finding, fix, index, owner_agreed) if fix.action else {}
    action = call.around.catalogue.actions.get(fix.action)
    return FixRow(
        id=new_id(),
        call_id=call.row.id,
        finding_id=finding.id,
        rule=rule.id,
        index=index,
        target=finding.target,
        entity=finding.entity.key if finding.entity else "",
        action=fix.action,
        by=fix.by,
        risk=action.risk if action is not None and not fix.risk else fix.risk,
        state=FixState.PROPOSED.value,
        proposed=call.moment(call.around.clock.now()),
        parameters=parameters,
        undoable=not fix.action and any(step.undo is not None for step in fix.steps),
        said=fix_words(call, rule, index),
    )


async def keep(call: CallRuntime, row: FixRow, who: str) -> None:
    """Take up a proposal and return once it is kept; `who` stands in the audit trail.

    Raises:
        CallError: another fix is in its way.
        StoreError: it cannot be kept; then it is not there.
    """
    saver = call.around.saver
    for other in _without_cause(call):
        call.fixes.withdraw(other, row.proposed)
        saver.touch(other)
    call.fixes.add(row)
    saver.touch(row)
    agreed = ", its owner agrees" if row.action and is_read_from_here(call, row.target) else ""
    told = f"{row.id}: {row.rule}#{row.index} {row.action}".rstrip()
    saver.audit(who, "fix.propose", row.call_id, told + agreed)
    try:
        await saver.flush()
    except StoreError:
        call.fixes.remove(row)
        raise


def _without_cause(call: CallRuntime) -> list[FixRow]:
    """Return the steps that wait for somebody although their finding is gone, as after a corrected answer."""
    findings = call.engine.findings()
    return [
        row
        for row in call.fixes.rows.values()
        if row.state == FixState.PROPOSED
        and not row.action
        and (found := findings.get(row.finding_id)) is not None
        and found.gone
    ]


def human_event(call: CallRuntime, row: FixRow, event: str, now: int) -> None:
    """Bring a fix to where a human says it is.

    Raises:
        CallError: no such event, or it is the probe's to say.
        InvalidTransition: the fix cannot go that way.
    """
    if event == "undo":
        _undo(call, row, now)
        return
    if event not in _HUMAN:
        raise invalid(f"a fix can be {', '.join(HUMAN_EVENTS)}, not {event!r}")
    if row.action:
        raise conflict("the caller decides about an action on their own screen")
    if not call.fixes.report(row, _HUMAN[event], now):
        return
    if event == "done":
        row.done = now
        if follow_answers(call, row):
            # What was said in the end, by the answers that came meanwhile.
            row.said = fix_words(call, call.rules.pack.rules[row.rule], row.index)


def _undo(call: CallRuntime, row: FixRow, now: int) -> None:
    if row.action:
        undoing.ask_undo(call, row)
    elif not row.undoable:
        raise InvalidTransition("these steps cannot be taken back")
    else:
        call.fixes.report(row, FixState.UNDONE, now)


def _action_parameters(
    call: CallRuntime, finding: Finding, fix: Fix, index: int, owner_agreed: bool
) -> dict[str, str]:
    action = call.around.catalogue.actions.get(fix.action)
    on_device = finding.target != COMPUTER
    if refusal := why_not_on(call, finding.target, fix.action):
        raise conflict(refusal)
    session = call.sessions.get(finding.target)
    if session is None or session.row.ended or (on_device and session.link is None):
        raise conflict(_NO_DEVICE if on_device else _NO_COMPUTER)
    if is_read_from_here(call, finding.target):
        must_agree(owner_agreed)
    elif not call.row.words_confirmed:
        raise locked("confirm the caller's two words first; until then no action is proposed")
    if action is None or session.row.platform not in action.platforms:
        raise conflict(f"a probe on {session.row.platform} cannot do {fix.action}; offer the steps instead")
    parameters = call.engine.fix_parameters(finding, index)
    if parameters is None:
        raise conflict(f"{fix.action} needs a fact that is not known yet; wait for fresh readings")
    return dict(parameters) | listed(call.around.settings.signed_list, action)


def listed(signed_list: bytes, action: ActionSpec) -> dict[str, str]:
    """Return the operator's values that an action takes: the first of each kind in the signed list."""
    if not action.operator:
        return {}
    values = read_document(split_list(signed_list)[1]).values if signed_list else {}
    missing = [kind for kind in action.operator.values() if not values.get(kind)]
    if missing:
        raise conflict(
            f"{action.name} needs a {missing[0]} in the operator's signed list; offer the steps instead"
        )
    return {name: values[kind][0] for name, kind in action.operator.items()}
