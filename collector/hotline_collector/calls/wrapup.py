"""The end of a call: its report, the texts for ticket and caller, and what the ticket system is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from hotline_proto.v1 import agent_pb2 as pb

from hotline_collector.calls import closing, tickets
from hotline_collector.calls.contacts import contact_of
from hotline_collector.calls.errors import invalid
from hotline_collector.calls.exclusions import exclusions
from hotline_collector.calls.reports.build import Closing, build, is_in_force, lines
from hotline_collector.calls.reports.report import Report
from hotline_collector.calls.reports.texts import MAX_SUMMARY, MAX_TICKET, caller_summary, ticket_text
from hotline_collector.calls.runtime import CallRuntime
from hotline_collector.calls.verdicts import main_rule
from hotline_collector.calls.views import call_view
from hotline_collector.model.rows import FixRow, WrapUpRow
from hotline_collector.model.targets import COMPUTER
from hotline_collector.model.units import Lang


@dataclass(frozen=True, slots=True)
class Texts:
    """What an agent wrote for ticket and caller; an empty text is left to the system."""

    ticket: str = ""
    summary: str = ""


UNWRITTEN = Texts()


async def report_of(call: CallRuntime) -> Report:
    """Return the report of a call as it stands, of a closed one with the texts it was closed with."""
    kept = await call.around.store.wrap_up(call.row.id) if call.row.state == "closed" else None
    return _report(call, Texts(kept.ticket, kept.summary) if kept else UNWRITTEN)


async def wrap_up_of(call: CallRuntime, outcome: str, lang: Lang) -> pb.GetWrapUpResponse:
    """Return the texts of a closed call, or those that an open one would be closed with now.

    Without an outcome it is *solved* if nothing but the caller's word is lacking, else *second_level*.

    Raises:
        CallError: there is no such outcome.
    """
    kept = await call.around.store.wrap_up(call.row.id)
    row = kept or WrapUpRow(call.row.id, call.row.id)
    lacking = [] if call.row.state == "closed" else closing.missing_for_solved(call, caller_confirmed=True)
    if call.row.state == "closed":
        outcome, texts = call.row.outcome, Texts(row.ticket, row.summary)
    else:
        outcome = outcome or ("second_level" if lacking else "solved")
        if outcome not in closing.OUTCOMES:
            raise invalid(f"a call ends as {', '.join(closing.OUTCOMES)}, not {outcome!r}")
        texts = _texts(call, _as_ended(_report(call), outcome), Texts(row.ticket, row.summary), lang)
    view = call_view(call, call.shown_at(call.around.clock.now()))
    return pb.GetWrapUpResponse(
        outcome=outcome,
        ticket=texts.ticket,
        summary=texts.summary,
        caller_language=callers_language(call, lang),
        lacking=[each.en for each in lacking],
        lacking_words=[pb.Text(en=each.en, de=each.de) for each in lacking],
        in_force=[fix for fix in view.fixes if is_in_force(fix)],
        ticket_edited=bool(row.ticket),
        summary_edited=bool(row.summary),
    )


async def keep_texts(call: CallRuntime, texts: Texts) -> None:
    """Keep what an agent wrote until the call is closed.

    Raises:
        CallError: a text is too long.
    """
    kept = await call.around.store.wrap_up(call.row.id)
    row = kept or WrapUpRow(call.row.id, call.row.id)
    written = bounded(texts)
    row.ticket, row.summary = written.ticket, written.summary
    call.around.saver.touch(row)


def end(call: CallRuntime, outcome: str, kept: WrapUpRow | None, texts: Texts, lang: Lang) -> None:
    """End a call with an outcome and have its final texts and the messages about it saved with its row.

    What is empty in `texts` is taken from what the agent `kept`,
    else written by the system.
    """
    row, before = call.row, call.row.state
    row.state, row.outcome = "closed", outcome
    row.closed = call.moment(call.around.clock.now())
    try:
        _finish(call, kept, texts, lang)
    except Exception:
        # A call that cannot be told of is not half closed.
        row.state, row.outcome, row.closed = before, "", 0
        raise


def _finish(call: CallRuntime, kept: WrapUpRow | None, texts: Texts, lang: Lang) -> None:
    texts = Texts(
        texts.ticket or (kept.ticket if kept else ""), texts.summary or (kept.summary if kept else "")
    )
    final = _texts(call, _report(call), texts, lang)
    rule = call.rules.pack.rules.get(main_rule(call))
    row = WrapUpRow(
        id=call.row.id,
        call_id=call.row.id,
        ticket=final.ticket,
        summary=final.summary,
        contact=contact_of(call.around.settings, call.row.customer_reference),
        cause={"en": rule.title.en, "de": rule.title.de} if rule else {},
        tried=tuple(_tried(fix) for fix in call.fixes.rows.values()),
    )
    call.around.saver.touch(row)
    for message in tickets.messages(call, _report(call, final), lang):
        call.around.saver.touch(message)


def bounded(texts: Texts) -> Texts:
    """Return an agent's texts without control characters.

    Raises:
        CallError: one is too long.
    """
    for name, text, limit in (
        ("ticket text", texts.ticket, MAX_TICKET),
        ("summary", texts.summary, MAX_SUMMARY),
    ):
        if len(text) > limit:
            raise invalid(f"the {name} has {len(text)} characters; at most {limit} are kept")
    return Texts(lines(texts.ticket), lines(texts.summary))


def callers_language(call: CallRuntime, otherwise: Lang) -> Lang:
    """Return the language of the caller's computer, the agent's if it is not known."""
    session = call.sessions.get(COMPUTER)
    language = session.row.language[:2] if session is not None else ""
    return "de" if language == "de" else "en" if language == "en" else otherwise


def _report(call: CallRuntime, texts: Texts = UNWRITTEN) -> Report:
    view = call_view(call, call.shown_at(call.around.clock.now()), include_facts=True)
    row = call.row
    known = Closing(row.customer_reference, row.first_check, row.closed, texts.ticket, texts.summary)
    return build(view, exclusions(call), call.around.catalogue, known)


def _as_ended(report: Report, outcome: str) -> Report:
    return replace(report, call=replace(report.call, state="closed", outcome=outcome))


def _texts(call: CallRuntime, report: Report, texts: Texts, lang: Lang) -> Texts:
    summary = texts.summary or caller_summary(report, callers_language(call, lang))
    return Texts(texts.ticket or ticket_text(report, lang), summary)


def _tried(fix: FixRow) -> Mapping[str, str]:
    titles = {lang: said[0] for lang, said in fix.said.items() if said}
    return {**titles, "state": fix.state}
