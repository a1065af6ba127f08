"""`hotline rules …`: check and test packs."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click
from hotline_proto.catalogue import load_catalogue

from hotline_collector.engine.ruleset import RuleSet
from hotline_collector.rulepack import cli_signing
from hotline_collector.rulepack.faults import Fault, PackError
from hotline_collector.rulepack.loader import load_folder, load_installed
from hotline_collector.rulepack.tester import RuleResult, orphans, test_pack

FAULTS = 1
_FOLDER = click.argument(
    "folder", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path)
)
_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object on standard output.")


@click.group()
def rules() -> None:
    """Check, test and sign fault rules.

    \b
    Examples:
      hotline rules check              the installed packs
      hotline rules check my-rules     a folder
      hotline rules test my-rules --only net.dns

    Exit codes: 0 all is well, 1 faults were found, 2 wrong usage.
    """


rules.add_command(cli_signing.keygen)
rules.add_command(cli_signing.sign)
rules.add_command(cli_signing.verify)


@rules.command()
@_FOLDER
@_JSON
def check(folder: Path | None, as_json: bool) -> None:
    """Say everything that is wrong with a pack: file, line, column and what to write instead."""
    loaded = _load(folder, as_json)
    if as_json:
        _print_json([], rules=len(loaded.rules), digest=loaded.pack.digest)
    else:
        click.echo(f"{len(loaded.rules)} rules are well-formed ({loaded.pack.name} {loaded.pack.version}).")


@rules.command()
@_FOLDER
@click.option("--only", default="", metavar="PREFIX", help="Only rules whose id begins like this.")
@_JSON
def test(folder: Path | None, only: str, as_json: bool) -> None:
    """Play the cases of every rule, then mutate the rule: a case must notice each change."""
    loaded = _load(folder, as_json)
    results: list[RuleResult] = []
    for result in test_pack(loaded, load_catalogue(), only):
        results.append(result)
        if not as_json and sys.stderr.isatty():
            click.echo(f"\r{len(results)}/{len(loaded.rules)} rules", nl=False, err=True)
    if not as_json and sys.stderr.isatty():
        click.echo("\r", nl=False, err=True)
    faults = [fault for result in results for fault in result.faults] + ([] if only else orphans(loaded))
    cases, made = sum(r.cases for r in results), sum(r.mutants for r in results)
    noticed = sum(r.noticed for r in results)
    if as_json:
        _print_json(faults, rules=len(results), cases=cases, mutants=made, noticed=noticed)
    else:
        _print_faults(faults)
        click.echo(f"{len(results)} rules, {cases} cases, {noticed} of {made} mutants noticed.")
    sys.exit(FAULTS if faults else 0)


def _load(folder: Path | None, as_json: bool) -> RuleSet:
    catalogue = load_catalogue()
    try:
        return load_folder(folder, catalogue) if folder else load_installed(catalogue)
    except PackError as error:
        if as_json:
            _print_json(error.faults)
        else:
            _print_faults(error.faults)
            click.echo(f"{len(error.faults)} faults.", err=True)
        sys.exit(FAULTS)


def _print_faults(faults: list[Fault]) -> None:
    for fault in faults:
        click.echo(str(fault))


def _print_json(faults: list[Fault], **numbers: object) -> None:
    listed = [{"file": f.file, "line": f.line, "column": f.column, "message": f.message} for f in faults]
    click.echo(json.dumps({"version": 1, "faults": listed, **numbers}, ensure_ascii=False))
