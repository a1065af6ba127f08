"""`hotline rules replay`: a recorded call through any pack."""

from __future__ import annotations

import contextlib
from dataclasses import asdict
from pathlib import Path

import click
from hotline_proto.catalogue import load_catalogue
from hotline_proto.errors import RecordError
from hotline_proto.record import MAX_FILE, Entry
from hotline_proto.sealed import is_sealed

from hotline_collector.console.layout import Row, row
from hotline_collector.console.options import Output, connect, output_options
from hotline_collector.console.pick import pick_call
from hotline_collector.engine.ruleset import RuleSet
from hotline_collector.rulepack.commands.common import FAULTS, load_pack
from hotline_collector.rulepack.records import read_record
from hotline_collector.rulepack.replaying import (
    Difference,
    Judgement,
    Replay,
    differences,
    original_digest,
    replay,
)

_SIGNS = {"added": ("+", "green"), "gone": ("-", "red"), "changed": ("~", "yellow")}
_folder = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command("replay")
@click.argument("what", metavar="CALL|FILE")
@click.option("--pack", metavar="DIR", type=_folder, help="The pack to judge it by; else the installed ones.")
@click.option("--against", metavar="DIR", type=_folder, help="The pack to compare with.")
@output_options
def replay_command(output: Output, what: str, pack: Path | None, against: Path | None) -> None:
    """Play a recorded call through a pack, and show what another pack judges differently.

    Compared is with `--against`; without it with the installed packs if the call was judged by just those.
    A CALL is fetched from the collector, a FILE was written by `hotline call export` or is a bundle of
    `hotline-probe --bundle`.

    \b
    Examples:
      hotline rules replay 0197a3c2 --pack my-rules
      hotline rules replay call.hlb --pack new --against old --json

    Exit codes: 0 no difference, 1 differences or faults were found, 2 wrong usage.
    """
    entries = _entries(what)
    new_rules = load_pack(pack, as_json=output.as_json)
    old_rules = _to_compare(entries, new_rules, pack, against, output)
    try:
        played = replay(entries, new_rules, load_catalogue())
        before = replay(entries, old_rules, load_catalogue()) if old_rules else None
    except RecordError as error:
        raise click.UsageError(f"{what}: {error}") from error
    differ = differences(before, played) if before else []
    if output.as_json:
        output.data("replay", replay=_content(played, differ, new_rules, old_rules))
    else:
        output.rows(_rows(played, differ, old_rules))
    if differ:
        click.get_current_context().exit(FAULTS)


def _entries(what: str) -> list[Entry]:
    """Return the record of a file or of a call of the collector.

    Raises:
        UsageError: there is no such file, or it is no record, or damaged.
    """
    path = Path(what)
    is_file = False
    with contextlib.suppress(OSError, ValueError):
        is_file = path.is_file()
    if is_file:
        with path.open("rb") as file:
            raw = file.read(MAX_FILE + 1)
    elif "." in what or "/" in what or path.exists():
        raise click.UsageError(f"{what}: there is no such file, and no call has such an id")
    else:
        with connect() as client:
            raw = client.export_record(pick_call(client, what))
    if is_sealed(raw):
        raise click.UsageError(f"{what} is encrypted: `hotline call import` opens it, then replay that call")
    try:
        return read_record(raw)
    except RecordError as error:
        raise click.UsageError(f"{what}: {error}") from error


def _to_compare(
    entries: list[Entry], new: RuleSet, pack: Path | None, against: Path | None, output: Output
) -> RuleSet | None:
    """Return the pack to compare with, None if it is the same or not at hand."""
    if against is not None:
        return load_pack(against, as_json=output.as_json)
    digest = original_digest(entries)
    if digest == new.pack.digest:
        return None
    if not digest:
        return None  # a bundle: no pack has judged it yet
    installed = load_pack(None, as_json=output.as_json) if pack else None
    if installed is not None and installed.pack.digest == digest:
        return installed
    output.say(f"The call was judged by the pack {digest[:12]}, which is not at hand; nothing is compared.")
    return None


def _content(
    played: Replay, differ: list[Difference], new: RuleSet, old: RuleSet | None
) -> dict[str, object]:
    return {
        "pack": new.pack.digest,
        "against": old.pack.digest if old else "",
        "findings": [asdict(found) for found in played.findings],
        "differences": [{"kind": each.kind, **asdict(each)} for each in differ],
        "refused": list(played.refused),
    }


def _rows(played: Replay, differ: list[Difference], old: RuleSet | None) -> list[Row]:
    rows = [row(_told(found)) for found in played.findings] or [row("No finding.")]
    rows += [row((f"refused at {text}", "yellow")) for text in played.refused]
    if old is None:
        return rows
    rows += [row(), row((f"Against {old.pack.name} {old.pack.version}:", "bold"))]
    if not differ:
        rows.append(row("no difference", indent=2))
    for each in differ:
        sign, colour = _SIGNS[each.kind]
        for side in (each.old, each.new):
            if side is not None:
                shown = sign if each.kind != "changed" else "-" if side is each.old else "+"
                rows.append(row((f"{shown} {_told(side)}", colour), indent=2))
    return rows


def _told(found: Judgement) -> str:
    about = f" ({found.entity})" if found.entity else ""
    rank = f", cause {found.rank}" if found.rank else ""
    return f"{found.rule}{about}: from {found.onset:g} s, {found.state} since {found.changed:g} s{rank}"
