"""The command `hotline figures`: how the call centre did in some days."""

from __future__ import annotations

import click

from hotline_collector.console.options import Output, connect, output_options


@click.command()
@click.option("--days", type=click.IntRange(1, 366), default=None, help="The last days up to today.  [30]")
@click.option("--from", "first", default="", metavar="DAY", help="First day, YYYY-MM-DD in UTC.")
@click.option("--to", "last", default="", metavar="DAY", help="Last day.")
@output_options
def figures(output: Output, days: int | None, first: str, last: str) -> None:
    """Tell how the call centre did: times, first-call resolution, proven fixes, causes, rules.

    For leads and admins. Nothing is told of single agents, nor of groups of fewer than five calls.

    \b
    Examples:
      hotline figures
      hotline figures --days 90 --json
      hotline figures --from 2026-11-01 --to 2026-11-30

    Exit codes: 0 done, 2 wrong usage, 3 the collector cannot be reached or you are not logged in, 4 refused.
    """
    from hotline_collector.console.render_figures import FiguresPage  # noqa: PLC0415

    with connect() as client:
        told = client.figures(days or 0, first, last)
    rows = [] if output.as_json else FiguresPage(told, output.texts).rows()
    output.data("figures", rows, figures=told)
