"""Which control of a call's page is the one to use next; it follows the sentence to say now."""

from __future__ import annotations

from dataclasses import dataclass

from hotline_proto.v1 import agent_pb2 as pb

from hotline_collector.calls.next_fix import asked_for_fix, exhausted, next_fix, superseded

# Where the question of the page is answered.
ASKED = "questions"
_UNDER_WAY = frozenset({"accepted", "running", "done", "verifying"})
_JOINED = frozenset({"joined", "connected", "lost"})


@dataclass(frozen=True, slots=True)
class NextStep:
    """What to do (a word of the page) and the id of the element where it is done."""

    word: str
    anchor: str


def next_step(view: pb.CallView) -> NextStep | None:
    """Return the next step, None if there is nothing to do but wait or the call is closed."""
    if view.state == "closed":
        return None
    return _safety(view) or _waiting(view) or _joining(view) or _fixing(view) or _finding(view)


def _safety(view: pb.CallView) -> NextStep | None:
    hazards = {finding.finding_id for finding in view.causes if finding.hazard}
    if hazards:
        if asked_for_fix(view) is not None:
            return NextStep("step_answer", ASKED)
        waiting = any(fix.state == "proposed" and fix.finding_id in hazards for fix in view.fixes)
        return NextStep("step_done", "fixes") if waiting else NextStep("step_safety", "causes")
    if any(question.hazard and not question.answer for question in view.questions):
        return NextStep("step_answer", ASKED)
    return None


def _waiting(view: pb.CallView) -> NextStep | None:
    return NextStep("step_take", "wait") if view.wait.place else None


def _joining(view: pb.CallView) -> NextStep | None:
    if view.by_answers or any(target.link == "phone" for target in view.targets):
        return None
    computer = [target.link for target in view.targets if not target.device]
    if not any(link in _JOINED for link in computer):
        read_from_here = any(target.from_collector and target.link in _JOINED for target in view.targets)
        return None if read_from_here else NextStep("step_code", "code")
    if "connected" not in computer:
        return NextStep("step_wait", "connection")
    return None if view.words_confirmed else NextStep("step_words", "words")


def _fixing(view: pb.CallView) -> NextStep | None:
    if asked_for_fix(view) is not None:
        return NextStep("step_answer", ASKED)
    for fix in reversed(view.fixes):
        if superseded(view, fix):
            continue
        if fix.state == "proposed":
            return NextStep("step_wait" if fix.action else "step_done", "fixes")
        if fix.state in _UNDER_WAY:
            return NextStep("step_wait", "fixes")
    if view.fixes and view.fixes[-1].state == "verified" and not view.causes:
        return NextStep("step_close", "close")
    if next_fix(view) is not None:
        return NextStep("step_next_fix", "fixes")
    return NextStep("step_hand_over", "close") if exhausted(view) else None


def _finding(view: pb.CallView) -> NextStep | None:
    if view.causes and view.causes[0].fixes:
        return NextStep("step_propose", "causes")
    if any(not question.answer and not question.locked for question in view.questions):
        return NextStep("step_answer", ASKED)
    return NextStep("step_look", "more")
