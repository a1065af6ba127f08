"""The commands of `hotline call` about cures: proposed, carried out, taken back, followed, disagreed with."""

from __future__ import annotations

import click

from hotline_collector.console import arguments
from hotline_collector.console.options import Output, connect, output_options
from hotline_collector.console.pick import pick_call, pick_finding, pick_fix
from hotline_collector.model.safe import harmless


@click.command()
@arguments.id_and_words("[ID] FINDING [FIX_INDEX]")
@click.option("--owner-agreed", is_flag=True, help="The owner of a device agrees; nobody is asked there.")
@output_options
def propose(output: Output, words: tuple[str, ...], owner_agreed: bool) -> None:
    """Propose a fix of a finding; `show` lists findings with their fixes.

    FINDING is the beginning of its id (three characters or more) or its rule. An action is done where the
    finding is: on the caller's computer, or on a device over the connection that reads it. On a device that
    the collector reads it is done at once, with the word of its owner (--owner-agreed).

    \b
    Examples:
      hotline call propose net.dns.all_unreachable
      hotline call propose 0197a3c2 f3a91c 1
      hotline call propose svc.unit_failed --owner-agreed
    """
    typed, named, index = arguments.split_proposal(words)
    with connect() as client:
        view = client.get_call(pick_call(client, typed))
        finding = pick_finding(view, named)
        fix_id = client.propose_fix(view.call_id, finding.finding_id, index, owner_agreed=owner_agreed)
    said = output.texts.did_propose.format(fix=fix_id)
    output.result("fix", said, call_id=view.call_id, finding_id=finding.finding_id, fix_id=fix_id)


@click.command()
@arguments.id_and_words("[ID] FIX")
@output_options
def done(output: Output, words: tuple[str, ...]) -> None:
    """Say that the steps of a fix are done; fresh facts then prove it.

    \b
    Example:
      hotline call done 0197a3c9
    """
    _update(output, words, "done")


@click.command()
@arguments.id_and_words("[ID] FIX")
@output_options
def undo(output: Output, words: tuple[str, ...]) -> None:
    """Take a fix back.

    \b
    Example:
      hotline call undo 0197a3c9
    """
    _update(output, words, "undo")


@click.command()
@arguments.id_and_words("[ID] PLAN")
@output_options
def plan(output: Output, words: tuple[str, ...]) -> None:
    """Follow an installation plan step by step; the plan `none` follows none.

    \b
    Examples:
      hotline call plan plan.home_network
      hotline call plan 0197a3c2 none
    """
    typed, (named,) = arguments.split_id(words, 1, "hotline call plan [ID] PLAN")
    followed = "" if named == "none" else named
    with connect() as client:
        call_id = pick_call(client, typed)
        client.follow_plan(call_id, followed)
    texts = output.texts
    said = texts.did_follow.format(plan=followed) if followed else texts.did_follow_none
    output.result("plan", said, call_id=call_id, plan=followed)


@click.command()
@arguments.id_and_words("[ID] FINDING")
@click.option("--cause", required=True, metavar="RULE|TEXT", help="What it was: a rule, or a few words.")
@click.option("--reason", default="", metavar="TEXT", help="How you know.")
@output_options
def disagree(output: Output, words: tuple[str, ...], cause: str, reason: str) -> None:
    """Say that a finding is not the cause, and what it was instead.

    FINDING is the beginning of its id or its rule. It counts when the call is closed; said again, the last
    one counts.

    \b
    Examples:
      hotline call disagree net.dns.all_unreachable --cause net.gateway.unreachable
      hotline call disagree 0197a3c2 f3a91c --cause "cable was loose" --reason "seen by the caller"
    """
    typed, (named,) = arguments.split_id(words, 1, "hotline call disagree [ID] FINDING --cause …")
    with connect() as client:
        view = client.get_call(pick_call(client, typed))
        finding = pick_finding(view, named, cleared=True)
        client.disagree(view.call_id, finding.finding_id, cause, reason)
    output.result(
        "disagreement",
        output.texts.did_disagree.format(rule=harmless(finding.rule), cause=cause),
        call_id=view.call_id,
        finding_id=finding.finding_id,
        rule=finding.rule,
        cause=cause,
        reason=reason,
    )


def _update(output: Output, words: tuple[str, ...], event: str) -> None:
    typed, (named,) = arguments.split_id(words, 1, f"hotline call {event} [ID] FIX")
    with connect() as client:
        view = client.get_call(pick_call(client, typed))
        fix = pick_fix(view, named)
        state = client.update_fix(view.call_id, fix.fix_id, event)
    said = output.texts.word(state)
    output.result("fix", f"{fix.fix_id}: {said}", call_id=view.call_id, fix_id=fix.fix_id, state=state)


COMMANDS = (propose, done, undo, plan, disagree)
