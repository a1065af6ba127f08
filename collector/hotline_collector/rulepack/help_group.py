"""How groups of commands list what they have, and say where an option of theirs belongs."""

from __future__ import annotations

from typing import Any

import click

# Longer than any first sentence, so that none is cut.
_WHOLE = 1000


class HelpGroup(click.Group):
    """A group whose help tells the whole first sentence of each command.

    An option of the group that is typed behind the command gets an error that says where it belongs.
    """

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except click.NoSuchOption as error:
            own = {name for option in self.params for name in option.opts}
            if error.option_name not in own or error.ctx is None:
                raise
            command = error.ctx.command_path.removeprefix(ctx.command_path).strip()
            rest = f"{ctx.command_path} {error.option_name} … {command}"
            raise click.UsageError(
                f"{error.option_name} belongs in front of the command: {rest}", error.ctx
            ) from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands; click would cut each sentence at the end of its line."""
        commands = ((name, self.get_command(ctx, name)) for name in self.list_commands(ctx))
        rows = [
            (name, command.get_short_help_str(_WHOLE))
            for name, command in commands
            if command is not None and not command.hidden
        ]
        if rows:
            with formatter.section("Commands"):
                formatter.write_dl(rows)
