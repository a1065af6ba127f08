"""What the commands of rule authors share: which pack, how faults are printed, progress."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn, TypeVar

import click
from hotline_proto.catalogue import load_catalogue

from hotline_collector.engine.ruleset import RuleSet
from hotline_collector.model.hints import did_you_mean
from hotline_collector.rulepack.faults import Fault, PackError
from hotline_collector.rulepack.folders import pack_folders, read_files, read_pack
from hotline_collector.rulepack.loader import check_files, load_files

FAULTS = 1
VERSION = 1
_Item = TypeVar("_Item")

folder_argument = click.argument(
    "folder", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path)
)
pack_option = click.option(
    "--pack",
    "folder",
    metavar="DIR",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A pack's folder instead of the installed packs.",
)
json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object on standard output."
)


def files_of(folder: Path | None) -> dict[str, bytes]:
    """Return the files of a pack's folder, or of the installed packs.

    Raises:
        PackError: they cannot be read.
        UsageError: there are none.
    """
    if folder:
        files = read_files(folder, "")
    else:
        packs = [read_pack(place) for place in pack_folders()]
        files = {pack.path(name): raw for pack in packs for name, raw in pack.files.items()}
    if not files:
        where = f"below {folder}" if folder else "installed"
        raise click.UsageError(f"no rule pack is {where}: there is no YAML file")
    return files


def load_pack(folder: Path | None, *, as_json: bool = False, author: bool = False) -> RuleSet:
    """Return a pack, or print its faults and end; with `author` what cannot be meant is a fault too."""
    try:
        return (check_files if author else load_files)(files_of(folder), load_catalogue())
    except PackError as error:
        fail(error.faults, as_json)


def fail(faults: list[Fault], as_json: bool) -> NoReturn:
    """Print faults and end with the exit code that says so."""
    if as_json:
        print_json(faults)
    else:
        print_faults(faults)
        click.echo(f"{len(faults)} fault{'s' if len(faults) != 1 else ''}.", err=True)
    sys.exit(FAULTS)


def print_faults(faults: Iterable[Fault]) -> None:
    """Print faults, one a line, as editors and compilers do."""
    for fault in faults:
        click.echo(str(fault))


def print_json(faults: Iterable[Fault], **content: object) -> None:
    """Print faults and more as one JSON object."""
    listed = [{"file": f.file, "line": f.line, "column": f.column, "message": f.message} for f in faults]
    click.echo(json.dumps({"version": VERSION, "faults": listed, **content}, ensure_ascii=False))


def known_rule(loaded: RuleSet, rule_id: str) -> str:
    """Return the id of a rule that exists.

    Raises:
        UsageError: there is none; the message suggests one.
    """
    if rule_id not in loaded.pack.rules:
        raise click.UsageError(f"there is no rule {rule_id}{did_you_mean(rule_id, loaded.pack.rules)}")
    return rule_id


@contextmanager
def progress(shown: bool) -> Iterator[Progress]:
    """Count on a terminal's standard error while something takes its time."""
    counter = Progress(shown and sys.stderr.isatty())
    try:
        yield counter
    finally:
        counter.clear()


class Progress:
    """A line that says how far it is; silent without a terminal."""

    def __init__(self, shown: bool) -> None:
        self._shown = shown
        self._width = 0

    def step(self, text: str) -> None:
        """Show where it stands."""
        if self._shown:
            click.echo(f"\r{text.ljust(self._width)}", nl=False, err=True)
            self._width = len(text)

    def clear(self) -> None:
        """Take the line away."""
        if self._width:
            click.echo(f"\r{' ' * self._width}\r", nl=False, err=True)
            self._width = 0
