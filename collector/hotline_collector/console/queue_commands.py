"""The commands around the queue: who waits, taking, handing over, calling back, outages."""

from __future__ import annotations

import click

from hotline_collector.console.options import Output, connect, output_options
from hotline_collector.console.pick import ONLY, pick_call
from hotline_collector.console.queue_words import QUEUE_TEXTS
from hotline_collector.model.safe import harmless

_NAME = 64


@click.command()
@output_options
def queue(output: Output) -> None:
    """List the callers who wait, next first, and the known outages.

    \b
    Examples:
      hotline queue
      hotline queue --json | jq .queue.waiting
    """
    from hotline_collector.console import render_queue  # noqa: PLC0415

    with connect() as client:
        answer = client.list_queue()
    rows = [] if output.as_json else render_queue.page(answer, output.texts)
    output.data("queue", rows, queue=answer)


@click.command()
@click.argument("typed", metavar="[ID]", default="")
@output_options
def take(output: Output, typed: str) -> None:
    """Take a caller from the queue; without an ID the next one who waits for you.

    \b
    Examples:
      hotline call take
      hotline call take 0197a3c2
    """
    with connect() as client:
        call_id = client.take_call(pick_call(client, typed) if typed else "")
    said = QUEUE_TEXTS[output.texts.lang]["taken"].format(call=harmless(call_id, _NAME))
    output.result("taken", said, call_id=call_id)


@click.command()
@click.argument("typed", metavar="[ID]", default=ONLY)
@click.option("--to", default="", metavar="NAME", help="The agent it is for; anyone if left out.")
@click.option("--note", default="", metavar="TEXT", help="What the next one should know.")
@output_options
def transfer(output: Output, typed: str, to: str, note: str) -> None:
    """Put a call into the queue again; it keeps its diagnosis and its place in the order.

    \b
    Examples:
      hotline call transfer --note "needs somebody who knows printers"
      hotline call transfer 0197a3c2 --to lea
    """
    words = QUEUE_TEXTS[output.texts.lang]
    with connect() as client:
        call_id = pick_call(client, typed)
        client.transfer_call(call_id, to, note)
    said = words["transferred"].format(name=to or words["anyone"])
    output.result("transferred", said, call_id=call_id, to_agent=to, note=note)


@click.command("call-back")
@click.argument("typed", metavar="[ID]", default=ONLY)
@output_options
def call_back(output: Output, typed: str) -> None:
    """Say that you are calling a caller back now, and show the number; one who waits is taken with it.

    \b
    Example:
      hotline call call-back 0197a3c2
    """
    with connect() as client:
        call_id = pick_call(client, typed)
        number = client.call_back(call_id)
    said = QUEUE_TEXTS[output.texts.lang]["call_number"].format(number=harmless(number, _NAME))
    output.result("call_back", said, call_id=call_id, number=number)


@click.command()
@click.argument("rule")
@click.argument("state", type=click.Choice(["announced", "dismissed"]))
@output_options
def outage(output: Output, rule: str, state: str) -> None:
    """Say that an outage which `hotline queue` lists is announced to callers, or that it is none.

    Callers in the waiting room who have the same cause are then told so on their page.

    \b
    Example:
      hotline outage net.dns.all_unreachable announced
    """
    with connect() as client:
        client.mark_outage(rule, state)
    said = QUEUE_TEXTS[output.texts.lang][f"marked_{state}"]
    output.result("outage", said, rule=rule, state=state)
