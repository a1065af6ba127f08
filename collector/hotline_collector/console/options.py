"""What all commands share: `--json`, `--lang`, `--color`, and how they print."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TextIO, cast

import click

from hotline_collector.console import credentials, jsonout
from hotline_collector.console.client import AgentClient
from hotline_collector.console.errors import NotLoggedIn
from hotline_collector.console.texts import LANGUAGES, Texts, default_language, texts_for
from hotline_collector.model.units import Lang

# Where a group of commands leaves why the call of another agent is opened (`click.Context.meta`).
REASON = "hotline.reason"
Colour = Literal["auto", "always", "never"]


@dataclass(frozen=True, slots=True)
class Output:
    """How one command prints: data and results to stdout, talk to stderr."""

    as_json: bool
    texts: Texts
    colour: Colour

    def data(self, kind: str, rows: Sequence[Any] = (), **content: Any) -> None:
        """Print rows for people, or one JSON document of a kind."""
        if self.as_json:
            click.echo(jsonout.document(kind, **content))
        else:
            self.rows(rows)

    def rows(self, rows: Sequence[Any]) -> None:
        """Print rows on the width of the terminal, one line each into a pipe."""
        # Rich costs more to import than everything else together, and JSON needs none of it.
        from rich.console import Console  # noqa: PLC0415

        from hotline_collector.console.layout import lay_out  # noqa: PLC0415

        coloured = self.coloured()
        console = Console(
            file=sys.stdout,
            force_terminal=coloured,
            no_color=not coloured,
            color_system="auto" if coloured else None,
            highlight=False,
            markup=False,
            emoji=False,
        )
        for line in lay_out(rows, console.width if sys.stdout.isatty() else None):
            console.print(line, soft_wrap=True)

    def line(self, text: str) -> None:
        """Print a line of our own words to stdout."""
        click.echo(text)

    def result(self, kind: str, said: str, **content: Any) -> None:
        """Print what came of a command: a sentence, or one JSON document of a kind."""
        if self.as_json:
            self.data(kind, **content)
        else:
            self.line(said)

    def coloured(self) -> bool:
        """Tell whether stdout gets colours."""
        return wants_colour(self.colour, sys.stdout, os.environ)

    def say(self, text: str) -> None:
        """Tell the person something that is no data."""
        click.echo(text, err=True)


def wants_colour(choice: Colour, stream: TextIO, environ: Mapping[str, str]) -> bool:
    """Tell whether to colour: the option first, then NO_COLOR, FORCE_COLOR, TERM, then the stream.

    Source: no-color.org and force-color.org; an empty variable counts as not set.
    """
    if choice != "auto":
        return choice == "always"
    if environ.get("NO_COLOR"):
        return False
    if environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and environ.get("TERM") != "dumb"


def output_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command `--json`, `--lang` and `--color`, and an `Output` as its first argument."""

    @click.option("--json", "as_json", is_flag=True, help="Print JSON (a stable schema, version 1).")
    @click.option(
        "--lang",
        type=click.Choice(LANGUAGES),
        envvar="HOTLINE_LANG",
        show_envvar=True,
        help="Language of titles, steps and states; else that of your account, then the system's.",
    )
    @click.option(
        "--color",
        "colour",
        type=click.Choice(["auto", "always", "never"]),
        default="auto",
        help="Colour; auto honours NO_COLOR and FORCE_COLOR.",
    )
    @functools.wraps(command)
    def wrapped(*args: Any, as_json: bool, lang: str | None, colour: str, **options: Any) -> Any:
        chosen = cast("Lang", lang) if lang else _usual_language()
        output = Output(as_json, texts_for(chosen), cast("Colour", colour))
        return command(output, *args, **options)

    return wrapped


def _usual_language() -> Lang:
    """Return the language of the account that is logged in, else that of the system.

    The system's comes last, for it is set nearly everywhere and seldom by the agent.
    """
    try:
        chosen = credentials.load(credentials.state_dir()).language
    except NotLoggedIn:
        chosen = ""
    return chosen if chosen in LANGUAGES else default_language()


def connect() -> AgentClient:
    """Return a client with the kept login.

    Raises:
        NotLoggedIn: there is none that can be used.
    """
    context = click.get_current_context(silent=True)
    reason = str(context.meta.get(REASON, "")) if context is not None else ""
    return AgentClient.of(credentials.load_valid(credentials.state_dir()), reason)
