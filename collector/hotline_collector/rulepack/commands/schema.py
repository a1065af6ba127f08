"""`hotline rules schema`: what editors need to complete and check the files of a pack."""

from __future__ import annotations

import json

import click
from hotline_proto.catalogue import load_catalogue

from hotline_collector.rulepack.editor_schema import KINDS, editor_schema


@click.command()
@click.argument("kind", type=click.Choice(KINDS), default="rule")
def schema(kind: str) -> None:
    """Print the JSON Schema of a kind of file: rule, cases, steps, questions, lexicon, plans or pack.

    \b
    Examples:
      hotline rules schema rule > rule.schema.json
      # yaml-language-server: $schema=rule.schema.json     as the first line of a rule

    Exit codes: 0 done, 2 wrong usage.
    """
    click.echo(json.dumps(editor_schema(kind, load_catalogue()), indent=2, ensure_ascii=False))
