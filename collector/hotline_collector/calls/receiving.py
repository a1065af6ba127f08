"""What a probe's frames mean for their call: facts for its engine, and what the caller did and decided."""

from __future__ import annotations

from hotline_proto.record import EntryKind, pack_entry
from hotline_proto.v1 import probe_pb2 as pb

from hotline_collector.calls import devices, proving
from hotline_collector.calls.errors import InvalidTransition
from hotline_collector.calls.fixes import FixState
from hotline_collector.calls.runtime import CallRuntime
from hotline_collector.calls.session import Session
from hotline_collector.engine.errors import FrameError
from hotline_collector.model.consent import known_layers
from hotline_collector.model.targets import COMPUTER

ENGINE_BODIES = frozenset({"readings", "announcement", "notes", "answer", "consent"})
_REPORTED = {
    pb.ACTION_STATE_ACCEPTED: FixState.ACCEPTED,
    pb.ACTION_STATE_DECLINED: FixState.DECLINED,
    pb.ACTION_STATE_RUNNING: FixState.RUNNING,
    pb.ACTION_STATE_DONE: FixState.DONE,
    pb.ACTION_STATE_FAILED: FixState.FAILED,
    pb.ACTION_STATE_UNDONE: FixState.UNDONE,
}
_PROBE_FRAME = int(EntryKind.PROBE_FRAME)
_MAX_DETAIL = 500
# Entries of the audit trail about what one session said; a caller decides some dozens of things.
MOST_SAID = 1000


def take(call: CallRuntime, session: Session, now: int, raw: bytes, frame: pb.ProbeFrame, body: str) -> None:
    """Apply and journal a probe's frame just as it came; the hot path.

    Raises:
        CallError: the journal takes nothing more.
        FrameError: the frame breaks the protocol; nothing of it was applied.
    """
    if call.journal.full:
        call.must_have_room()
    if now < call.last:
        now = call.last
    else:
        call.last = now
    target = session.row.target
    if body == "readings":
        call.engine.apply_readings(target, now, frame)
    elif body == "answer":
        _answered(call, session, now, frame)
        return
    elif body in ENGINE_BODIES:
        apply(call, target, now, frame, body)
    session.ticket = call.journal.append(call.row.id, pack_entry(_PROBE_FRAME, target, now, raw))
    if frame.seq:
        session.seq = frame.seq
    if body == "readings":
        if now >= call.trends.due and target == COMPUTER:
            call.trends.note(now, lambda fact: call.engine.values(COMPUTER, fact))
        changes = call.engine.take_changes()
        if changes:
            call.reactions.to(changes)
        call.around.deadlines.watch(call)
        return
    beyond_engine(call, session, frame, body, now)
    call.settle()
    _record(call, session, frame, body)
    if body == "device":
        devices.learned(call, target, frame.device)
    proving.verify_done(call)


def _answered(call: CallRuntime, session: Session, now: int, frame: pb.ProbeFrame) -> None:
    """Take up what the caller typed if it answers what is asked; the record holds the answer as a fact.

    A probe sends what a human said until it is durable, so refusing the frame would never end.
    """
    bare = pb.ProbeFrame(seq=frame.seq, mono_us=frame.mono_us).SerializeToString()
    session.ticket = call.journal.append(call.row.id, pack_entry(_PROBE_FRAME, session.row.target, now, bare))
    session.seq = frame.seq or session.seq
    stated = call.reactions.stated(session, frame.answer)
    if stated is not None:
        call.input(EntryKind.FACT_STATED, COMPUTER, stated, now, spare=True)
        session.ticket = call.ticket
        _record(call, session, frame, "answer")


def apply(call: CallRuntime, target: int, now: int, frame: pb.ProbeFrame, body: str) -> None:
    """Apply a frame to the engine; an answer that fits no question is kept and not believed.

    A probe sends what a human said until it is durable, so refusing the frame would never end.

    Raises:
        FrameError: the frame breaks the protocol; nothing of it was applied.
    """
    try:
        call.engine.apply_frame(target, now, frame)
    except FrameError:
        if body != "answer":
            raise


def beyond_engine(call: CallRuntime, session: Session, frame: pb.ProbeFrame, body: str, now: int) -> None:
    """Act on what a frame means for the call besides its facts; also when a record is replayed."""
    if body == "consent":
        if session.consent(tuple(frame.consent.granted), frame.consent.declined):
            call.around.saver.touch(session.row)
    elif body == "action":
        _action(call, session, frame, now)
    elif body == "check":
        if frame.check.check in call.row.checks:
            session.checks_decided.add(frame.check.check)
    elif body == "device":
        devices.reported(call.devices, session.row.target, frame.device)


def _action(call: CallRuntime, session: Session, frame: pb.ProbeFrame, now: int) -> None:
    report = frame.action
    row, goal = call.fixes.rows.get(report.proposal_id), _REPORTED.get(report.state)
    if row is None or goal is None or not row.action or row.target != session.row.target:
        return
    session.reported.add(row.id)
    try:
        new = call.fixes.report(row, goal, now)
    except InvalidTransition:
        # The caller's machine cannot be argued with; the agent sees both states in the audit trail.
        return
    if goal is FixState.FAILED and row.undo_asked:
        row.undo_asked, new = False, True
    if not new:
        return
    call.around.saver.touch(row)
    row.undoable = report.undoable
    row.detail = ": ".join(part for part in (report.code, report.detail) if part)[:_MAX_DETAIL]
    if goal is FixState.DONE:
        measured = frame.mono_us + session.offset if session.offset else now
        row.done = min(now, max(measured, row.proposed))


def _record(call: CallRuntime, session: Session, frame: pb.ProbeFrame, body: str) -> None:
    """Have the audit trail tell what a probe said, if it answers something; a probe may say anything."""
    told = _told(call, session, frame, body)
    if told is None or session.said > MOST_SAID:
        return
    action, detail = told
    if session.said == MOST_SAID:
        detail = "no more of this session is recorded"
    session.said += 1
    call.around.saver.audit(call.speaker(session.row), action, call.row.id, detail)


def _told(call: CallRuntime, session: Session, frame: pb.ProbeFrame, body: str) -> tuple[str, str] | None:
    """Return action and detail of what a frame tells; None if nobody asked for it or it is not known."""
    told: tuple[str, str] | None = None
    if body == "consent":
        layers = [pb.ConsentLayer.Name(layer) for layer in known_layers(session.row.consent)]
        refused = [f"no {pb.ConsentLayer.Name(layer)}" for layer in known_layers(frame.consent.declined)]
        told = "consent", ", ".join([*layers, *refused]) or "none"
    elif body == "action":
        state = _REPORTED.get(frame.action.state)
        if state is not None and frame.action.proposal_id in call.fixes.rows:
            name = pb.ActionState.Name(frame.action.state)
            told = "fix.report", f"{frame.action.proposal_id}: {name}"
    elif body == "answer":
        told = "question.answer", frame.answer.question
    elif body == "check":
        if frame.check.check in call.row.checks:
            verdict = "allowed" if frame.check.allowed else "declined"
            told = "check.decide", f"{frame.check.check}: {verdict}"
    elif body == "device" and devices.is_read_by(call, session.row.target, frame.device):
        told = "device.report", f"{frame.device.target}: {pb.DeviceState.Name(frame.device.state)}"
    return told
