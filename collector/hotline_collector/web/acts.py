"""What an agent does on a call's page: one form each, over the same call layer as every other face."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from hotline_collector.calls.desk import Desk
from hotline_collector.calls.errors import invalid
from hotline_collector.web.guard import Visit
from hotline_collector.web.operator_facts import entry

Does = Callable[[Desk, Visit, str], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Act:
    """The method of AgentService that a form stands for, what it does, and where the page goes on.

    `does` returns a word of the page to be said afterwards, or nothing. Where a question may come next
    (`may_ask`), the page goes on there as long as one has to be answered, and else in `section`.
    """

    needs: str
    does: Does
    section: str
    may_ask: bool = False


async def _words(desk: Desk, visit: Visit, call_id: str) -> str:
    right = await desk.confirm_words(visit.who, call_id, visit.form.get("words", ""))
    return "" if right else "words_differ"


async def _personal(desk: Desk, visit: Visit, call_id: str) -> str:
    await desk.ask_personal(visit.who, call_id)
    return ""


async def _measure(desk: Desk, visit: Visit, call_id: str) -> str:
    await desk.measure(visit.who, call_id, visit.form.get("source", ""))
    return "measuring"


async def _answer(desk: Desk, visit: Visit, call_id: str) -> str:
    await desk.answer(visit.who, call_id, visit.form.get("question", ""), visit.form.get("value", ""))
    return ""


async def _check(desk: Desk, visit: Visit, call_id: str) -> str:
    await desk.add_check(visit.who, call_id, visit.form.get("check", ""))
    return ""


async def _device(desk: Desk, visit: Visit, call_id: str) -> str:
    form = visit.form
    from_here = form.get("from_collector", "") == "yes"
    address, fingerprint = form.get("address", ""), form.get("fingerprint", "")
    await desk.add_target(visit.who, call_id, address, fingerprint, from_collector=from_here)
    return "device_begun" if from_here else "device_asked"


async def _fact(desk: Desk, visit: Visit, call_id: str) -> str:
    name, value, age_s, origin = entry(visit.form)
    await desk.enter_fact(visit.who, call_id, name, value, age_s=age_s, origin=origin)
    return ""


async def _note(desk: Desk, visit: Visit, call_id: str) -> str:
    await desk.note(visit.who, call_id, visit.form.get("text", ""))
    return ""


async def _spoken(desk: Desk, visit: Visit, call_id: str) -> str:
    await desk.enter_spoken(visit.who, call_id, visit.form.get("digits", ""))
    return ""


async def _propose(desk: Desk, visit: Visit, call_id: str) -> str:
    index = visit.form.get("index", "")
    if not (index.isascii() and index.isdigit() and len(index) <= 3):
        raise invalid(f"{index[:20]!r} is no number of a fix")
    agreed = visit.form.get("owner_agreed", "") == "yes"
    await desk.propose(visit.who, call_id, visit.form.get("finding", ""), int(index), owner_agreed=agreed)
    return ""


async def _fix(desk: Desk, visit: Visit, call_id: str) -> str:
    await desk.update_fix(visit.who, call_id, visit.form.get("fix", ""), visit.form.get("event", ""))
    return ""


async def _disagree(desk: Desk, visit: Visit, call_id: str) -> str:
    form = visit.form
    await desk.disagree(
        visit.who, call_id, form.get("finding", ""), form.get("cause", ""), form.get("reason", "")
    )
    return ""


async def _close(desk: Desk, visit: Visit, call_id: str) -> str:
    form = visit.form
    confirmed = form.get("caller_confirmed", "") == "yes"
    await desk.close(
        visit.who, call_id, form.get("outcome", ""), note=form.get("note", ""), caller_confirmed=confirmed
    )
    return ""


ACTS: Mapping[str, Act] = {
    "words": Act("ConfirmWords", _words, "words"),
    "personal": Act("AskPersonal", _personal, "content"),
    "measure": Act("MeasureNow", _measure, "suspected"),
    "answer": Act("AnswerQuestion", _answer, "content", may_ask=True),
    "check": Act("AddCheck", _check, "more"),
    "device": Act("AddTarget", _device, "more"),
    "fact": Act("EnterFact", _fact, "content"),
    "note": Act("AddNote", _note, "timeline"),
    "spoken": Act("EnterSpoken", _spoken, "content"),
    "propose": Act("ProposeFix", _propose, "fixes"),
    "fix": Act("UpdateFix", _fix, "fixes", may_ask=True),
    "disagree": Act("Disagree", _disagree, "timeline"),
    "close": Act("CloseCall", _close, "content"),
}
