"""`hotline rules coverage`: what a pack can see at all."""

from __future__ import annotations

import textwrap
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
from hotline_collector.rulepack.coverage import Coverage, Dead, cover, origins, platforms

_WIDTH = 100


@click.command()
@folder_argument
@click.option("--platform", metavar="NAME", help="Only this platform: linux, windows or macos.")
@json_option
def coverage(folder: Path | None, platform: str | None, as_json: bool) -> None:
    """Say which rules can never fire, which facts nothing produces, and which facts no rule uses.

    A rule can fire if its condition can be true with what is known there: on a computer (by platform) or a
    device over SSH by the probe, with answers and the operator's facts; or by one of these alone.

    \b
    Examples:
      hotline rules coverage
      hotline rules coverage my-rules --platform windows

    Exit codes: 0 every stable rule can fire somewhere that was looked at, 1 one cannot, or the pack has
    faults, 2 wrong usage.
    """
    known = platforms(load_catalogue())
    if platform is not None and platform not in known:
        raise click.UsageError(f"there is no platform {platform}; there is {', '.join(known)}")
    loaded = load_pack(folder, as_json=as_json)
    seen = cover(loaded, [each for each in origins(loaded.catalogue) if platform in (None, each.name)])
    if as_json:
        fires = {origin: seen.fires(origin) for origin in seen.dead}
        nowhere = [asdict(dead) for dead in seen.nowhere]
        print_json([], **asdict(seen), fires=fires, fires_anywhere=seen.fires(), nowhere=nowhere)
    else:
        _print(seen, known)
    if any(dead.status == "stable" for dead in seen.nowhere):
        click.get_current_context().exit(FAULTS)


def _print(seen: Coverage, known: list[str]) -> None:
    each = ", ".join(f"{origin} {seen.fires(origin)}" for origin in seen.dead)
    click.echo(f"{seen.fires()} of {seen.stable} stable rules can fire ({each}).")
    everywhere = {rule.rule for rule in seen.nowhere}
    if everywhere:
        click.echo("From nowhere:")
    for rule in seen.nowhere:
        click.echo(f"  never {_why(rule)}")
    # That a device or an answer has little to say is no news.
    for platform in (name for name in known if name in seen.dead):
        dead = [rule for rule in seen.dead[platform] if rule.rule not in everywhere]
        click.echo(f"{platform}: {seen.rules - len(seen.dead[platform])} of {seen.rules} rules can fire.")
        for rule in dead:
            click.echo(f"  never {_why(rule)}")
    click.echo(f"Facts that nothing produces: {', '.join(seen.unproducible) or 'none'}.")
    click.echo(f"Facts that no rule uses: {sum(map(len, seen.unused.values()))}, by their source:")
    for source, facts in seen.unused.items():
        line = f"{source} ({len(facts)}): {', '.join(facts)}"
        click.echo(textwrap.fill(line, _WIDTH, initial_indent="  ", subsequent_indent="    "))


def _why(rule: Dead) -> str:
    lacks = ", ".join(rule.lacks)
    return f"{rule.rule} ({rule.status})" + (f": lacks {lacks}" if lacks else ": its condition is never true")
