"""The commands of `hotline call` around its end: report, texts, complaint, earlier calls."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

import click
from hotline_proto.v1 import agent_pb2 as pb

from hotline_collector.console import arguments
from hotline_collector.console.end_commands import OUTCOMES
from hotline_collector.console.errors import UsageFault
from hotline_collector.console.options import Output, connect, output_options
from hotline_collector.console.pick import ONLY, pick_call
from hotline_collector.console.texts import Texts
from hotline_collector.model.safe import harmless
from hotline_collector.model.units import Lang, span

_FORMS = ("text", "json", "html", "pdf")
_MAX_FILE = 64 * 1024
_WORDS: Mapping[Lang, Mapping[str, str]] = MappingProxyType(
    {
        "en": {
            "lacking": "Not solved yet: {text}",
            "in_force": "Still in force: {title}; take it back: hotline call undo {fix}",
            "ticket": "Ticket",
            "summary": "Summary for the caller",
            "kept": "Kept for the end of the call.",
            "corrected": "Complaint: {text}",
            "off": "Earlier calls are not recognised here (repeat_contact.enabled).",
            "none": "No earlier calls.",
            "resent": "Messages that are sent again: {number}",
        },
        "de": {
            "lacking": "Noch nicht gelöst: {text}",
            "in_force": "Gilt noch: {title}; zurücknehmen: hotline call undo {fix}",
            "ticket": "Ticket",
            "summary": "Zusammenfassung für den Anrufer",
            "kept": "Für das Ende des Anrufs gemerkt.",
            "corrected": "Anliegen: {text}",
            "off": "Frühere Anrufe werden hier nicht erkannt (repeat_contact.enabled).",
            "none": "Keine früheren Anrufe.",
            "resent": "Nachrichten, die noch einmal gesendet werden: {number}",
        },
    }
)


@click.command()
@click.argument("typed", metavar="[ID]", default=ONLY)
@click.option("--format", "form", type=click.Choice(_FORMS), default="text", show_default=True)
@click.option("--output", "name", metavar="FILE", default="", help="Write a new file instead of printing.")
@output_options
def report(output: Output, typed: str, form: str, name: str) -> None:
    """Show a call as one sheet: what is found, ruled out, not known and tried.

    Personal values are in it only if the caller allowed them. JSON has both languages.

    \b
    Examples:
      hotline call report 0197a3c2 --lang de
      hotline call report --format pdf --output call.pdf
      hotline call report --format json | jq .causes
    """
    if form == "pdf" and not name and sys.stdout.isatty():
        raise UsageFault("a PDF is nothing for a terminal; write it into a file: --output FILE")
    with connect() as client:
        call_id = pick_call(client, typed)
        data = client.export_report(call_id, form, output.texts.lang)
    if not name:
        sys.stdout.buffer.write(data)
        return
    path = arguments.write_new(name, data)
    output.result("report", f"{path}: {len(data)} bytes.", call_id=call_id, file=str(path), bytes=len(data))


@click.command("wrap-up")
@click.argument("typed", metavar="[ID]", default=ONLY)
@click.option("--outcome", type=click.Choice(OUTCOMES), default=None, help="Write the texts for this end.")
@click.option("--ticket", "ticket_file", metavar="FILE", default="", help="Keep this as the ticket text.")
@click.option("--summary", "summary_file", metavar="FILE", default="", help="Keep this for the caller.")
@output_options
def wrap_up(output: Output, typed: str, outcome: str | None, ticket_file: str, summary_file: str) -> None:
    """Show how a call can be closed, and the texts it will be closed with.

    The ticket is in your language, the summary in the caller's. Texts from files take the place of what the
    system writes; an empty file gives that back.

    \b
    Examples:
      hotline call wrap-up --outcome second_level
      hotline call wrap-up 0197a3c2 --ticket ticket.txt
    """
    language = output.texts.lang
    with connect() as client:
        call_id = pick_call(client, typed)
        shown = client.wrap_up(call_id, outcome or "", language)
        if ticket_file or summary_file:
            ticket = _text_of(ticket_file) if ticket_file else shown.ticket if shown.ticket_edited else ""
            summary = (
                _text_of(summary_file) if summary_file else shown.summary if shown.summary_edited else ""
            )
            client.save_texts(call_id, ticket, summary)
            output.result("texts", _WORDS[language]["kept"], call_id=call_id)
            return
    if output.as_json:
        output.data("wrap_up", call_id=call_id, wrap_up=shown)
        return
    for line in _wrap_up(shown, output.texts):
        output.line(line)


@click.command()
@arguments.id_and_words("[ID] TEXT")
@output_options
def complaint(output: Output, words: tuple[str, ...]) -> None:
    """Correct what the caller says is wrong; the ranking of causes and the questions follow.

    \b
    Examples:
      hotline call complaint "it is the mail after all"
      hotline call complaint 0197a3c2 "#printer"
    """
    typed, (text,) = arguments.split_id(words, 1, "hotline call complaint [ID] TEXT")
    with connect() as client:
        call_id = pick_call(client, typed)
        kept = client.correct_complaint(call_id, text)
    said = _WORDS[output.texts.lang]["corrected"].format(text=harmless(kept, 2000))
    output.result("complaint", said, call_id=call_id, complaint=kept)


@click.command()
@click.argument("reference", metavar="REF")
@output_options
def earlier(output: Output, reference: str) -> None:
    """List the earlier calls of a customer and what was tried in them.

    Only where the operator has switched on that customers are recognised (repeat_contact.enabled).

    \b
    Example:
      hotline call earlier K-1077
    """
    with connect() as client:
        found = client.earlier_calls(reference)
    if output.as_json:
        output.data("earlier_calls", recognised=found.recognised, calls=list(found.calls))
        return
    for line in _earlier(found, output.texts, time.time_ns() // 1000):
        output.line(line)


@click.command()
@click.argument("call_id", metavar="ID")
@output_options
def resend(output: Output, call_id: str) -> None:
    """Try the messages to the ticket system about a closed call once more that were given up.

    ID is the whole id, as `hotline call list --all --json` has it.

    \b
    Example:
      hotline call resend 0197a3c2-8f3e-7c11-9a55-1d2e3f405162
    """
    with connect() as client:
        again = client.resend_deliveries(call_id)
    said = _WORDS[output.texts.lang]["resent"].format(number=again)
    output.result("resend", said, call_id=call_id, deliveries=again)


COMMANDS = (report, wrap_up, complaint, earlier, resend)


def _text_of(name: str) -> str:
    try:
        with Path(name).open("rb") as file:
            return file.read(_MAX_FILE).decode("utf-8")
    except OSError as error:
        raise UsageFault(f"{name}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageFault(f"{name}: is no text in UTF-8") from error


def _wrap_up(shown: pb.GetWrapUpResponse, texts: Texts) -> Iterator[str]:
    words = _WORDS[texts.lang]
    yield f"{texts.outcome.format(word=texts.word(shown.outcome))}"
    for lacking in shown.lacking_words:
        yield words["lacking"].format(text=harmless(texts.text(lacking), 400))
    for fix in shown.in_force:
        title = harmless(texts.text(fix.title), 200)
        yield words["in_force"].format(title=title, fix=harmless(fix.fix_id, 64))
    for name, text in (("ticket", shown.ticket), ("summary", shown.summary)):
        yield f"\n{words[name]}:"
        yield from (f"  {harmless(line, 1000)}" for line in text.splitlines())


def _earlier(found: pb.ListEarlierCallsResponse, texts: Texts, now_us: int) -> Iterator[str]:
    words = _WORDS[texts.lang]
    if not found.calls:
        yield words["none"] if found.recognised else words["off"]
    for call in found.calls:
        age = texts.age.format(time=span((now_us - (call.closed_us or call.opened_us)) / 1e6, texts.lang))
        state = texts.word(harmless(call.outcome, 40) or "active")
        cause = harmless(texts.text(call.cause), 120)
        parts = (harmless(call.call_id, 40), state, age, harmless(call.complaint, 80), cause)
        yield " · ".join(part for part in parts if part)
        for tried in call.tried:
            yield f"    {harmless(texts.text(tried.title), 120)}: {texts.word(harmless(tried.state, 40))}"
