"""`hotline rules graph`: which rule explains which, as a picture."""

from __future__ import annotations

from pathlib import Path

import click

from hotline_collector.rulepack.commands.common import folder_argument, known_rule, load_pack
from hotline_collector.rulepack.graph import around, dot, mermaid

_FORMATS = {"dot": dot, "mermaid": mermaid}


@click.command()
@folder_argument
@click.option(
    "--format", "form", type=click.Choice(list(_FORMATS)), default="dot", show_default=True, help="Language."
)
@click.option("--root", metavar="ID", help="Only what this rule explains and what explains it.")
def graph(folder: Path | None, form: str, root: str | None) -> None:
    """Print the graph of causes for Graphviz or Mermaid; an arrow leads from a cause to its symptom.

    \b
    Examples:
      hotline rules graph | dot -Tsvg > causes.svg
      hotline rules graph --format mermaid --root net.wan.down

    Exit codes: 0 done, 1 the pack has faults, 2 wrong usage.
    """
    loaded = load_pack(folder)
    rules = loaded.pack.rules
    shown = around(rules, known_rule(loaded, root)) if root else list(rules)
    for line in _FORMATS[form](rules, shown):
        click.echo(line)
