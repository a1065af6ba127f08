"""The group `hotline call`, and its commands that open a call and look at it.

What the commands import for themselves (Rich, Textual) is what only they need.
"""

from __future__ import annotations

import os
import sys
import time

import click

from hotline_collector.console import arguments
from hotline_collector.console.errors import EXIT_FINDING
from hotline_collector.console.options import REASON, Output, connect, output_options
from hotline_collector.console.pick import ONLY, pick_call
from hotline_collector.rulepack.help_group import HelpGroup

_HELP = """Work on a call.

An ID may be shortened as long as only one call fits; `-` or no ID means the only open call.

\b
Examples:
  hotline call open --complaint "mail does not work"
  hotline call watch
  hotline call answer ask.scope.other_devices works
  hotline call propose net.dns.all_unreachable
  hotline call close solved --caller-confirmed
  hotline call --reason "anna is ill" show 0197a3c2-7d1e-7c4a-9d5b-2f6e8a1b3c4d
"""


@click.group(cls=HelpGroup, help=_HELP)
@click.option(
    "--reason",
    default="",
    metavar="TEXT",
    help="Why you open another agent's call; it opens for an hour, and the audit trail keeps the reason.",
)
@click.pass_context
def call(context: click.Context, reason: str) -> None:
    """Work on a call."""
    context.meta[REASON] = reason.strip()


@call.command("open")
@click.option(
    "--complaint",
    default="",
    metavar="TEXT",
    help="What is wrong, in the caller's words, or # and a key of the lexicon, such as #internet.down.",
)
@click.option("--customer", default="", metavar="REF", help="The operator's reference of the customer.")
@click.option("--check", default="", metavar="TARGET", help="What to check first: host:port or a URL.")
@output_options
def open_(output: Output, complaint: str, customer: str, check: str) -> None:
    """Open a call and show its join code.

    \b
    Example:
      hotline call open --complaint "the intranet is slow" --check https://intranet.example.org
      hotline call open --complaint "#printer"
    """
    from hotline_collector.console import render  # noqa: PLC0415

    with connect() as client:
        opened = client.open_call(complaint, customer, check)
    rows = [
        *render.opened(opened.call_id, output.texts),
        *render.join_code(opened.code, _now(), output.texts),
    ]
    output.data("call_opened", rows, call_id=opened.call_id, code=opened.code)


@call.command("list")
@click.option("--all", "everything", is_flag=True, help="Closed calls too.")
@output_options
def list_(output: Output, everything: bool) -> None:
    """List calls, newest first.

    \b
    Examples:
      hotline call list
      hotline call list --all --json
    """
    from hotline_collector.console import render  # noqa: PLC0415

    with connect() as client:
        calls = client.list_calls(include_closed=everything)
    output.data("calls", render.call_list(calls, _now(), output.texts), calls=calls)


@call.command()
@click.argument("typed", metavar="[ID]", default=ONLY)
@click.option("--facts", is_flag=True, help="Every fact too.")
@click.option(
    "--fail-on",
    type=click.Choice(["never", *arguments.SEVERITIES]),
    default="never",
    help="End with 1 if the call has an active cause at least that severe.",
)
@output_options
def show(output: Output, typed: str, facts: bool, fail_on: str) -> None:
    """Show a call as it is now.

    \b
    Examples:
      hotline call show
      hotline call show 0197a3c2 --facts
      hotline call show --json --fail-on warning
    """
    from hotline_collector.console import render  # noqa: PLC0415
    from hotline_collector.console.frame import Frame  # noqa: PLC0415

    with connect() as client:
        view = client.get_call(pick_call(client, typed), include_facts=facts)
    rows = render.page(Frame(view, view.now_us, output.texts), include_facts=facts)
    output.data("call", rows, call=view)
    if fail_on != "never" and arguments.has_cause((*view.causes, *view.also_noticed), fail_on):
        click.get_current_context().exit(EXIT_FINDING)


@call.command()
@click.argument("typed", metavar="[ID]", default=ONLY)
@click.option("--facts", is_flag=True, help="Every fact too.")
@click.option("--plain", is_flag=True, help="Lines instead of a full screen; also without a terminal.")
@output_options
def watch(output: Output, typed: str, facts: bool, plain: bool) -> None:
    """Watch a call live; it reconnects by itself. Press ? for the keys.

    \b
    Examples:
      hotline call watch
      hotline call watch --plain
      hotline call watch --json | jq -c .call.causes
    """
    from hotline_collector.console.watch_plain import watch_lines  # noqa: PLC0415

    with connect() as client:
        call_id = pick_call(client, typed)
        if plain or output.as_json or not _full_screen():
            watch_lines(client, call_id, output, include_facts=facts)
            return
        # Textual takes its colours from the environment only, and reads it while it is imported.
        if output.coloured():
            os.environ.pop("NO_COLOR", None)
        else:
            os.environ["NO_COLOR"] = "1"
        from hotline_collector.console.watch import WatchApp  # noqa: PLC0415

        app = WatchApp(client, call_id, output.texts.lang, show_facts=facts)
        app.run()
    if app.fault is not None:
        raise app.fault


@call.command()
@click.argument("typed", metavar="[ID]", default=ONLY)
@output_options
def code(output: Output, typed: str) -> None:
    """Make a new join code, for a computer that was restarted.

    \b
    Example:
      hotline call code
    """
    from hotline_collector.console import render  # noqa: PLC0415

    with connect() as client:
        call_id = pick_call(client, typed)
        made = client.renew_code(call_id)
    output.data("code", render.join_code(made, _now(), output.texts), call_id=call_id, code=made)


def _full_screen() -> bool:
    return sys.stdout.isatty() and sys.stdin.isatty() and os.environ.get("TERM") != "dumb"


def _now() -> int:
    return time.time_ns() // 1000
