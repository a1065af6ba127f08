"""What agents enter, ask and close; bad input gives one clear error."""

from __future__ import annotations

from typing import Any

import pytest
from hotline_collector.calls import entering
from hotline_collector.calls.actor import Actor
from hotline_collector.calls.checks import check_in, parse_check
from hotline_collector.calls.errors import CallError
from hotline_proto.catalogue import Catalogue
from hotline_proto.facts import Fact
from hotline_proto.v1 import probe_pb2 as pb
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    "text",
    [
        "mail.example.org:993",
        "https://intranet",
        "http://[::1]:8080/x",
        "192.0.2.1:443",
        "[2001:db8::1]:22",
        "imaps://mail.example.org",
        "smtp://mail.example.org:587",
        "pop3s://mail.example.org/",
    ],
)
def test_what_can_be_checked(text: str) -> None:
    assert parse_check(f" {text} ") == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "mail.example.org",
        "mail.example.org:0",
        "mail.example.org:99999",
        "ftp://files",
        "imap://user@mail.example.org",
        "imap://mail.example.org/INBOX",
        "https://",
        "https://user:secret@host/",
        "host:80/path",
        "a b:80",
        "host:80\n",
        "http://169.254.169.254/latest",
        "[fd00:ec2::254]:80",
        "224.0.0.1:80",
        "0.0.0.0:80",
        "10.0.0.0/24:80",
        "x" * 300 + ":80",
        "http://[::1",
    ],
)
def test_what_cannot_be_checked(text: str) -> None:
    with pytest.raises(CallError):
        parse_check(text if "\n" not in text else f"a{text}b")


def test_a_check_is_not_longer_than_a_key() -> None:
    longest = "https://intranet/" + "x" * 111
    assert parse_check(longest) == longest
    with pytest.raises(CallError, match="longer than 128 characters"):
        parse_check(longest + "x")
    assert check_in(f"it is {longest}x") == ""


@given(st.text(max_size=80))
def test_no_text_breaks_the_parser(text: str) -> None:
    try:
        named = parse_check(text)
    except CallError:
        return
    assert parse_check(named) == named


@pytest.mark.parametrize(
    ("complaint", "named"),
    [
        ("Mail geht nicht (imap.example.org:993)!", "imap.example.org:993"),
        ("Versand über smtp://mail.example.org:587, seit gestern.", "smtp://mail.example.org:587"),
        ("imaps://mail.example.org hängt", "imaps://mail.example.org"),
        ("https://intranet.example.org/x lädt nicht.", "https://intranet.example.org/x"),
        ("nothing on 127.0.0.1:8080, really", "127.0.0.1:8080"),
        ("at 10:30 the internet was gone", ""),
        ("the disk is full", ""),
    ],
)
def test_a_complaint_can_name_its_check(complaint: str, named: str) -> None:
    assert check_in(complaint) == named


@pytest.mark.parametrize(
    ("name", "text", "field", "value"),
    [
        ("contract.rate_down", "100 Mbit/s", "number", 100e6),
        ("operator.outage", "Ja", "truth", True),
        ("line.sync", "false", "truth", False),
        ("ask.scope", "works", "text", "works"),
        ("ask.smell", "no", "truth", False),
    ],
)
def test_facts_that_can_be_entered(
    catalogue: Catalogue, rules: Any, name: str, text: str, field: str, value: object
) -> None:
    fact = entering.entered(catalogue, rules.pack.questions, name, text)
    assert fact.WhichOneof("value") == field
    assert getattr(fact, field) == value


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("contract.rate_down", "100", "needs a unit"),
        ("contract.rate_down", "100 ms", "measured in bit/s"),
        ("contract.rate_down", "100 parsec", "not a unit"),
        ("contract.rate_down", "9" * 40 + " bit/s", "not a number that can be meant"),
        ("operator.outage", "maybe", "true or false"),
        ("operator.outages", "true", "there is no fact"),
        ("system.cpu.utilization", "0.1", "measured, not entered"),
        ("net.gateway.reachable", "true", "measured, not entered"),
        ("ask.scope", "explodes", "works, fails"),
    ],
)
def test_facts_that_cannot_be_entered(
    catalogue: Catalogue, rules: Any, name: str, text: str, says: str
) -> None:
    with pytest.raises(CallError, match=says):
        entering.entered(catalogue, rules.pack.questions, name, text)


@given(st.sampled_from(["contract.rate_down", "operator.outage", "ask.scope", "x"]), st.text(max_size=40))
def test_no_value_breaks_the_reader(catalogue: Catalogue, rules: Any, name: str, text: str) -> None:
    try:
        fact = entering.entered(catalogue, rules.pack.questions, name, text)
    except CallError:
        return
    assert fact.WhichOneof("value")


async def test_an_entered_fact_keeps_origin_and_age(world: Any, join: Any, agent: Actor) -> None:
    probe = await join(world)
    call_id = probe.call.row.id
    await world.desk.enter_fact(
        agent, call_id, "contract.rate_down", "50 Mbit/s", age_s=3600, origin="billing"
    )
    view = await world.desk.view(agent, call_id, include_facts=True)
    [fact] = [f for f in view.facts if f.fact == "contract.rate_down"]
    assert (fact.value, fact.unit, fact.origin) == ("5e+07", "bit/s", "operator")
    assert fact.measured_us == world.clock.now() - 3_600_000_000
    with pytest.raises(CallError, match="age"):
        await world.desk.enter_fact(agent, call_id, "operator.outage", "true", age_s=-1)


async def test_dont_know_is_an_answer(world: Any, join: Any, agent: Actor) -> None:
    probe = await join(world)
    call_id = probe.call.row.id
    await world.desk.answer(agent, call_id, "ask.scope", "")
    view = await world.desk.view(agent, call_id, include_facts=True)
    assert [f.unknown for f in view.facts if f.fact == "ask.scope"] == ["declined"]
    with pytest.raises(CallError, match="no question"):
        await world.desk.answer(agent, call_id, "operator.outage", "true")


async def test_a_check_is_asked_for_until_the_caller_decides(world: Any, join: Any, agent: Actor) -> None:
    probe = await join(world, "cannot reach mail.example.org:993")
    assert [c.check for c in probe.link.bodies("check")] == ["mail.example.org:993"]
    await world.desk.add_check(agent, probe.call.row.id, "localhost:80")
    probe.frame(check=pb.CheckDecision(check="mail.example.org:993", allowed=True))
    probe.connect()
    assert [c.check for c in probe.link.bodies("check")] == ["localhost:80"]


async def test_solved_needs_caller_check_and_proof(world: Any, join: Any, agent: Actor) -> None:
    probe = await join(world, "cannot reach localhost:80")
    call_id = probe.call.row.id

    def measured(*, ok: bool) -> None:
        key = "localhost:80"
        probe.tell("checks", Fact("check.tcp_ok", ok, key), Fact("check.ok", ok, key))

    measured(ok=False)
    world.pass_time(1)
    with pytest.raises(CallError, match=r"caller has not confirmed.*check of localhost:80 does not pass"):
        await world.desk.close(agent, call_id, "solved")
    [cause] = probe.call.engine.causes()
    fix_id = await world.desk.propose(agent, call_id, cause.finding.id, 0)
    await world.desk.update_fix(agent, call_id, fix_id, "done")
    with pytest.raises(CallError, match="still being verified"):
        await world.desk.close(agent, call_id, "solved", caller_confirmed=True)
    world.pass_time(1)
    measured(ok=True)
    world.pass_time(30)
    # Readings are old by now: what was true half a minute ago proves nothing.
    with pytest.raises(CallError, match="on fresh readings"):
        await world.desk.close(agent, call_id, "solved", caller_confirmed=True)
    measured(ok=True)
    assert await world.desk.close(agent, call_id, "solved", caller_confirmed=True) == "closed"


async def test_without_a_check_something_else_must_bear_it_out(
    world: Any, join: Any, filesystem: Any, agent: Actor
) -> None:
    probe = await join(world, "disk full")
    call_id = probe.call.row.id
    with pytest.raises(
        CallError, match=r"nothing bears it out.*add a check, carry out a fix, or hand the call over"
    ):
        await world.desk.close(agent, call_id, "solved", caller_confirmed=True)
    probe.tell("filesystems", *filesystem(0.99))
    [cause] = probe.call.engine.causes()
    fix_id = await world.desk.propose(agent, call_id, cause.finding.id, 1)
    await world.desk.update_fix(agent, call_id, fix_id, "declined")
    await world.desk.answer(agent, call_id, "ask.smell", "")
    with pytest.raises(CallError, match=r"nothing bears it out"):
        await world.desk.close(agent, call_id, "solved", caller_confirmed=True)
    fix_id = await world.desk.propose(agent, call_id, cause.finding.id, 1)
    await world.desk.update_fix(agent, call_id, fix_id, "done")
    world.pass_time(1)
    probe.tell("filesystems", *filesystem(0.3))
    assert probe.call.fixes.rows[fix_id].state == "verified"
    with pytest.raises(CallError, match="caller has not confirmed"):
        await world.desk.close(agent, call_id, "solved")
    assert await world.desk.close(agent, call_id, "solved", caller_confirmed=True) == "closed"


async def test_without_a_check_only_an_answer_about_the_complaint_bears_it_out(
    world: Any, join: Any, agent: Actor
) -> None:
    probe = await join(world, "my page")
    call_id = probe.call.row.id

    async def close() -> str:
        return str(await world.desk.close(agent, call_id, "solved", caller_confirmed=True))

    wanted = r"nothing bears it out.*; ask the caller “Other devices\?” \(ask\.scope\), add a check"
    for question, value in (("ask.smell", "no"), ("ask.scope", "")):
        await world.desk.answer(agent, call_id, question, value)
        with pytest.raises(CallError, match=wanted):
            await close()
    shown = (await world.desk.wrap_up(agent, call_id, "solved", "de")).lacking_words
    assert "fragen Sie den Anrufer „Other devices? (de)“ (ask.scope), fügen" in shown[0].de
    probe.tell("ping", Fact("net.gateway.reachable", True))
    await world.desk.answer(agent, call_id, "ask.scope", "works")
    assert [cause.finding.rule for cause in probe.call.engine.causes()] == ["one.device"]
    with pytest.raises(CallError, match="nothing bears it out"):
        await close()
    world.pass_time(1)
    # What the proof of the cause asks is answered otherwise than when the cause was found.
    probe.tell("ping", Fact("net.gateway.reachable", True))
    await world.desk.answer(agent, call_id, "ask.scope", "fails")
    assert await close() == "closed"


async def test_the_complaints_own_question_bears_it_out_while_nothing_is_found(
    world: Any, join: Any, agent: Actor
) -> None:
    probe = await join(world, "my page")
    await world.desk.answer(agent, probe.call.row.id, "ask.scope", "works")
    assert not probe.call.engine.causes()
    closed = await world.desk.close(agent, probe.call.row.id, "solved", caller_confirmed=True)
    assert closed == "closed"


async def test_an_answer_says_nothing_about_another_complaint(world: Any, join: Any, agent: Actor) -> None:
    probe = await join(world, "disk full")
    await world.desk.answer(agent, probe.call.row.id, "ask.scope", "works")
    with pytest.raises(CallError, match="no fix is verified; add a check, carry out a fix, or hand"):
        await world.desk.close(agent, probe.call.row.id, "solved", caller_confirmed=True)


async def test_a_check_that_passed_before_the_last_fix_proves_nothing(
    world: Any, join: Any, filesystem: Any, agent: Actor
) -> None:
    probe = await join(world, "cannot reach localhost:80")
    call_id = probe.call.row.id

    def passes() -> None:
        probe.tell(
            "checks", Fact("check.tcp_ok", True, "localhost:80"), Fact("check.ok", True, "localhost:80")
        )

    passes()
    probe.tell("filesystems", *filesystem(0.99))
    [cause] = probe.call.engine.causes()
    world.pass_time(1)
    fix_id = await world.desk.propose(agent, call_id, cause.finding.id, 1)
    await world.desk.update_fix(agent, call_id, fix_id, "done")
    world.pass_time(1)
    probe.tell("filesystems", *filesystem(0.3))
    with pytest.raises(CallError, match="on fresh readings"):
        await world.desk.close(agent, call_id, "solved", caller_confirmed=True)
    passes()
    assert await world.desk.close(agent, call_id, "solved", caller_confirmed=True) == "closed"


async def test_bad_input_is_refused_with_a_reason(world: Any, join: Any, agent: Actor) -> None:
    probe = await join(world)
    call_id = probe.call.row.id
    with pytest.raises(CallError, match="ends as solved"):
        await world.desk.close(agent, call_id, "happy")
    with pytest.raises(CallError, match="no open call"):
        await world.desk.close(agent, "nope", "solved")
    with pytest.raises(CallError, match="at least one character"):
        await world.desk.note(agent, call_id, "  ")
    with pytest.raises(CallError, match="at most 2000"):
        await world.desk.open(agent, "x" * 2001)
    with pytest.raises(CallError, match="no fix"):
        await world.desk.update_fix(agent, call_id, "nope", "done")
    with pytest.raises(CallError, match="no call"):
        await world.desk.view(agent, "nope", include_facts=False)


async def test_nothing_is_lost_while_the_disk_is_full(
    world: Any, join: Any, filesystem: Any, agent: Actor
) -> None:
    probe = await join(world)
    world.journal.full = True
    with pytest.raises(CallError, match="cannot write to its disk"):
        probe.tell("filesystems", *filesystem(0.99))
    with pytest.raises(CallError, match="cannot write to its disk"):
        await world.desk.answer(agent, probe.call.row.id, "ask.smell", "true")
    world.pass_time(5)
    world.journal.full = False
    probe.seq = probe.session.seq
    probe.encoder.forget()
    probe.tell("filesystems", *filesystem(0.99))
    world.pass_time(1)
    assert [c.finding.rule for c in probe.call.engine.causes()] == ["disk.full"]


async def test_a_second_join_takes_the_place_of_the_first(world: Any, join: Any, agent: Actor) -> None:
    probe = await join(world)
    first = probe.link
    code = await world.desk.renew_code(agent, probe.call.row.id)
    assert await world.codes.redeem(code.code, "::1") == (probe.call.row.id, 1)
    assert "?ca=abab" in code.link
    _token, call, session = await world.manager.join(probe.call.row.id, pb.ProbeInfo(platform="linux"), b"")
    assert first.ended == ["bye replaced"]
    assert probe.session.state == "ended"
    assert call.sessions[1] is session
    assert not call.row.words_confirmed


async def test_measuring_at_once_asks_the_probe(world: Any, join: Any, agent: Actor) -> None:
    probe = await join(world)
    call_id = probe.call.row.id
    await world.desk.measure(agent, call_id, "load")
    assert [list(body.sources) for body in probe.link.bodies("follow_up")][-1] == ["load"]
    assert ("agent:mia", "source.measure", call_id, "load") in world.store.trail
    with pytest.raises(CallError, match="being measured already"):
        await world.desk.measure(agent, call_id, "load")
    world.pass_time(5)
    await world.desk.measure(agent, call_id, "load")


@pytest.mark.parametrize(
    ("source", "kind"), [("contract", "invalid"), ("operator", "invalid"), ("x" * 10_000, "invalid")]
)
async def test_what_no_probe_measures_is_refused(
    world: Any, join: Any, agent: Actor, source: str, kind: str
) -> None:
    probe = await join(world)
    with pytest.raises(CallError) as caught:
        await world.desk.measure(agent, probe.call.row.id, source)
    assert caught.value.kind.value == kind and len(str(caught.value)) < 200


async def test_nothing_is_measured_without_a_link_or_consent(world: Any, join: Any, agent: Actor) -> None:
    probe = await join(world)
    probe.frame(consent=pb.ConsentState())
    with pytest.raises(CallError, match="has not allowed"):
        await world.desk.measure(agent, probe.call.row.id, "load")
    probe.lose()
    with pytest.raises(CallError, match="not connected"):
        await world.desk.measure(agent, probe.call.row.id, "load")
