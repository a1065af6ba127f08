"""When a call may be closed, and as what."""

from __future__ import annotations

from collections.abc import Sequence

from hotline_collector.calls.errors import conflict, invalid
from hotline_collector.calls.fixes import FixState
from hotline_collector.calls.runtime import CallRuntime
from hotline_collector.model.rule import Text
from hotline_collector.model.targets import COMPUTER

_NOT_CONFIRMED = Text(
    "the caller has not confirmed that it works again", "der Anrufer hat nicht bestätigt, dass es wieder geht"
)
_BEING_VERIFIED = Text("a fix is still being verified", "eine Abhilfe wird noch nachgewiesen")
_NO_PASS = Text(
    "the check of {check} does not pass on fresh readings",
    "die Prüfung von {check} gelingt nach frischen Messwerten nicht",
)
_NOT_BORNE_OUT = Text(
    "nothing bears it out: no check was named for the complaint and no fix is verified; {ask}add a check, "
    "carry out a fix, or hand the call over",
    "nichts belegt es: Für das Anliegen wurde keine Prüfung genannt, und keine Abhilfe ist nachgewiesen; "
    "{ask}fügen Sie eine Prüfung hinzu, führen Sie eine Abhilfe durch, oder geben Sie den Anruf weiter",
)
_ASK = Text("ask the caller {questions}, ", "fragen Sie den Anrufer {questions}, ")
_MOST_ASKED = 2
OUTCOMES = ("solved", "second_level", "technician", "abandoned")


def check(call: CallRuntime, outcome: str, *, caller_confirmed: bool) -> None:
    """Make sure that a call may be closed with an outcome.

    Raises:
        CallError: no such outcome, or something is missing for *solved*; the message says what.
    """
    if outcome not in OUTCOMES:
        raise invalid(f"a call ends as {', '.join(OUTCOMES)}, not {outcome!r}")
    if outcome == "abandoned":
        return
    for fix in call.fixes.under_way():
        session = call.sessions.get(fix.target)
        if session is not None and session.link is not None:
            where = "the caller's computer" if fix.target == COMPUTER else call.devices[fix.target].address
            raise conflict(f"an action is {fix.state} on {where}; wait until it has ended")
    if outcome != "solved":
        return
    lacking = missing_for_solved(call, caller_confirmed=caller_confirmed)
    if lacking:
        raise conflict("not solved yet: " + "; ".join(each.en for each in lacking))


def missing_for_solved(call: CallRuntime, *, caller_confirmed: bool) -> list[Text]:
    """Return what a call lacks to be *solved*.

    The caller's word is always needed. Beside it something must speak for it: the check of the complaint on
    readings that are fresh and later than the last fix; without such a check a verified fix, or answers to
    what the proof of a cause asks, or to what the complaint itself asks first (`engine.bearing`).
    """
    lacking = []
    if not caller_confirmed:
        lacking.append(_NOT_CONFIRMED)
    if call.fixes.open_verifications():
        lacking.append(_BEING_VERIFIED)
    named = call.row.first_check
    if named and not _passes(call, named):
        lacking.append(Text(_NO_PASS.en.format(check=named), _NO_PASS.de.format(check=named)))
    if not named and not any(fix.state == FixState.VERIFIED for fix in call.fixes.rows.values()):
        bearing = call.engine.bearing(_last_fix(call), call.shown_at(call.around.clock.now()))
        if not bearing.out:
            lacking.append(_not_borne_out(call, bearing.questions[:_MOST_ASKED]))
    return lacking


def _passes(call: CallRuntime, named: str) -> bool:
    last_fix = _last_fix(call)
    return any(
        fact.fact == "check.ok" and fact.entity == named and fact.value is True and fact.measured >= last_fix
        for target in (sorted(call.sessions) or [COMPUTER])
        for fact in call.engine.facts(target)
    )


def _last_fix(call: CallRuntime) -> int:
    return max((fix.done for fix in call.fixes.rows.values()), default=0)


def _not_borne_out(call: CallRuntime, questions: Sequence[str]) -> Text:
    texts = [(name, call.rules.pack.questions[name].text) for name in questions]
    en = ", ".join(f"“{text.en}” ({name})" for name, text in texts)
    de = ", ".join(f"„{text.de}“ ({name})" for name, text in texts)
    return Text(
        _NOT_BORNE_OUT.en.format(ask=_ASK.en.format(questions=en) if en else ""),
        _NOT_BORNE_OUT.de.format(ask=_ASK.de.format(questions=de) if de else ""),
    )
