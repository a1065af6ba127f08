"""The commands of `hotline call` that have something measured or asked at the caller's side."""

from __future__ import annotations

import click

from hotline_collector.console import arguments
from hotline_collector.console.options import Output, connect, output_options
from hotline_collector.console.pick import ONLY, pick_call


@click.command()
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


@click.command("add-target")
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


@click.command()
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


@click.command()
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


COMMANDS = (check, add_target, measure, personal)
