"""`hotline rules test`: cases, mutants, and what the cases leave open."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path

import click
from hotline_proto.catalogue import load_catalogue

from hotline_collector.model.hints import did_you_mean
from hotline_collector.rulepack.casefiles import orphans
from hotline_collector.rulepack.commands.common import (
    FAULTS,
    folder_argument,
    json_option,
    load_pack,
    print_faults,
    print_json,
    progress,
)
from hotline_collector.rulepack.faults import Fault
from hotline_collector.rulepack.tester import RuleResult, test_pack


@click.command()
@folder_argument
@click.option("--only", default="", metavar="PREFIX", help="Only rules whose id begins like this.")
@click.option("--strict", is_flag=True, help="A look-alike that no silent case names is a fault too.")
@click.option("--verbose", is_flag=True, help="A line for every rule.")
@json_option
def test(folder: Path | None, only: str, strict: bool, verbose: bool, as_json: bool) -> None:
    """Play the cases of every rule, then mutate the rule: a case must notice each change.

    Every part of a condition must decide in at least one case. A silent case names the look-alike that it
    stands for in its title: "(look-alike net.wan.down)".

    \b
    Examples:
      hotline rules test my-rules
      hotline rules test my-rules --only net.dns --verbose

    Exit codes: 0 all is well, 1 faults were found, 2 wrong usage.
    """
    loaded = load_pack(folder, as_json=as_json, author=True)
    if only and not any(rule_id.startswith(only) for rule_id in loaded.by_id):
        raise click.UsageError(f"no rule's id begins with {only}{did_you_mean(only, loaded.by_id)}")
    results: list[RuleResult] = []
    with progress(not as_json) as shown:
        for result in test_pack(loaded, load_catalogue(), only, strict=strict):
            results.append(result)
            shown.step(f"{len(results)}/{len(loaded.rules)} rules")
            if verbose and not as_json:
                shown.clear()
                click.echo(_line(result))
    faults = [fault for result in results for fault in result.faults] + ([] if only else orphans(loaded.pack))
    if as_json:
        print_json(faults, **_numbers(results), per_rule=[_entry(result) for result in results])
    else:
        print_faults(faults)
        click.echo(_summary(results))
    sys.exit(FAULTS if faults else 0)


def _numbers(results: list[RuleResult]) -> dict[str, int]:
    return {
        "rules": len(results),
        "cases": sum(r.cases for r in results),
        "mutants": sum(r.mutants for r in results),
        "noticed": sum(r.noticed for r in results),
        "parts": sum(r.parts for r in results),
        "decided": sum(r.parts - len(r.undecided) for r in results),
        "look_alikes_without_case": sum(len(r.without_case) for r in results),
    }


def _summary(results: list[RuleResult]) -> str:
    n = _numbers(results)
    text = (
        f"{n['rules']} rule{'s' * (n['rules'] != 1)}, {n['cases']} cases, "
        f"{n['noticed']} of {n['mutants']} mutants noticed, "
        f"{n['decided']} of {n['parts']} parts of conditions decide in a case."
    )
    if n["look_alikes_without_case"]:
        text += f" {n['look_alikes_without_case']} look-alikes have no silent case (see --verbose)."
    return text


def _line(result: RuleResult) -> str:
    decided = result.parts - len(result.undecided)
    text = (
        f"{'fault' if result.faults else 'ok':5} {result.rule}: {result.cases} cases, "
        f"{result.noticed}/{result.mutants} mutants, {decided}/{result.parts} parts"
    )
    return text + (f"; no case for {', '.join(result.without_case)}" if result.without_case else "")


def _entry(result: RuleResult) -> dict[str, object]:
    entry = asdict(result)
    entry["faults"] = [str(Fault(**fault)) for fault in entry["faults"]]
    return entry
