"""The command line against a real server: output, JSON, exit codes, login, weight."""

from __future__ import annotations

import asyncio
import json
import os
import pty
import select
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hotline_collector.console import credentials
from hotline_collector.console.cli import hotline
from hotline_collector.console.texts import texts_for
from hotline_proto.v1 import agent_pb2 as pb


async def run(*words: str, stdin: str = "") -> Result:
    return await asyncio.to_thread(CliRunner().invoke, hotline, list(words), stdin)


async def test_open_prints_a_code_that_can_be_read_out(logged_in: Any, call_id: str) -> None:
    result = await run("call", "open", "--complaint", "mail", "--check", "a.example:993")
    assert result.exit_code == 0
    assert "123 456 789 012" in result.stdout and call_id in result.stdout
    assert logged_in.state.asked[-1] == pb.OpenCallRequest(complaint="mail", first_check="a.example:993")


async def test_show_tells_the_causes_in_the_chosen_language(logged_in: Any) -> None:
    result = await run("call", "show", "0197a3c2", "--lang", "de", "--facts")
    assert result.exit_code == 0
    assert "Namensserver antwortet nicht" in result.stdout and "system.memory.total = 8 GiB" in result.stdout
    assert "scheitert\n" in result.stdout and "des Anrufers (persönliche Daten)\n" in result.stdout, (
        "whole rows"
    )
    assert "\x1b" not in result.stdout
    assert "\x1b[" in (await run("call", "show", "--color", "always")).stdout


async def test_show_fails_on_causes_only_when_asked(logged_in: Any) -> None:
    assert (await run("call", "show")).exit_code == 0
    assert (await run("call", "show", "--fail-on", "critical")).exit_code == 1
    await logged_in.state.change(lambda call: call.ClearField("causes"))
    assert (await run("call", "show", "--fail-on", "warning")).exit_code == 0
    assert (await run("call", "show", "--fail-on", "info")).exit_code == 1


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        (("list", "--all"), "calls"),
        (("open",), "call_opened"),
        (("show", "-"), "call"),
        (("check", "a.example:993"), "check"),
        (("measure", "load"), "measure"),
        (("add-target", "ssh://root@nas"), "target_added"),
        (("add-target", "ssh://root@nas", "--fingerprint", "SHA256:" + "k" * 43), "target_added"),
        (("add-target", "ssh://root@nas", "--from-collector"), "target_added"),
        (("personal",), "personal"),
        (("answer", "ask.scope.other_devices", "?"), "answer"),
        (("fact", "contract.rate_down=100 Mbit/s", "--age", "2h", "--origin", "CRM"), "fact"),
        (("confirm", "-", "anker", "zebra"), "words"),
        (("propose", "net.dns.resolver_unreachable", "0"), "fix"),
        (("propose", "net.dns.resolver_unreachable", "0", "--owner-agreed"), "fix"),
        (("done", "f1f1"), "fix"),
        (("undo", "-", "f1f1"), "fix"),
        (("code",), "code"),
        (("note", "hello there"), "note"),
        (("disagree", "net.dns.resolver_unreachable", "--cause", "a cat"), "disagreement"),
        (("take",), "taken"),
        (("transfer", "--to", "lea"), "transferred"),
        (("call-back",), "call_back"),
        (("wrap-up",), "wrap_up"),
        (("complaint", "no mail"), "complaint"),
        (("earlier", "K-1"), "earlier_calls"),
        (("resend", "c1"), "resend"),
        (("close", "solved", "--caller-confirmed"), "closed"),
    ],
    ids=lambda value: value if isinstance(value, str) else value[0],
)
async def test_every_command_speaks_json(logged_in: Any, words: tuple[str, ...], kind: str) -> None:
    result = await run("call", *words, "--json")
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    assert (document["version"], document["kind"]) == (1, kind)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("confirm", "anker", "zebra"), "The words match.\n"),
        (("propose", "net.dns.resolver_unreachable"), "Proposed as fix f2f2f2f2f2f2.\n"),
        (("done", "f1f1"), "f1f1f1f1f1f1: verifying\n"),
        (("note", "hello there"), "Noted.\n"),
        (("measure", "-", "load"), "load is being measured.\n"),
        (("personal",), "The caller is being asked.\n"),
        (("disagree", "-", "cccaaa", "--cause", "a cat"), "Noted: not net.test.rule_12, but a cat.\n"),
        (("close", "technician"), "Closed: to a technician.\n"),
        (("note", "hello there", "--lang", "de"), "Notiert.\n"),
        (("close", "technician", "--lang", "de"), "Abgeschlossen: an einen Techniker.\n"),
    ],
    ids=lambda value: value[0],
)
async def test_results_are_on_stdout(logged_in: Any, words: tuple[str, ...], said: str) -> None:
    result = await run("call", *words)
    assert (result.exit_code, result.stdout, result.stderr) == (0, said, "")


async def test_the_end_of_a_call_on_the_command_line(logged_in: Any, tmp_path: Path) -> None:
    said = (await run("call", "wrap-up", "--lang", "de")).stdout
    assert said == (
        "Ergebnis: an die zweite Ebene\nNoch nicht gelöst: nichts belegt es\n"
        "Gilt noch: Anhalten; zurücknehmen: hotline call undo f1f1\n"
        "\nTicket:\n  ticket in de\n  [31mred\n\nZusammenfassung für den Anrufer:\n  summary\n"
    )
    text = tmp_path / "ticket.txt"
    text.write_text("mine")
    result = await run("call", "wrap-up", "--ticket", str(text))
    assert result.stdout == "Kept for the end of the call.\n"
    assert logged_in.state.texts == ("mine", "summary")
    text.write_bytes(b"\xff")
    assert (await run("call", "wrap-up", "--ticket", str(text))).exit_code == 2
    result = await run("call", "report", "--format", "json", "--lang", "de")
    assert (result.exit_code, result.stdout) == (0, "report in de as json\n")
    target = tmp_path / "call.pdf"
    assert (await run("call", "report", "--format", "pdf", "--output", str(target))).exit_code == 0
    assert target.read_text() == "report in en as pdf\n" and target.stat().st_mode & 0o077 == 0
    assert (await run("call", "report", "--output", str(target))).exit_code == 2
    said = (await run("call", "earlier", "K-1")).stdout
    assert "c1 · solved · " in said and "a[31mb" in said and "    Restart it: verified\n" in said
    assert "not recognised here" in (await run("call", "earlier", "off")).stdout


@pytest.mark.parametrize("words", [("open",), ("code",)])
async def test_a_link_is_never_wrapped(logged_in: Any, words: tuple[str, ...]) -> None:
    link = "hotline://localhost:7443/123456789012?ca=" + "ab" * 32 + "&ip=127.0.0.1"
    logged_in.state.code = pb.JoinCode(code="123456789012", address="localhost:7443", link=link)
    said = (await run("call", *words)).stdout.splitlines()
    place = next(number for number, line in enumerate(said) if line == f"Link:      {link}")
    assert said[place + 1 :][:2] == ["Join code: 123 456 789 012", texts_for("en").join_needs_link]
    assert "Address" not in "".join(said)
    code, screen = await asyncio.to_thread(in_terminal, ["call", *words], [])
    assert code == 0 and f"Link:      {link}\r\n" in screen


async def test_json_keeps_every_field_and_numbers_as_numbers(logged_in: Any) -> None:
    call = json.loads((await run("call", "show", "--json")).stdout)["call"]
    assert set(call) == {field.name for field in pb.CallView.DESCRIPTOR.fields}
    assert isinstance(call["now_us"], int) and call["outcome"] == ""
    assert call["causes"][0]["explains"][0]["title"]["de"] == "Bekannter Name scheitert"


async def test_watch_prints_json_lines_until_the_call_is_closed(logged_in: Any) -> None:
    watching = asyncio.create_task(run("call", "watch", "--json"))
    while not logged_in.state.watchers:
        assert not watching.done()
        await asyncio.sleep(0.01)
    await logged_in.state.change(lambda call: setattr(call, "state", "closed"))
    result = await watching
    views = [json.loads(line)["call"] for line in result.stdout.splitlines()]
    assert result.exit_code == 0 and views[-1]["state"] == "closed"


async def test_ages_and_answers_reach_the_collector(logged_in: Any, call_id: str) -> None:
    await run("call", "fact", "operator.outage=true", "--age", "2h", "--origin", "CRM")
    assert logged_in.state.asked[-1] == pb.EnterFactRequest(
        call_id=call_id, fact="operator.outage", value="true", age_s=7200, origin="CRM"
    )
    result = await run("call", "answer", "ask.scope.other_devices", "?")
    sent = [each for each in logged_in.state.asked if isinstance(each, pb.AnswerQuestionRequest)]
    assert sent[-1].value == ""
    assert "SAY NOW: " in result.stdout


async def test_a_disagreement_reaches_the_collector_also_about_what_is_gone(
    logged_in: Any, call_id: str, sample: pb.CallView
) -> None:
    gone = sample.cleared[0]
    await run("call", "disagree", call_id, gone.rule, "--cause", "net.b", "--reason", "seen")
    assert logged_in.state.asked[-1] == pb.DisagreeRequest(
        call_id=call_id, finding_id=gone.finding_id, cause="net.b", reason="seen"
    )
    result = await run("call", "propose", call_id, gone.rule)
    assert result.exit_code == 2 and "there is no finding" in result.stderr


async def test_the_record_of_the_rules_is_told(logged_in: Any) -> None:
    result = await run("rules", "record", "net")
    assert logged_in.state.asked[-1] == pb.ListRuleRecordsRequest(rule_prefix="net")
    assert result.stdout.splitlines() == [
        "net.a  right 12, wrong 18 · confidence 52 % · as written 90 %",
        "net.b  right 1, wrong 0 · confidence 80 %",
        "1 more not judged yet.",
        "",
        "CAUSES OUTSIDE THE PACK",
        "  3× loose cable (instead of net.a)",
    ]
    german = (await run("rules", "record", "--lang", "de")).stdout
    assert "net.a  richtig 12, falsch 18 · Sicherheit 52 % · laut Regel 90 %" in german
    document = json.loads((await run("rules", "record", "--json")).stdout)
    assert (document["kind"], document["records"][2]) == (
        "rule_records",
        {"rule": "net.c", "right": 0, "wrong": 0, "prior": 0.7, "confidence": 0.7},
    )
    assert document["outside"][0]["calls"] == 3


async def test_the_figures_are_told(logged_in: Any) -> None:
    result = await run("figures", "--from", "2026-10-31", "--to", "2026-11-29")
    assert logged_in.state.asked[-1] == pb.GetFiguresRequest(first_day="2026-10-31", last_day="2026-11-29")
    assert result.stdout.splitlines() == [
        "2026-10-31 – 2026-11-29 (UTC)  31 calls",
        "Waiting time  not recorded",
        "Handling time  median 5 min 10 s · 90th percentile 1 h 2 min · 31 calls",
        "Time to cause  fewer than 5",
        "First-call resolution  87.5 % · solved, no repeat so far: 7 · solved, but rang again: "
        "fewer than 5 · customer not known (left out): 23",
        "Fixes proven to help  not recorded",
        "",
        "Outcomes",
        "  solved: 29",
        "  to a technician: fewer than 5",
        "",
        "Most frequent causes",
        "  9 (45 %)  No line (net.a)",
        "  11  other causes, fewer than 5 calls each",
        "  11  no cause found",
        "",
        "Rules: how often they were right",
        "  70 % (7/10)  net.a",
        "  fewer than 5  net.b",
        "",
        "Causes outside the pack",
        "  3  loose cable (instead of net.a)",
    ]
    german = (await run("figures", "--lang", "de", "--days", "30")).stdout
    assert "Beim ersten Anruf gelöst  87,5 % ·" in german and "Keine Leitung (net.a)" in german
    assert "No call was closed" in (await run("figures", "--days", "1")).stdout
    document = json.loads((await run("figures", "--json")).stdout)
    assert (document["kind"], document["figures"]["calls"]) == (
        "figures",
        {"name": "calls", "calls": 31, "few": False},
    )
    assert (await run("figures", "--days", "400")).exit_code == 2


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("call", "opne"), 2, "Did you mean"),
        (("call", "show", "ffff"), 2, "there is no call"),
        (("call", "propose", "zzzz"), 2, "there is no finding"),
        (("call", "fact", "x=1", "--age", "soon"), 2, "is no age"),
        (("call", "note", "a", "b", "c"), 2, "quotes"),
        (("call", "disagree", "zzzz", "--cause", "a cat"), 2, "there is no finding"),
        (("call", "disagree", "net.dns.resolver_unreachable"), 2, "--cause"),
        (("call", "close", "happy"), 2, "a call ends as"),
        (("call", "close", "solved"), 4, "has not confirmed; the caller's word is --caller-confirmed"),
        (("call", "confirm", "anker", "anker"), 4, "not the words"),
        (("call", "check", "nas"), 4, "'nas' names no port[2J"),
        (("call", "show", "0197a3c2-9999-7000-8000-000000000009"), 4, "there is no call"),
    ],
)
async def test_what_cannot_be_ends_with_its_code(
    logged_in: Any, words: tuple[str, ...], code: int, says: str
) -> None:
    result = await run(*words)
    assert result.exit_code == code, result.output
    assert says in result.stderr and result.stdout == ""
    assert "\x1b" not in result.stderr


async def test_ambiguous_ids_are_named(logged_in: Any, sample: pb.CallView) -> None:
    sample.call_id = "0197a3c2-2222-7000-8000-000000000002"
    logged_in.state.calls[sample.call_id] = sample
    for words in (("call", "show"), ("call", "show", "0197a3c2")):
        result = await run(*words)
        assert result.exit_code == 2 and sample.call_id in result.stderr
    assert (await run("call", "show", "0197a3c2-2")).exit_code == 0


async def test_no_login_a_dead_collector_and_a_foreign_one_end_with_3(
    collector: Any, home: Path, other_certificates: Any
) -> None:
    assert (await run("call", "list")).exit_code == 3
    credentials.save(home, collector.login("wrong"))
    result = await run("call", "list")
    assert result.exit_code == 3 and "hotline login" in result.stderr
    foreign = credentials.Login(collector.place, "a", "agent", "t", 0, other_certificates.ca.decode())
    credentials.save(home, foreign)
    result = await run("call", "list")
    assert result.exit_code == 3 and "not the one you trusted" in result.stderr
    await collector.stop()
    result = await run("call", "list")
    assert result.exit_code == 3 and "cannot reach" in result.stderr


async def test_login_keeps_a_token_that_only_its_owner_reads(
    collector: Any, home: Path, ca_page: int, certificates: Any, tmp_path: Path
) -> None:
    words = ("login", "--server", collector.place, "--web-port", str(ca_page), "--user", "anna")
    fingerprint = certificates.fingerprint
    result = await run(*words, "--fingerprint", fingerprint, "--password-file", "-", stdin="right\n")
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith(f"Logged in to {collector.place} as anna")
    path = home / "login.json"
    assert path.stat().st_mode & 0o777 == 0o600
    assert (await run("call", "list")).exit_code == 0
    path.chmod(0o644)
    assert (await run("call", "list")).exit_code == 3
    path.chmod(0o600)
    assert (await run("logout")).exit_code == 0
    assert not path.exists()
    result = await run(*words, "--fingerprint", "0" * 64, "--password-file", "-", stdin="right\n")
    assert result.exit_code == 3 and not path.exists()
    result = await run(*words, "--password-file", "-", stdin="right\n")
    assert result.exit_code == 3 and "nobody is here to compare" in result.stderr
    (tmp_path / "ca.pem").write_bytes(certificates.ca)
    words = (*words, "--ca", str(tmp_path / "ca.pem"), "--password-file", "-")
    result = await run(*words, stdin="wrong\n")
    assert result.exit_code == 4 and "wrong" in result.stderr


async def test_the_account_chooses_the_language_unless_this_command_does(
    collector: Any, home: Path, certificates: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ca.pem").write_bytes(certificates.ca)
    log_in = ("login", "--server", collector.place, "--user", "anna", "--ca", str(tmp_path / "ca.pem"))

    async def heading(*options: str) -> str:
        shown = await run("call", "show", *options)
        assert shown.exit_code == 0, shown.output
        return "de" if "Anruf" in shown.stdout else "en"

    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    for chosen, expected in (("", "en"), ("de", "de"), ("xx", "en"), ("en", "en")):
        collector.state.language = chosen
        assert (await run(*log_in, "--password-file", "-", stdin="right\n")).exit_code == 0
        assert await heading() == expected, chosen
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    assert await heading() == "en" and await heading("--lang", "de") == "de"
    monkeypatch.setenv("HOTLINE_LANG", "de")
    assert await heading() == "de" and await heading("--lang", "en") == "en"
    monkeypatch.setenv("HOTLINE_LANG", "fr")
    refused = await run("call", "show")
    assert refused.exit_code == 2 and "HOTLINE_LANG" in refused.stderr


async def test_a_login_kept_before_accounts_had_a_language_still_holds(logged_in: Any, home: Path) -> None:
    path = home / "login.json"
    kept = json.loads(path.read_text())
    del kept["language"]
    path.write_text(json.dumps(kept))
    assert (await run("call", "list")).exit_code == 0


async def test_the_fingerprint_is_shown_and_confirmed_by_a_human(
    collector: Any, home: Path, ca_page: int, certificates: Any
) -> None:
    words = ["login", "--server", collector.place, "--web-port", str(ca_page), "--user", "anna"]
    refused = await asyncio.to_thread(in_terminal, words, [("start?", "n\n")])
    assert refused[0] == 3 and not (home / "login.json").exists()
    code, said = await asyncio.to_thread(in_terminal, words, [("start?", "y\n"), ("Password", "right\n")])
    assert code == 0, said
    assert certificates.fingerprint[:4] in said and "right" not in said


@pytest.mark.usefixtures("home")
async def test_a_mistyped_password_is_asked_for_again_but_not_for_ever(
    collector: Any, certificates: Any, tmp_path: Path
) -> None:
    (tmp_path / "ca.pem").write_bytes(certificates.ca)
    words = ["login", "--server", collector.place, "--ca", str(tmp_path / "ca.pem"), "--user", "anna"]
    again = "\r\nname or password is wrong; please type it once more\r\nPassword: "
    talk = [("Password: ", "wrong\n"), (again, "right\n")]
    code, said = await asyncio.to_thread(in_terminal, words, talk)
    assert code == 0, said
    talk = [("Password: ", "wrong\n"), (again, "wrong\n"), (again * 2, "wrong\n")]
    code, said = await asyncio.to_thread(in_terminal, words, talk)
    assert code == 4 and said.count("Password:") == 3


def in_terminal(words: list[str], talk: list[tuple[str, str]]) -> tuple[int, str]:
    """Run the command in a terminal of its own; answers each prompt once it is there."""
    ours, theirs = pty.openpty()
    argv = [sys.executable, "-c", "from hotline_collector.console.cli import main; main()", *words]
    process = subprocess.Popen(argv, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True)
    os.close(theirs)
    said = ""
    while select.select([ours], [], [], 30)[0]:
        try:
            chunk = os.read(ours, 4096)
        except OSError:
            break
        said += chunk.decode(errors="replace")
        if talk and talk[0][0] in said:
            os.write(ours, talk.pop(0)[1].encode())
    os.close(ours)
    return process.wait(30), said


def test_call_commands_import_neither_cel_nor_the_store_nor_the_full_screen() -> None:
    code = (
        "import sys\nfrom hotline_collector.console.cli import hotline\n"
        "hotline(['call', '--help'], standalone_mode=False)\n"
        "import json; print(json.dumps(sorted(sys.modules)))"
    )
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    modules = json.loads(output.splitlines()[-1])
    heavy = ("cel_expr_python", "sqlalchemy", "textual", "rich", "pydantic", "hotline_collector.engine")
    assert not [name for name in modules if name.startswith(heavy)]
    assert len(modules) < 600


async def test_how_the_caller_stands_to_personal_facts_is_shown(logged_in: Any) -> None:
    assert "personal facts:" not in (await run("call", "show")).stdout
    await run("call", "personal")
    assert "personal facts: asked" in (await run("call", "show")).stdout
    assert "Persönliches: gefragt" in (await run("call", "show", "--lang", "de")).stdout
