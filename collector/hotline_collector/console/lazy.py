"""Command groups that load a subcommand only when it is used, so that `hotline call` stays light."""

from __future__ import annotations

import importlib
from typing import Any

import click

from hotline_collector.console.errors import EXIT_INTERRUPTED, ConsoleError
from hotline_collector.rulepack.help_group import HelpGroup


class DeferredGroup(click.Group):
    """Stands for a group in another module; knows its name and one line of help, loads it on use.

    `target` is "module:attribute".
    """

    def __init__(self, name: str, target: str, help_line: str) -> None:
        super().__init__(name, help=help_line)
        self._target = target

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Load the real group and let it parse.

        Raises:
            ClickException: a package that it needs is missing.
        """
        module, _, attribute = self._target.partition(":")
        try:
            real: click.Command = getattr(importlib.import_module(module), attribute)
        except ImportError as error:
            raise click.ClickException(f"cannot load `{self.name}`: {error}; install it again") from error
        return real.make_context(info_name, args, parent, **extra)


class HotlineGroup(HelpGroup):
    """The root group: ends with the exit codes that the help promises."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; errors of ours become one line on stderr and their exit code."""
        try:
            return super().invoke(ctx)
        except ConsoleError as error:
            click.echo(f"Error: {error}", err=True)
            ctx.exit(error.exit_code)
        except (KeyboardInterrupt, click.Abort):
            click.echo("Interrupted.", err=True)
            ctx.exit(EXIT_INTERRUPTED)
