"""A call as an agent sees it; built when somebody looks, at most once a version and second."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hotline_proto.facts import SourceStatus
from hotline_proto.v1 import agent_pb2 as pb
from hotline_proto.v1 import probe_pb2

from hotline_collector.calls import safety, turn
from hotline_collector.calls.fixes import FixState
from hotline_collector.calls.runtime import IMPORTED, CallRuntime
from hotline_collector.calls.said_steps import follow_answers
from hotline_collector.calls.sayings import say_now
from hotline_collector.calls.session import Session
from hotline_collector.calls.view_findings import FindingViews, fix_words, missing_view
from hotline_collector.calls.view_questions import question_view
from hotline_collector.calls.view_texts import text
from hotline_collector.calls.view_way import machine, way
from hotline_collector.model.finding import FindingState
from hotline_collector.model.rows import CallRow, DisagreementRow, FixRow
from hotline_collector.model.targets import COMPUTER

_TO_DO = (FixState.PROPOSED, FixState.ACCEPTED, FixState.RUNNING)
_CONSENT: dict[int, str] = {
    probe_pb2.CONSENT_LAYER_BASIC: "basic",
    probe_pb2.CONSENT_LAYER_PERSONAL: "personal",
}


def call_view(call: CallRuntime, now: int, *, include_facts: bool = False) -> pb.CallView:
    """Return everything that an agent sees of a call; `now` in microseconds since the epoch."""
    row, engine, findings = call.row, call.engine, FindingViews(call)
    view = pb.CallView(
        call_id=row.id,
        state=row.state,
        complaint=row.complaint,
        agent=row.agent,
        opened_us=row.opened,
        now_us=now,
        words_confirmed=row.words_confirmed,
        outcome=row.outcome,
        version=call.version,
        customer_reference=row.customer_reference,
    )
    view.targets.extend(_targets(call))
    causes = engine.causes()
    view.path.extend(way(call, causes))
    view.machine.CopyFrom(machine(call, now))
    for cause in causes:
        shown = findings.cause(cause)
        # A danger is never a side note, whatever the caller complained about.
        (view.causes if cause.relevant or shown.hazard else view.also_noticed).append(shown)
    view.suspected.extend(findings.finding(finding) for finding in engine.suspected())
    view.cleared.extend(
        findings.finding(finding)
        for finding in engine.findings().values()
        if finding.state is FindingState.CLEARED
    )
    states = turn.in_turn(call)
    waits = safety.comes_first(call, states)
    view.questions.extend(question_view(call, state, locked=waits and not state.hazard) for state in states)
    view.by_answers = turn.by_answers(call, states)
    _plan(call, view)
    view.fixes.extend(_fix(call, fix, findings) for fix in call.fixes.rows.values())
    view.notes.extend(pb.NoteView(at_us=n.at, author=n.author, text=n.text) for n in call.notes)
    view.disagreements.extend(_disagreement(row) for row in call.disagreements.values())
    if include_facts:
        targets = sorted({COMPUTER, *call.sessions, *call.devices})
        view.facts.extend(findings.fact(fact) for target in targets for fact in engine.facts(target))
    view.say_now.CopyFrom(say_now(call, view))
    return view


def call_summary(row: CallRow, call: CallRuntime | None) -> pb.CallSummary:
    """Return one line of the list of calls."""
    summary = pb.CallSummary(
        call_id=row.id,
        state=row.state,
        complaint=row.complaint,
        opened_us=row.opened,
        agent=row.agent,
        customer_reference=row.customer_reference,
        queued_us=row.queued,
    )
    causes = call.engine.causes() if call is not None else []
    rule = call.rules.pack.rules.get(causes[0].finding.rule) if call is not None and causes else None
    if rule is not None:
        summary.top_cause_en, summary.top_cause_de = rule.title.en, rule.title.de
    return summary


def _targets(call: CallRuntime) -> list[pb.TargetView]:
    if call.row.outcome == IMPORTED:
        return [_read_target(call, target) for target in call.engine.targets()]
    views = [_target(call, target, session) for target, session in sorted(call.sessions.items())]
    if COMPUTER not in call.sessions:
        views.insert(0, _nobody_yet(call))
    absent = sorted(call.devices.keys() - call.sessions.keys())
    views += [pb.TargetView(target=each, link="waiting", link_since_us=call.row.opened) for each in absent]
    for view in views:
        device = call.devices.get(view.target)
        if device is not None:
            view.name, view.device = device.address, device.state or "waiting"
            view.trouble, view.fingerprint = device.trouble, device.fingerprint
            view.from_collector = device.from_collector
    return views


def _nobody_yet(call: CallRuntime) -> pb.TargetView:
    since = call.phone_since or call.row.opened
    link = "phone" if call.phone_since else "waiting"
    return pb.TargetView(target=COMPUTER, name="computer", link=link, link_since_us=since)


def _target(call: CallRuntime, target: int, session: Session) -> pb.TargetView:
    view = pb.TargetView(
        target=target,
        name="computer",
        platform=session.row.platform,
        link=session.state,
        link_since_us=session.since,
        personal=session.stands_to_personal,
        rtt_us=session.rtt_us if session.state == "connected" else 0,
        consent=[_CONSENT[layer] for layer in session.row.consent if layer in _CONSENT],
    )
    _measured(call, target, view)
    return view


def _read_target(call: CallRuntime, target: int) -> pb.TargetView:
    layers = [_CONSENT[layer] for layer in call.engine.consent(target) if layer in _CONSENT]
    view = pb.TargetView(
        target=target, name="computer", link=IMPORTED, link_since_us=call.row.opened, consent=layers
    )
    _measured(call, target, view)
    return view


def _measured(call: CallRuntime, target: int, view: pb.TargetView) -> None:
    path = call.engine.path(target)
    view.path = f"{path.interface} via {path.gateway}" if path else ""
    for source in call.engine.sources(target):
        view.sources.add(
            source=source.source,
            status=SourceStatus(source.status).word if source.status else "",
            note=source.note,
            ran_us=source.ran,
            duration_us=source.duration_us,
        )


def _plan(call: CallRuntime, view: pb.CallView) -> None:
    state = call.engine.plan()
    if state is None:
        return
    plan = call.rules.pack.plans[state.plan]
    view.plan.plan, view.plan.current = state.plan, state.current
    view.plan.title.CopyFrom(text(plan.title))
    for step, (stands, missing) in zip(plan.steps, state.steps, strict=True):
        view.plan.steps.add(
            title=text(step.title),
            state=stands.value,
            steps=[text(each.text) for each in step.steps],
            missing=[missing_view(item) for item in missing],
            questions=[item.fact for item in missing if item.settle.startswith("question:")],
        )


def _disagreement(row: DisagreementRow) -> pb.DisagreementView:
    return pb.DisagreementView(
        at_us=row.at,
        author=row.author,
        finding_id=row.id,
        rule=row.rule,
        cause=row.cause,
        reason=row.reason,
    )


def _fix(call: CallRuntime, row: FixRow, findings: FindingViews) -> pb.FixView:
    view = pb.FixView(
        fix_id=row.id,
        finding_id=row.finding_id,
        rule=row.rule,
        index=row.index,
        state=row.state,
        action=row.action,
        by=row.by,
        risk=row.risk,
        undoable=row.undoable,
        detail=row.detail,
        proposed_us=row.proposed,
        done_us=row.done,
        verify_until_us=row.verify_until,
        settled_us=row.settled,
        entity=row.entity,
        target=row.target,
    )
    open_ = row.state in _TO_DO and follow_answers(call, row)
    said = (_words_now(call, row) if open_ else {}) or row.said or _words_now(call, row)
    texts = [pb.Text(en=en, de=de) for en, de in zip(said.get("en", ()), said.get("de", ()), strict=True)]
    if texts:
        view.title.CopyFrom(texts[0])
        view.steps.extend(texts[1:])
    proof, finding = call.engine.verifications().get(row.id), call.engine.findings().get(row.finding_id)
    if proof is not None and finding is not None:
        view.changes.extend(findings.changes(proof.before, call.engine.concerned(finding)))
    return view


def _words_now(call: CallRuntime, row: FixRow) -> Mapping[str, Sequence[str]]:
    """Return what the rule says now, for a fix that an older version proposed."""
    finding = call.engine.findings().get(row.finding_id)
    rule = call.engine.rule(finding) if finding is not None else None
    return fix_words(call, rule, row.index) if rule is not None and row.index < len(rule.fixes) else {}
