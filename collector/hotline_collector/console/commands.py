"""The commands of `hotline call`: one call from its opening to its end.

What the commands import for themselves (Rich, Textual) is what only they need.
"""

from __future__ import annotations

import os
import sys
import time

import click

from hotline_collector.console import arguments
from hotline_collector.console.asking import meant_answer, next_lines
from hotline_collector.console.errors import EXIT_FINDING, Refused
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
@arguments.id_and_words("[ID] TARGET")
@output_options
def check(output: Output, words: tuple[str, ...]) -> None:
    """Have the caller's computer check a host:port or URL.

    \b
    Examples:
      hotline call check mail.example.org:993
      hotline call check 0197a3c2 https://intranet.example.org
    """
    typed, (target,) = arguments.split_id(words, 1, "hotline call check [ID] TARGET")
    with connect() as client:
        call_id = pick_call(client, typed)
        client.add_check(call_id, target)
    said = output.texts.did_check.format(target=target)
    output.result("check", said, call_id=call_id, check=target)


@call.command("add-target")
@arguments.id_and_words("[ID] ADDRESS")
@click.option(
    "--fingerprint", default="", metavar="SHA256:…", help="What its host key must be, if you know it."
)
@click.option("--from-collector", is_flag=True, help="The collector reads it; needs no probe.")
@output_options
def add_target(output: Output, words: tuple[str, ...], fingerprint: str, from_collector: bool) -> None:
    """Have a device in the caller's network read over SSH, if the caller allows it.

    The caller's computer connects, and asks for the password there. Nothing is changed on the device but by
    actions that are proposed there, each of which the caller is asked about. With --fingerprint the caller
    need not compare its host key, and any other key ends the attempt. With --from-collector the collector
    itself reads a device that its operator has listed.

    \b
    Examples:
      hotline call add-target ssh://root@192.168.1.1
      hotline call add-target 0197a3c2 ssh://admin@nas.local:2222
      hotline call add-target ssh://support@nas.example.org --from-collector
    """
    typed, (address,) = arguments.split_id(words, 1, "hotline call add-target [ID] ssh://user@host")
    with connect() as client:
        call_id = pick_call(client, typed)
        target = client.add_target(call_id, address, fingerprint, from_collector=from_collector)
    said = output.texts.did_read_from_here if from_collector else output.texts.did_add_target
    said = said.format(target=target, address=address)
    output.result("target_added", said, call_id=call_id, target=target, address=address)


@call.command()
@arguments.id_and_words("[ID] SOURCE")
@output_options
def measure(output: Output, words: tuple[str, ...]) -> None:
    """Have a source of the caller's computer run at once, such as wifi or load.

    \b
    Example:
      hotline call measure load
    """
    typed, (source,) = arguments.split_id(words, 1, "hotline call measure [ID] SOURCE")
    with connect() as client:
        call_id = pick_call(client, typed)
        client.measure(call_id, source)
    output.result("measure", output.texts.did_measure.format(source=source), call_id=call_id, source=source)


@call.command()
@click.argument("typed", metavar="[ID]", default=ONLY)
@output_options
def personal(output: Output, typed: str) -> None:
    """Have the caller asked for personal facts, such as names of programs.

    By itself this happens only when a cause needs them. The caller's own screen asks; silence is a no.

    \b
    Example:
      hotline call personal
    """
    with connect() as client:
        call_id = pick_call(client, typed)
        client.ask_personal(call_id)
    output.result("personal", output.texts.did_ask, call_id=call_id)


@call.command()
@arguments.id_and_words("[ID] QUESTION VALUE")
@output_options
def answer(output: Output, words: tuple[str, ...]) -> None:
    """Answer a question for the caller, or correct an answer; the value "?" means "don't know".

    A value may be typed as itself or as what it is called in either language. The next question follows.

    \b
    Examples:
      hotline call answer ask.scope.other_devices works
      hotline call answer - ask.scope.other_devices "it works there"
      hotline call answer - ask.scope.other_devices ?
    """
    typed, (question, value) = arguments.split_id(words, 2, "hotline call answer [ID] QUESTION VALUE")
    with connect() as client:
        call_id = pick_call(client, typed)
        value = meant_answer(client.get_call(call_id), question, value)
        client.answer(call_id, question, value)
        after = client.get_call(call_id)
    shown = value or output.texts.dont_know
    said = [f"{question}: {shown}", *next_lines(after, output.texts)]
    output.result("answer", "\n".join(said), call_id=call_id, question=question, value=value)


@call.command()
@arguments.id_and_words("[ID] NAME=VALUE")
@click.option("--age", default="0s", show_default=True, help="How old the knowledge is: 90s, 15min, 2h, 3d.")
@click.option("--origin", default="", metavar="NAME", help="Which of your systems says so.")
@output_options
def fact(output: Output, words: tuple[str, ...], age: str, origin: str) -> None:
    """Enter what the operator's own systems know.

    \b
    Examples:
      hotline call fact "contract.rate_down=100 Mbit/s" --origin CRM
      hotline call fact operator.outage=true --age 2h
    """
    typed, (text,) = arguments.split_id(words, 1, "hotline call fact [ID] NAME=VALUE")
    name, value = arguments.parse_fact(text)
    seconds = arguments.parse_age(age)
    with connect() as client:
        call_id = pick_call(client, typed)
        client.enter_fact(call_id, name, value, seconds, origin)
    output.result("fact", f"{name} = {value}", call_id=call_id, fact=name, value=value, age_s=seconds)


@call.command()
@click.option("--call", "typed", metavar="ID", default=ONLY, help="The call; the only open one if left out.")
@click.argument("digits", nargs=-1, required=True, metavar="DIGITS")
@output_options
def spoken(output: Output, typed: str, digits: tuple[str, ...]) -> None:
    """Enter the 24 digits that a caller without internet reads out from `hotline-probe --local`.

    \b
    Example:
      hotline call spoken 0412 7753 0034 9921 5127 4403
    """
    with connect() as client:
        call_id = pick_call(client, typed)
        facts = client.enter_spoken(call_id, " ".join(digits))
    output.result("spoken", output.texts.did_understand.format(facts=facts), call_id=call_id, facts=facts)


@call.command()
@arguments.id_and_words("[ID] WORD WORD")
@output_options
def confirm(output: Output, words: tuple[str, ...]) -> None:
    """Enter the two words that the caller reads out; they unlock personal facts and actions.

    \b
    Example:
      hotline call confirm anker zebra
    """
    typed, pair = arguments.split_id(words, 2, "hotline call confirm [ID] WORD WORD")
    with connect() as client:
        call_id = pick_call(client, typed)
        confirmed = client.confirm_words(call_id, " ".join(pair))
    if not confirmed:
        raise Refused(output.texts.no_match)
    output.result("words", output.texts.did_match, call_id=call_id, confirmed=confirmed)


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


@call.command()
@arguments.id_and_words("[ID] TEXT")
@output_options
def note(output: Output, words: tuple[str, ...]) -> None:
    """Note something down.

    \b
    Example:
      hotline call note "caller restarted the router twice"
    """
    typed, (text,) = arguments.split_id(words, 1, "hotline call note [ID] TEXT")
    with connect() as client:
        call_id = pick_call(client, typed)
        client.add_note(call_id, text)
    output.result("note", output.texts.did_note, call_id=call_id, text=text)


def _full_screen() -> bool:
    return sys.stdout.isatty() and sys.stdin.isatty() and os.environ.get("TERM") != "dumb"


def _now() -> int:
    return time.time_ns() // 1000
