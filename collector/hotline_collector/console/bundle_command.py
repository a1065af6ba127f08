"""`hotline call import`: a call from an offline bundle or an exported call."""

from __future__ import annotations

from pathlib import Path

import click
from hotline_proto.record import MAX_FILE

from hotline_collector.console.errors import UsageFault
from hotline_collector.console.options import Output, connect, output_options
from hotline_collector.model.safe import harmless

_WORDS = {
    "en": {
        "done": "Call {id} is opened from {file}; findings: {findings}. Look at it: hotline call show {id}",
        "refused": "Does not fit the rules in use, and was left out: {text}",
    },
    "de": {
        "done": "Anruf {id} ist aus {file} angelegt; Befunde: {findings}. Ansehen: hotline call show {id}",
        "refused": "Passt nicht zu den Regeln in Gebrauch und blieb weg: {text}",
    },
}


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--complaint", default="", metavar="TEXT", help="What the caller says is wrong.")
@click.option("--customer", default="", metavar="REF", help="Your own reference of the customer.")
@output_options
def import_command(output: Output, file: Path, complaint: str, customer: str) -> None:
    """Open a call from a FILE of `hotline-probe --bundle` or `hotline call export`.

    The rules in use judge it. The call is closed: nobody is connected, so nothing can be asked or carried
    out; it counts in no figures. An encrypted bundle is opened if it is for this collector.

    \b
    Examples:
      hotline call import fault.hlb --complaint "no page opens"
      hotline call import exported.hlb --json
    """
    try:
        with file.open("rb") as source:
            data = source.read(MAX_FILE + 1)
    except OSError as error:
        raise UsageFault(f"{file}: {error.strerror}") from error
    if len(data) > MAX_FILE:
        raise UsageFault(f"{file}: larger than {MAX_FILE // 2**20} MiB, so it is no bundle")
    with connect() as client:
        done = client.import_bundle(data, complaint, customer)
    words = _WORDS[output.texts.lang]
    if not output.as_json:
        for text in done.refused:
            output.say(words["refused"].format(text=harmless(text)))
    output.result(
        "import",
        words["done"].format(id=done.call_id, file=file, findings=done.findings),
        call_id=done.call_id,
        findings=done.findings,
        refused=list(done.refused),
    )
