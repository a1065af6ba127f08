"""`hotline rules table`: the decision table that goes into a build of the probe."""

from __future__ import annotations

from pathlib import Path

import click

from hotline_collector.errors import SecurityError
from hotline_collector.rulepack import signing
from hotline_collector.rulepack.commands.common import folder_argument, json_option, load_pack, print_json
from hotline_collector.rulepack.spoken import table_version
from hotline_collector.rulepack.table import left_out, write_table

SIGNATURE_SUFFIX = ".sig"


@click.command()
@folder_argument
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The file.")
@click.option("--key", type=click.Path(dir_okay=False, path_type=Path), help="Private key to sign it with.")
@json_option
def table(folder: Path | None, output: Path, key: Path | None, as_json: bool) -> None:
    """Write the rules as a table that `hotline-probe --local` judges by without a collector.

    Rules that need a human's answer are left out. With --key the signature stands beside it, in FILE with the
    ending .sig; `table_key` in the build's operator.toml is the public key.

    \b
    Example:
      hotline rules table --output probe/hotline_probe/local/table.json --key pack-key

    Exit codes: 0 done, 1 the pack has faults, 2 wrong usage.
    """
    loaded = load_pack(folder, as_json=as_json)
    raw = write_table(loaded)
    try:
        signature = signing.read_private_key(key).sign(raw) if key else None
        output.write_bytes(raw)
        if signature is not None:
            output.with_suffix(SIGNATURE_SUFFIX).write_bytes(signature)
    except SecurityError as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"{output}: {error.strerror}") from error
    missing = list(left_out(loaded))
    held = len(loaded.rules) - len(missing)
    if as_json:
        print_json([], rules=held, left_out=missing, number=table_version(loaded), bytes=len(raw))
    else:
        click.echo(f"{output}: {held} rules, number {table_version(loaded):02d}, {len(raw)} bytes")
