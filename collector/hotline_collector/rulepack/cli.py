"""`hotline rules …`: the commands of rule authors, each in a module of its own."""

from __future__ import annotations

import importlib

import click

from hotline_collector.rulepack.help_group import HelpGroup

# Name and place of every command, in the order of the help. They are loaded when they are used, because
# most need the CEL library, and those that only ask a collector do not.
COMMANDS = {
    "new": "hotline_collector.rulepack.commands.new:new",
    "check": "hotline_collector.rulepack.commands.check:check",
    "test": "hotline_collector.rulepack.commands.test:test",
    "eval": "hotline_collector.rulepack.commands.evaluate:evaluate",
    "explain": "hotline_collector.console.rule_explain:explain",
    "replay": "hotline_collector.console.rule_replay:replay_command",
    "coverage": "hotline_collector.rulepack.commands.coverage:coverage",
    "graph": "hotline_collector.rulepack.commands.graph:graph",
    "schema": "hotline_collector.rulepack.commands.schema:schema",
    "record": "hotline_collector.console.rule_record:record",
    "status": "hotline_collector.console.rules_status:status",
    "table": "hotline_collector.rulepack.commands.table:table",
    "keygen": "hotline_collector.rulepack.commands.signing:keygen",
    "sign": "hotline_collector.rulepack.commands.signing:sign",
    "sign-list": "hotline_collector.rulepack.commands.sign_list:sign_list",
    "verify": "hotline_collector.rulepack.commands.signing:verify",
}


class RulesGroup(HelpGroup):
    """Finds its commands in `COMMANDS` and in what was added to it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        return [*COMMANDS, *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load a command."""
        place = COMMANDS.get(cmd_name)
        if place is None:
            return super().get_command(ctx, cmd_name)
        module, _, attribute = place.partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command


@click.group(cls=RulesGroup)
def rules() -> None:
    """Write, check, test and compare fault rules.

    \b
    Examples:
      hotline rules new my-rules       write a rule and its cases
      hotline rules check              the installed packs
      hotline rules test my-rules --only net.dns
      hotline rules explain net.wan.down --lang de
      hotline rules replay call.hotline --pack my-rules

    Exit codes: 0 all is well, 1 faults or differences were found, 2 wrong usage.
    """
