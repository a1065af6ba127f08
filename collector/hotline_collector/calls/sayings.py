"""The one sentence that the agent should say or do now."""

from __future__ import annotations

from hotline_proto.v1 import agent_pb2 as pb

from hotline_collector.calls.device_sayings import say_of_device
from hotline_collector.calls.fixes import FixState
from hotline_collector.calls.next_fix import asked_for_fix, exhausted, next_fix, superseded
from hotline_collector.calls.runtime import CODE_US, DECIDING_US, IMPORTED, CallRuntime
from hotline_collector.model.finding import StepState
from hotline_collector.model.rule import Text
from hotline_collector.model.targets import COMPUTER

_FIX_WORDS = {
    FixState.ACCEPTED: Text(
        "The caller allowed “{en}”; it starts at once.",
        "Der Anrufer hat „{de}“ erlaubt; es geht gleich los.",
    ),
    FixState.RUNNING: Text("“{en}” is running; please wait.", "„{de}“ läuft; bitte warten."),
    FixState.DONE: Text(
        "Done. Fresh readings now show whether it helped.",
        "Erledigt. Neue Messwerte zeigen jetzt, ob es geholfen hat.",
    ),
    FixState.VERIFYING: Text(
        "Done. Fresh readings now show whether it helped.",
        "Erledigt. Neue Messwerte zeigen jetzt, ob es geholfen hat.",
    ),
}
_PROPOSED_ACTION = Text(
    "Ask the caller to allow “{en}” on the screen.",
    "Bitten Sie den Anrufer, „{de}“ auf dem Bildschirm zu erlauben.",
)
_OWNER_AGREED = Text(
    "The owner has agreed to “{en}”; it starts at once.",
    "Der Besitzer ist mit „{de}“ einverstanden; es geht gleich los.",
)
_PROPOSED_STEPS = Text("Say to the caller: {en}", "Sagen Sie dem Anrufer: {de}")
_AGENTS_STEPS = Text("Your turn: {en}", "Jetzt sind Sie dran: {de}")
_PROVEN = Text(
    "Measured: the fault is gone. Ask the caller to try again.",
    "Gemessen: Der Fehler ist weg. Bitten Sie den Anrufer, es noch einmal zu versuchen.",
)
_PROVEN_BY_ANSWER = Text(
    "By what the caller says the fault is gone. Ask whether all is well now, and close the call.",
    "Nach den Antworten ist der Fehler weg. Fragen Sie, ob jetzt alles in Ordnung ist, und schließen Sie ab.",
)
_CLOSED = Text("The call is closed.", "Der Anruf ist abgeschlossen.")
_READ_CODE = Text(
    "Ask the caller to start Hotline, and read the code out to them.",
    "Bitten Sie den Anrufer, Hotline zu starten, und lesen Sie den Code vor.",
)
_ALLOW = Text(
    "Ask the caller to read the first page and allow the basic readings.",
    "Bitten Sie den Anrufer, die erste Seite zu lesen und die Grunddaten zu erlauben.",
)
_NEW_CODE = Text(
    "Nobody has joined for 10 minutes, and the code has run out. Make a new code and read it out.",
    "Seit 10 Minuten ist niemand beigetreten, und der Code ist abgelaufen. "
    "Erzeugen Sie einen neuen und lesen Sie ihn vor.",
)
_ALLOW_OR_NEW_CODE = Text(
    "Ask the caller to allow the basic readings on the first page; if that page is gone, make a new code.",
    "Bitten Sie den Anrufer, auf der ersten Seite die Grunddaten zu erlauben; "
    "ist die Seite weg, erzeugen Sie einen neuen Code.",
)
_TAKE = Text(
    "The caller is waiting: take the call and greet them.",
    "Der Anrufer wartet: Übernehmen Sie den Anruf und begrüßen Sie ihn.",
)
_CALL_BACK = Text(
    "The caller wants to be called back: press “Call back” to see the number.",
    "Der Anrufer möchte zurückgerufen werden: „Zurückrufen“ zeigt die Nummer.",
)
_LOST = Text(
    "The connection to the caller's computer is lost; it reconnects by itself.",
    "Die Verbindung zum Computer des Anrufers ist weg; sie kommt von selbst wieder.",
)
_ENDED = Text(
    "The caller has ended the connection; a new code lets them join again.",
    "Der Anrufer hat die Verbindung beendet; mit einem neuen Code kann er wieder beitreten.",
)
_WORDS = Text(
    "Ask the caller for the two words on the screen.",
    "Fragen Sie den Anrufer nach den zwei Wörtern auf dem Bildschirm.",
)
_HAZARD = Text("Safety first: {en}", "Sicherheit zuerst: {de}")
_ASK = Text("Ask: {en}", "Fragen Sie: {de}")
_ASK_TARGET = Text(
    "Ask which page or server it is, and have its address checked.",
    "Fragen Sie, um welche Seite oder welchen Server es geht, und lassen Sie die Adresse prüfen.",
)
_CAUSE = Text("The cause is: {en}. Propose a fix.", "Die Ursache ist: {de}. Schlagen Sie eine Abhilfe vor.")
_NEXT_FIX = Text(
    "That has not helped. Say so, and propose the next fix: {en}",
    "Das hat nicht geholfen. Sagen Sie es, und schlagen Sie die nächste Abhilfe vor: {de}",
)
_NOTHING_LEFT = Text(
    "Nothing that can be done from here has helped. Say that you hand the matter over.",
    "Nichts, was von hier aus geht, hat geholfen. Sagen Sie, dass Sie die Sache weitergeben.",
)
_PLAN_STEP = Text("Next step: {en}", "Nächster Schritt: {de}")
_PLAN_DONE = Text(
    "All steps of the plan are met. Ask the caller to try it.",
    "Alle Schritte des Plans sind erfüllt. Bitten Sie den Anrufer, es auszuprobieren.",
)
_LOOKING = Text(
    "No fault found yet; the readings go on. Ask what exactly does not work.",
    "Noch kein Fehler gefunden; die Messung läuft weiter. Fragen Sie, was genau nicht geht.",
)
_TALK = Text(
    "Nothing that is known fits so far. Ask what exactly happens, and correct answers that were wrong.",
    "Bisher passt nichts Bekanntes. Fragen Sie, was genau geschieht, und berichtigen Sie falsche Antworten.",
)
_PHONE = Text(
    "The caller answers by phone. Ask what exactly does not work.",
    "Der Anrufer antwortet mit dem Telefon. Fragen Sie, was genau nicht geht.",
)


def say_now(call: CallRuntime, view: pb.CallView) -> pb.Text:
    """Return the one sentence for now, in both languages."""
    return (
        _hazard(call, view)
        or _waiting(call, view)
        or _fixing(view)
        or _of_device(call, view)
        or _finding(view)
        or _planned(view)
        or _asking(call, view)
        or _looking(call, view)
    )


def _fill(words: Text, part: pb.Text | None = None) -> pb.Text:
    if part is None:
        return pb.Text(en=words.en, de=words.de)
    return pb.Text(en=words.en.replace("{en}", part.en), de=words.de.replace("{de}", part.de or part.en))


def _hazard(call: CallRuntime, view: pb.CallView) -> pb.Text | None:
    if call.row.state == "closed":
        return _fill(_CLOSED)
    asked = next((question for question in view.questions if question.hazard and not question.answer), None)
    for finding in view.causes:
        if finding.hazard:
            if asked is not None and asked_for_fix(view) is not None:
                return _fill(_ASK, asked.text)
            steps = finding.fixes[0].steps if finding.fixes else ()
            return _fill(_HAZARD, steps[0] if steps else finding.title)
    return _fill(_ASK, asked.text) if asked is not None else None


def _looking(call: CallRuntime, view: pb.CallView) -> pb.Text:
    if call.sessions:
        return _fill(_LOOKING)
    if call.phone_since or call.row.outcome == IMPORTED:
        return _fill(_PHONE)
    return _fill(_TALK) if call.engine.by_answers() else _code(call, view)


def _code(call: CallRuntime, view: pb.CallView) -> pb.Text:
    return _fill(_READ_CODE if view.now_us < call.code_made + CODE_US else _NEW_CODE)


def _waiting(call: CallRuntime, view: pb.CallView) -> pb.Text | None:
    if call.row.queued:
        return _fill(_CALL_BACK if call.row.back_number else _TAKE)
    session = call.sessions.get(COMPUTER)
    if session is None:
        # A call can consist of a device that is read from here.
        from_here = any(device.from_collector and device.state for device in call.devices.values())
        if call.phone_since or call.row.outcome == IMPORTED or view.by_answers or from_here or call.sessions:
            return None
        return _code(call, view)
    if session.state == "joined":
        return _fill(_ALLOW if view.now_us < session.row.joined + DECIDING_US else _ALLOW_OR_NEW_CODE)
    if session.state == "ended":
        return _fill(_ENDED)
    if session.state == "lost":
        return _fill(_LOST)
    if not session.basic:
        return _fill(_ALLOW)
    return None if view.words_confirmed else _fill(_WORDS)


def _of_device(call: CallRuntime, view: pb.CallView) -> pb.Text | None:
    said = say_of_device(call, view)
    return None if said is None else _fill(said)


def _fixing(view: pb.CallView) -> pb.Text | None:
    proof = asked_for_fix(view)
    if proof is not None:
        return _fill(_ASK, proof.text)
    for fix in reversed(view.fixes):
        if superseded(view, fix):
            continue
        state = FixState(fix.state)
        if state in _FIX_WORDS and not (fix.steps and state in (FixState.ACCEPTED, FixState.RUNNING)):
            return _fill(_FIX_WORDS[state], fix.title)
        if state in (FixState.PROPOSED, FixState.ACCEPTED, FixState.RUNNING):
            return _fill(_proposed(view, fix), fix.title)
    if view.fixes and view.fixes[-1].state == FixState.VERIFIED and not view.causes:
        return _fill(_PROVEN_BY_ANSWER if view.by_answers else _PROVEN)
    return None


def _proposed(view: pb.CallView, fix: pb.FixView) -> Text:
    if fix.action:
        here = any(each.target == fix.target and each.from_collector for each in view.targets)
        return _OWNER_AGREED if here else _PROPOSED_ACTION
    return _PROPOSED_STEPS if fix.by == "caller" else _AGENTS_STEPS


def _finding(view: pb.CallView) -> pb.Text | None:
    following = next_fix(view)
    if following is not None:
        return _fill(_NEXT_FIX, following.option.title)
    if exhausted(view):
        return _fill(_NOTHING_LEFT)
    if view.causes and view.causes[0].fixes:
        return _fill(_CAUSE, view.causes[0].title)
    return None


def _planned(view: pb.CallView) -> pb.Text | None:
    plan = view.plan
    if not plan.plan:
        return None
    if plan.current == len(plan.steps):
        return _fill(_PLAN_DONE)
    step = plan.steps[plan.current]
    if step.state == StepState.UNKNOWN and step.questions:
        return None
    return _fill(_PLAN_STEP, step.steps[0] if step.steps else step.title)


def _asking(call: CallRuntime, view: pb.CallView) -> pb.Text | None:
    if call.engine.wants_target() and not call.row.checks and not any(q.answer for q in view.questions):
        # An answered question means that the agent has moved on: not every caller knows an address.
        return _fill(_ASK_TARGET)
    for question in view.questions:
        if not question.answer and not question.locked:
            return _fill(_ASK, question.text)
    return None
