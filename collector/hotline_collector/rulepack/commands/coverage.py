"""`hotline rules coverage`: what a pack can see at all."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click
from hotline_proto.catalogue import load_catalogue

from hotline_collector.rulepack.commands.common import (
    FAULTS,
    folder_argument,
    json_option,
    load_pack,
    print_json,
)
from hotline_collector.rulepack.coverage import Coverage, Dead, cover, platforms


@click.command()
@folder_argument
@click.option("--platform", metavar="NAME", help="Only this platform: linux, windows or macos.")
@json_option
def coverage(folder: Path | None, platform: str | None, as_json: bool) -> None:
    """Say which rules can never fire, which facts nothing produces, and which facts no rule uses.

    A rule can fire if its condition can be true with what the sources, checks, questions and the operator's
    systems know on a platform.

    \b
    Examples:
      hotline rules coverage
      hotline rules coverage my-rules --platform windows

    Exit codes: 0 every stable rule can fire on one of the platforms looked at, 1 one cannot, or the pack has
    faults, 2 wrong usage.
    """
    known = platforms(load_catalogue())
    if platform is not None and platform not in known:
        raise click.UsageError(f"there is no platform {platform}; there is {', '.join(known)}")
    loaded = load_pack(folder, as_json=as_json)
    seen = cover(loaded, [platform] if platform else known)
    if as_json:
        print_json([], **asdict(seen), nowhere=[asdict(dead) for dead in seen.nowhere])
    else:
        _print(seen, len(loaded.pack.rules))
    if any(dead.status == "stable" for dead in seen.nowhere):
        click.get_current_context().exit(FAULTS)


def _print(seen: Coverage, rules: int) -> None:
    for platform, dead in seen.dead.items():
        click.echo(f"{platform}: {rules - len(dead)} of {rules} rules can fire.")
        everywhere = {rule.rule for rule in seen.nowhere} if len(seen.dead) > 1 else set()
        for rule in dead:
            if rule.rule not in everywhere:
                click.echo(f"  never {_why(rule)}")
    if len(seen.dead) > 1:
        click.echo(f"On none of them: {len(seen.nowhere)}.")
        for rule in seen.nowhere:
            click.echo(f"  never {_why(rule)}")
    click.echo(f"Facts that nothing produces: {', '.join(seen.unproducible) or 'none'}.")
    click.echo(f"Facts that no rule uses: {len(seen.unused)}.")
    for name in seen.unused:
        click.echo(f"  {name}")


def _why(rule: Dead) -> str:
    lacks = ", ".join(rule.lacks)
    return f"{rule.rule} ({rule.status})" + (f": lacks {lacks}" if lacks else ": its condition is never true")
