"""The command `hotline rules record`: how the rules did in closed calls."""

from __future__ import annotations

import click

from hotline_collector.console.options import Output, connect, output_options


@click.command()
@click.argument("prefix", metavar="[PREFIX]", default="")
@output_options
def record(output: Output, prefix: str) -> None:
    """Tell how often each rule was right in closed calls, and which causes no rule knows.

    It asks the collector that you are logged in to; for leads and admins. PREFIX is how the ids of the
    rules begin.

    \b
    Examples:
      hotline rules record
      hotline rules record net.dns --json

    Exit codes: 0 done, 2 wrong usage, 3 the collector cannot be reached or you are not logged in, 4 refused.
    """
    from hotline_collector.console import render_record  # noqa: PLC0415

    with connect() as client:
        answer = client.rule_records(prefix)
    rows = render_record.page(answer, output.texts)
    output.data("rule_records", rows, records=answer.records, outside=answer.outside)
