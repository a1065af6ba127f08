"""The forms of a report: JSON, HTML, PDF and plain text."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from hotline_collector.calls.errors import invalid
from hotline_collector.calls.reports.build import lines
from hotline_collector.calls.reports.document import document
from hotline_collector.calls.reports.html import html
from hotline_collector.calls.reports.report import Report
from hotline_collector.calls.reports.texts import plain, ticket_text
from hotline_collector.model.units import Lang

LANGUAGES: tuple[Lang, ...] = get_args(Lang)
Form = Literal["json", "html", "pdf", "text"]
FORMS: tuple[Form, ...] = get_args(Form)
_MEDIA = {
    "json": "application/json",
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
    "text": "text/plain; charset=utf-8",
}
_ENDING = {"json": "json", "html": "html", "pdf": "pdf", "text": "txt"}


@dataclass(frozen=True, slots=True)
class Rendered:
    """A report in one form: its bytes, their media type and a name for the file."""

    data: bytes
    media_type: str
    name: str


def render(report: Report, form: str, lang: Lang) -> Rendered:
    """Return a report in one form; JSON has both languages.

    Raises:
        CallError: there is no such form.
    """
    if form not in FORMS:
        raise invalid(f"a report comes as {', '.join(FORMS)}, not {form!r}")
    return Rendered(_data(report, form, lang), _MEDIA[form], f"call-{report.call.id[:13]}.{_ENDING[form]}")


def as_json(report: Report) -> dict[str, object]:
    """Return a report as JSON values, as docs/report.md describes them."""
    return dataclasses.asdict(report)


def _data(report: Report, form: str, lang: Lang) -> bytes:
    if form == "json":
        return (json.dumps(as_json(report), ensure_ascii=False, indent=2) + "\n").encode()
    if report.ticket in (lines(ticket_text(report, each)) for each in LANGUAGES):
        # What the system wrote is this very sheet.
        report = dataclasses.replace(report, ticket="")
    if form == "text":
        return plain(report, lang).encode()
    shown = document(report, lang)
    if form == "html":
        return html(shown).encode()
    # The library takes a moment to import, and few reports are printed.
    from hotline_collector.calls.reports.pdf import pdf  # noqa: PLC0415

    return pdf(shown, datetime.fromisoformat(report.generated))
