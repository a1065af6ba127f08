"""`hotline rules check`: everything that is wrong with a pack."""

from __future__ import annotations

from pathlib import Path

import click
from hotline_proto.catalogue import load_catalogue

from hotline_collector.rulepack.casefiles import case_faults
from hotline_collector.rulepack.commands.common import (
    fail,
    folder_argument,
    json_option,
    load_pack,
    print_json,
)


@click.command()
@folder_argument
@json_option
def check(folder: Path | None, as_json: bool) -> None:
    """Say everything that is wrong with a pack: file, line, column and what to write instead.

    Besides what keeps a pack from being loaded: conditions that can never be true or never be false, texts
    that are not translated, steps and questions that nothing uses, cases that cannot be read. Whether the
    cases hold is what `hotline rules test` tells.

    \b
    Examples:
      hotline rules check              the installed packs
      hotline rules check my-rules     a folder

    Exit codes: 0 all is well, 1 faults were found, 2 wrong usage.
    """
    loaded = load_pack(folder, as_json=as_json, author=True)
    if faults := case_faults(loaded.pack, load_catalogue()):
        fail(faults, as_json)
    if as_json:
        print_json([], rules=len(loaded.pack.rules), digest=loaded.pack.digest)
    else:
        pack = loaded.pack
        count = len(pack.rules)
        said = "1 rule is" if count == 1 else f"{count} rules are"
        click.echo(f"{said} well-formed ({pack.name} {pack.version}).")
