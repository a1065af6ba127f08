"""How groups of commands list what they have."""

from __future__ import annotations

import click

# Longer than any first sentence, so that none is cut.
_WHOLE = 1000


class HelpGroup(click.Group):
    """A group whose help tells the whole first sentence of each command."""

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
