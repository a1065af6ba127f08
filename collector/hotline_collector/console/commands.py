"""The commands of `hotline call`: one call from its opening to its end.

What the commands import for themselves (Rich, Textual) is what only they need.
"""

from __future__ import annotations

import os
import sys
import time

import click

from hotline_collector.console import arguments
from hotline_collector.console.errors import EXIT_FINDING, Refused, UsageFault
from hotline_collector.console.options import REASON, Output, connect, output_options
from hotline_collector.console.pick import ONLY, pick_call, pick_finding, pick_fix
from hotline_collector.model.safe import harmless
from hotline_collector.rulepack.help_group import HelpGroup

_HELP = """Work on a call.

An ID may be shortened as long as only one call fits; `-` or no ID means the only open call.

\b
Examples:
  hotline call open --complaint "mail does not work"
  hotline call watch
  hotline call answer ask.scope.other_devices true
  hotline call propose net.dns.all_unreachable
  hotline call close solved --caller-confirmed
  hotline call --reason "anna is ill" show 0197a3c2-7d1e-7c4a-9d5b-2f6e8a1b3c4d
"""
_OUTCOMES = ("solved", "second_level", "technician", "abandoned")


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
    """Answer a question for the caller; the value "?" means "don't know".

    \b
    Examples:
      hotline call answer ask.scope.other_devices true
      hotline call answer - ask.scope.other_devices ?
    """
    typed, (question, value) = arguments.split_id(words, 2, "hotline call answer [ID] QUESTION VALUE")
    value = arguments.parse_answer(value)
    with connect() as client:
        call_id = pick_call(client, typed)
        client.answer(call_id, question, value)
    shown = value or output.texts.dont_know
    output.result("answer", f"{question}: {shown}", call_id=call_id, question=question, value=value)


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
@arguments.id_and_words("[ID] FINDING [FIX_INDEX]")
@output_options
def propose(output: Output, words: tuple[str, ...]) -> None:
    """Propose a fix of a finding; `show` lists findings with their fixes.

    FINDING is the beginning of its id (three characters or more) or its rule. An action is done where the
    finding is: on the caller's computer, or on a device over the connection that reads it.

    \b
    Examples:
      hotline call propose net.dns.all_unreachable
      hotline call propose 0197a3c2 f3a91c 1
    """
    typed, named, index = arguments.split_proposal(words)
    with connect() as client:
        view = client.get_call(pick_call(client, typed))
        finding = pick_finding(view, named)
        fix_id = client.propose_fix(view.call_id, finding.finding_id, index)
    said = output.texts.did_propose.format(fix=fix_id)
    output.result("fix", said, call_id=view.call_id, finding_id=finding.finding_id, fix_id=fix_id)


@call.command()
@arguments.id_and_words("[ID] FIX")
@output_options
def done(output: Output, words: tuple[str, ...]) -> None:
    """Say that the steps of a fix are done; fresh facts then prove it.

    \b
    Example:
      hotline call done 0197a3c9
    """
    _update(output, words, "done")


@call.command()
@arguments.id_and_words("[ID] FIX")
@output_options
def undo(output: Output, words: tuple[str, ...]) -> None:
    """Take a fix back.

    \b
    Example:
      hotline call undo 0197a3c9
    """
    _update(output, words, "undo")


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


@call.command()
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


@call.command()
@arguments.id_and_words("[ID] FILE")
@click.option("--subject", is_flag=True, help="A text for the caller instead: everything that is kept.")
@output_options
def export(output: Output, words: tuple[str, ...], subject: bool) -> None:
    """Write the record of a call into a file that `hotline rules replay` and `hotline call import` read.

    It holds everything that the probe and humans said in the call: treat it like the call itself. For a
    caller who wants to know what is kept of them, give them both this file and the one of --subject.

    \b
    Examples:
      hotline call export 0197a3c2 call.hlb
      hotline call export 0197a3c2 call.txt --subject --lang de
    """
    typed, (name,) = arguments.split_id(words, 1, "hotline call export [ID] FILE")
    with connect() as client:
        call_id = pick_call(client, typed)
        if subject:
            data = client.export_subject(call_id, output.texts.lang).encode()
        else:
            data = client.export_record(call_id)
    path = arguments.write_new(name, data)
    output.result("export", f"{path}: {len(data)} bytes.", call_id=call_id, file=str(path), bytes=len(data))


@call.command()
@click.argument("typed", metavar="ID")
@click.option("--reason", required=True, metavar="TEXT", help="Why; stays in the audit trail: name nobody.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@output_options
def erase(output: Output, typed: str, reason: str, yes: bool) -> None:
    """Erase a call for good, with everything that is kept of it; for leads and admins.

    A connected probe ends. Copies of the database cannot bring it back.

    \b
    Example:
      hotline call erase 0197a3c2 --reason "the caller asked for it"
    """
    with connect() as client:
        call_id = pick_call(client, typed)
        if not yes:
            _confirm_erasing(output, call_id)
        client.erase_call(call_id, reason)
    output.result("erased", output.texts.did_erase, call_id=call_id)


@call.command()
@arguments.id_and_words("[ID] OUTCOME")
@click.option("--caller-confirmed", is_flag=True, help="The caller says that it works again.")
@click.option("--note", "text", default="", metavar="TEXT", help="Note something down with it.")
@output_options
def close(output: Output, words: tuple[str, ...], caller_confirmed: bool, text: str) -> None:
    """Close a call as solved, second_level, technician or abandoned.

    It is closed with the texts of `hotline call wrap-up`.

    \b
    Examples:
      hotline call close solved --caller-confirmed
      hotline call close 0197a3c2 technician --note "socket is broken"
    """
    typed, (outcome,) = arguments.split_id(words, 1, "hotline call close [ID] OUTCOME")
    if outcome not in _OUTCOMES:
        raise click.UsageError(f"a call ends as {', '.join(_OUTCOMES)}, not {outcome!r}")
    with connect() as client:
        call_id = pick_call(client, typed)
        state = client.close_call(
            call_id, outcome, text, caller_confirmed=caller_confirmed, language=output.texts.lang
        )
    said = output.texts.did_close.format(outcome=output.texts.word(outcome))
    output.result("closed", said, call_id=call_id, state=state, outcome=outcome)


def _update(output: Output, words: tuple[str, ...], event: str) -> None:
    typed, (named,) = arguments.split_id(words, 1, f"hotline call {event} [ID] FIX")
    with connect() as client:
        view = client.get_call(pick_call(client, typed))
        fix = pick_fix(view, named)
        state = client.update_fix(view.call_id, fix.fix_id, event)
    said = output.texts.word(state)
    output.result("fix", f"{fix.fix_id}: {said}", call_id=view.call_id, fix_id=fix.fix_id, state=state)


def _full_screen() -> bool:
    return sys.stdout.isatty() and sys.stdin.isatty() and os.environ.get("TERM") != "dumb"


def _now() -> int:
    return time.time_ns() // 1000


def _confirm_erasing(output: Output, call_id: str) -> None:
    if not sys.stdin.isatty():
        raise UsageFault("nobody is here to be asked; pass --yes")
    if not click.confirm(output.texts.ask_erase.format(call=call_id), err=True):
        raise UsageFault("nothing was erased")
