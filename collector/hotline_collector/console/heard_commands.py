"""The commands of `hotline call` that enter what people and the operator's systems say."""

from __future__ import annotations

import click

from hotline_collector.console import arguments
from hotline_collector.console.asking import meant_answer, next_lines
from hotline_collector.console.errors import Refused
from hotline_collector.console.options import Output, connect, output_options
from hotline_collector.console.pick import ONLY, pick_call


@click.command()
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


@click.command()
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


@click.command()
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


@click.command()
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


@click.command()
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


COMMANDS = (answer, fact, spoken, confirm, note)
