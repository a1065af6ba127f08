"""The commands of `hotline call` with which a call leaves the desk: exported, closed, erased."""

from __future__ import annotations

import sys

import click

from hotline_collector.console import arguments
from hotline_collector.console.errors import Refused, UsageFault
from hotline_collector.console.options import Output, connect, output_options
from hotline_collector.console.pick import pick_call

OUTCOMES = ("solved", "second_level", "technician", "abandoned")


@click.command()
@arguments.id_and_words("[ID] FILE")
@click.option("--subject", is_flag=True, help="A text for the caller instead: everything that is kept.")
@output_options
def export(output: Output, words: tuple[str, ...], subject: bool) -> None:
    """Write the record of a call into a file that `hotline rules replay` and `hotline call import` read.

    It holds everything that the probe and humans said in the call: treat it like the call itself. For a
    caller who wants to know what is kept of them, give them both this file and the one of --subject.

    \b
    Examples:
      hotline call export 0197a3c2 call.hlb
      hotline call export 0197a3c2 call.txt --subject --lang de
    """
    typed, (name,) = arguments.split_id(words, 1, "hotline call export [ID] FILE")
    with connect() as client:
        call_id = pick_call(client, typed)
        if subject:
            data = client.export_subject(call_id, output.texts.lang).encode()
        else:
            data = client.export_record(call_id)
    path = arguments.write_new(name, data)
    output.result("export", f"{path}: {len(data)} bytes.", call_id=call_id, file=str(path), bytes=len(data))


@click.command()
@click.argument("typed", metavar="ID")
@click.option("--reason", required=True, metavar="TEXT", help="Why; stays in the audit trail: name nobody.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@output_options
def erase(output: Output, typed: str, reason: str, yes: bool) -> None:
    """Erase a call for good, with everything that is kept of it; for leads and admins.

    A connected probe ends. Copies of the database cannot bring it back.

    \b
    Example:
      hotline call erase 0197a3c2 --reason "the caller asked for it"
    """
    with connect() as client:
        call_id = pick_call(client, typed)
        if not yes:
            _confirm_erasing(output, call_id)
        client.erase_call(call_id, reason)
    output.result("erased", output.texts.did_erase, call_id=call_id)


@click.command()
@arguments.id_and_words("[ID] OUTCOME")
@click.option("--caller-confirmed", is_flag=True, help="The caller says that it works again.")
@click.option("--note", "text", default="", metavar="TEXT", help="Note something down with it.")
@output_options
def close(output: Output, words: tuple[str, ...], caller_confirmed: bool, text: str) -> None:
    """Close a call as solved, second_level, technician or abandoned.

    It is closed with the texts of `hotline call wrap-up`.

    \b
    Examples:
      hotline call close solved --caller-confirmed
      hotline call close 0197a3c2 technician --note "socket is broken"
    """
    typed, (outcome,) = arguments.split_id(words, 1, "hotline call close [ID] OUTCOME")
    if outcome not in OUTCOMES:
        raise click.UsageError(f"a call ends as {', '.join(OUTCOMES)}, not {outcome!r}")
    with connect() as client:
        call_id = pick_call(client, typed)
        try:
            state = client.close_call(
                call_id, outcome, text, caller_confirmed=caller_confirmed, language=output.texts.lang
            )
        except Refused as error:
            if outcome != "solved" or caller_confirmed:
                raise
            raise Refused(f"{error}; the caller's word is --caller-confirmed") from error
    said = output.texts.did_close.format(outcome=output.texts.word(outcome))
    output.result("closed", said, call_id=call_id, state=state, outcome=outcome)


def _confirm_erasing(output: Output, call_id: str) -> None:
    if not sys.stdin.isatty():
        raise UsageFault("nobody is here to be asked; pass --yes")
    if not click.confirm(output.texts.ask_erase.format(call=call_id), err=True):
        raise UsageFault("nothing was erased")


COMMANDS = (export, erase, close)
