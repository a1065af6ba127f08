"""`hotline rules sign-list`: the values that an operator allows actions to use."""

from __future__ import annotations

import time
import tomllib
from pathlib import Path
from typing import Any

import click
from hotline_proto.errors import OperatorListError
from hotline_proto.operator_list import OperatorList, signed_part, write_document

from hotline_collector.errors import SecurityError
from hotline_collector.rulepack import signing
from hotline_collector.rulepack.commands.common import json_option, print_json

_DAY = 86_400


@click.command("sign-list")
@click.argument("values", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--key", type=click.Path(dir_okay=False, path_type=Path), required=True, help="Private key.")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The file.")
@click.option(
    "--days", type=click.IntRange(1, 366), default=90, show_default=True, help="How long it is good."
)
@json_option
def sign_list(values: Path, key: Path, output: Path, days: int, as_json: bool) -> None:
    """Sign a list of values that actions may use beyond what a probe finds by itself.

    VALUES is a TOML file: `operator`, the host of your build of the probe, and a table `values` with lists of
    `resolver` (addresses), `time_server` (names) and `service` (names). The key is the one whose public half
    is `table_key` in the build's operator.toml; keep it away from the collector.

    \b
    Example:
      hotline rules sign-list values.toml --key pack-key --output operator.list

    Exit codes: 0 done, 1 the values are wrong, 2 wrong usage.
    """
    expires = int(time.time()) + days * _DAY
    try:
        document = write_document(_read(values, expires))
        raw = signing.read_private_key(key).sign(signed_part(document)) + document
        output.write_bytes(raw)
    except (SecurityError, OperatorListError) as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"{output}: {error.strerror}") from error
    if as_json:
        print_json([], output=str(output), expires=expires, bytes=len(raw))
    else:
        click.echo(f"{output}: {len(raw)} bytes, good for {days} days; name it in actions.signed_list")


def _read(file: Path, expires: int) -> OperatorList:
    try:
        told: dict[str, Any] = tomllib.loads(file.read_text("utf-8"))
        values = {kind: tuple(listed) for kind, listed in told["values"].items()}
        return OperatorList(str(told["operator"]), expires, str(told.get("call", "")), values)
    except (
        OSError,
        UnicodeDecodeError,
        tomllib.TOMLDecodeError,
        KeyError,
        TypeError,
        AttributeError,
    ) as error:
        raise OperatorListError(f"{file}: needs operator and a table of values ({error})") from error
