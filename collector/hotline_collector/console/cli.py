"""The command `hotline`: what an agent and a rule author type."""

from __future__ import annotations

import io
import sys

import click

from hotline_collector.console.bundle_command import import_command
from hotline_collector.console.call_commands import call
from hotline_collector.console.end_commands import COMMANDS as END_COMMANDS
from hotline_collector.console.figures_command import figures
from hotline_collector.console.fix_commands import COMMANDS as FIX_COMMANDS
from hotline_collector.console.heard_commands import COMMANDS as HEARD_COMMANDS
from hotline_collector.console.lazy import DeferredGroup, HotlineGroup
from hotline_collector.console.login_commands import login, logout
from hotline_collector.console.measure_commands import COMMANDS as MEASURE_COMMANDS
from hotline_collector.console.queue_commands import call_back, outage, queue, take, transfer
from hotline_collector.console.wrap_up_commands import COMMANDS as WRAP_UP_COMMANDS

_HELP = """Find out what is wrong with a caller's computer, and prove that it is cured.

\b
Examples:
  hotline login --server hotline.example.org --user anna
  hotline call open --complaint "mail does not work" --check mail.example.org:993
  hotline queue
  hotline call take
  hotline call watch
  hotline call show --json | jq .call.causes
  hotline rules check

\b
Exit codes:
    0  done
    1  the call has an active cause (only `call show --fail-on SEVERITY`)
    2  what was typed makes no sense or names nothing
    3  the collector cannot be reached, is not the trusted one, or you are not logged in
    4  the collector refused; the message says why
  130  interrupted

\b
Language of titles, steps and states, the first that is set:
  --lang, HOTLINE_LANG, the language of your account (chosen in the web console; after a change there,
  log in anew), LC_ALL, LC_MESSAGES, LANG

\b
Completion, for bash (zsh and fish alike):
  eval "$(_HOTLINE_COMPLETE=bash_source hotline)"
"""
_CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


@click.group(cls=HotlineGroup, help=_HELP, context_settings=_CONTEXT)
@click.version_option(package_name="hotline-collector", prog_name="hotline")
def hotline() -> None:
    """Run one of the commands below."""


for each in (
    *MEASURE_COMMANDS,
    *HEARD_COMMANDS,
    *FIX_COMMANDS,
    *END_COMMANDS,
    *WRAP_UP_COMMANDS,
    take,
    transfer,
    call_back,
    import_command,
):
    call.add_command(each)
for each in (call, queue, outage, login, logout, figures):
    hotline.add_command(each)
hotline.add_command(
    DeferredGroup("rules", "hotline_collector.rulepack.cli:rules", "Write, check, test and compare rules.")
)


def main() -> None:
    """Run the command line; what a terminal cannot show becomes a question mark."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    hotline()
