"""`hotline rules explain`: a rule for people."""

from __future__ import annotations

from pathlib import Path

import click

from hotline_collector.console.options import Output, output_options
from hotline_collector.console.rule_page import RulePage
from hotline_collector.rulepack.commands.common import known_rule, load_pack, pack_option


@click.command()
@click.argument("rule_id", metavar="ID")
@pack_option
@output_options
def explain(output: Output, rule_id: str, folder: Path | None) -> None:
    """Explain a rule in words: what it sees, its causes and symptoms, look-alikes, cures and proof.

    \b
    Examples:
      hotline rules explain net.wan.down
      hotline rules explain my.rule --pack my-rules --lang de

    Exit codes: 0 done, 1 the pack has faults, 2 there is no such rule.
    """
    loaded = load_pack(folder, as_json=output.as_json)
    page = RulePage(loaded, output.texts)
    known = known_rule(loaded, rule_id)
    if output.as_json:
        output.data("rule", rule=page.content(known))
    else:
        output.rows(page.rows(known))
