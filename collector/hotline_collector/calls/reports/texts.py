"""The ticket text and the caller's summary as the system writes them; the agent may change them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from hotline_collector.calls.reports.document import Entry, Writer, document
from hotline_collector.calls.reports.report import Report
from hotline_collector.model.units import Lang

MAX_TICKET, MAX_SUMMARY = 8_000, 4_000
_KEY = re.compile(r"\A#\S+\s*")
_HELPED = frozenset({"verified", "done", "could_not_verify", "still_present", "regressed", "undone"})


def ticket_text(report: Report, lang: Lang) -> str:
    """Return the text of the ticket: the evidence sheet, short enough to be read in one go."""
    return plain(report, lang, texts=False)[:MAX_TICKET]


def plain(report: Report, lang: Lang, *, texts: bool = True) -> str:
    """Return a report as plain text."""
    shown = document(report, lang, texts=texts)
    return "\n".join(
        [
            shown.title,
            "",
            *(f"{name}: {value}" for name, value in shown.table),
            *(
                line
                for section in shown.sections
                for line in (
                    "",
                    section.title.upper(),
                    *_entries(section.entries),
                    *section.prose.splitlines(),
                )
            ),
            "",
        ]
    )


def caller_summary(report: Report, lang: Lang) -> str:
    """Return what the caller gets to read: what it was, what was done and how it goes on, in plain words."""
    return "\n".join(_summary(report, Writer(lang)))[:MAX_SUMMARY]


def _entries(entries: tuple[Entry, ...]) -> Iterator[str]:
    for entry in entries:
        yield f"- {entry.head}"
        yield from (f"    {line}" for line in entry.lines)


def _summary(report: Report, writer: Writer) -> Iterator[str]:
    t, call = writer.t, report.call
    # A key of the lexicon is nothing for the caller.
    complaint = _KEY.sub("", call.complaint)
    yield t["caller_complaint"].format(complaint=complaint) if complaint else t["caller_call"]
    titles = _found(report, writer)
    yield t["caller_found"].format(titles=titles) if titles else t["caller_nothing"]
    for fix in report.fixes:
        if fix.state in _HELPED:
            title = writer.say(fix.title, fix.rule).rstrip(".")
            yield t["caller_done"].format(title=title, state=writer.word(fix.state))
    yield t[f"caller_{call.outcome or 'open'}"]
    for fix in report.fixes:
        if fix.in_force:
            yield t["caller_in_force"].format(title=writer.say(fix.title, fix.rule).rstrip("."))
    yield t["caller_number"].format(id=call.id)


def _found(report: Report, writer: Writer) -> str:
    titles = [writer.say(finding.title).rstrip(".") for finding in (*report.causes, *report.cured)]
    return "; ".join(dict.fromkeys(title for title in titles if title))
