"""The report of a call: the same data in every form, hostile strings as mere words, no personal values."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from hotline_collector.calls.errors import CallError
from hotline_collector.calls.exclusions import Excluded, exclusions
from hotline_collector.calls.reports.build import Closing, build
from hotline_collector.calls.reports.rendering import FORMS, render
from hotline_collector.calls.reports.report import Report
from hotline_collector.calls.reports.texts import MAX_TICKET, caller_summary, plain, ticket_text
from hotline_collector.calls.reports.words import REPORT_WORDS
from hotline_collector.calls.views import call_view
from hotline_collector.model.rule import Text
from hotline_proto.facts import Fact, UnknownReason
from hotline_proto.v1 import agent_pb2 as apb
from hotline_proto.v1 import probe_pb2 as pb
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.pdf_words import words_of_pdf

HOSTILE = [
    "<script>alert(1)</script>",
    "\"'><img src=x onerror=alert(1)>",
    "\x1b[31mred\x1b]0;title\x07",
    "a\u202egnp.exe\u2066x",
    "{0.__class__} {id} %s",
    ") Tj (evil",
    "Łódź Київ 東京 😀",
]


def report_of(call: Any, world: Any, **closing: Any) -> Report:
    view = call_view(call, world.clock.now(), include_facts=True)
    return build(view, exclusions(call), world.catalogue, Closing(**closing))


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}


@pytest.fixture
async def proved(world: Any, join: Any, agent: Any, filesystem: Any) -> Any:
    """Return a call in which a fix was verified, one failed to help, and something stays unknown."""
    probe = await join(world, "disk full at localhost:80", reference="K-7")
    key = "localhost:80"
    probe.tell("checks", Fact("check.tcp_ok", True, key), Fact("check.ok", True, key))
    probe.tell("filesystems", *filesystem(0.99))
    call_id = probe.call.row.id
    finding = next(f.id for f in probe.call.engine.findings().values() if f.rule == "disk.full")
    fix = await world.desk.propose(agent, call_id, finding, 1)
    await world.desk.update_fix(agent, call_id, fix, "done")
    world.pass_time(1)
    probe.tell("filesystems", *filesystem(0.3))
    assert probe.call.fixes.rows[fix].state == "verified"
    await world.desk.answer(agent, call_id, "ask.scope", "works")
    await world.desk.note(agent, call_id, "caller is calm\nand kind")
    return probe


async def test_a_report_says_what_is_found_ruled_out_and_tried(proved: Any, world: Any) -> None:
    report = report_of(proved.call, world, customer_reference="K-7", first_check="localhost:80")
    assert (report.format, report.version) == ("hotline.call-report", 1)
    assert report.call.opened == "2027-01-15T08:00:00Z" and report.call.customer_reference == "K-7"
    assert [fix.state for fix in report.fixes] == ["verified"]
    assert ("passed", "") in {(item.why, item.rule) for item in report.excluded}
    assert [finding.rule for finding in report.cured] == ["disk.full"]
    assert ("complaint", "check.refused") in {(item.why, item.rule) for item in report.excluded}
    assert [answer.answer.de for answer in report.answers] == ["works (de)"]
    text = plain(report, "en")
    assert "FOUND\n- disk.full (/): was the cause and is cured, as measured." in text
    assert "RULED OUT\n- The check of localhost:80 passes.\n- check.refused: would fit" in text
    assert "check.refused: would fit the complaint and is not the case." in text
    assert "- do tidy (/): verified: the fault is gone" in text
    assert "caller is calm\n    and kind" in text and "Computer: linux" in text
    german = plain(report, "de")
    assert "AUSGESCHLOSSEN\n- Die Prüfung von localhost:80 gelingt." in german
    assert "nachgewiesen: der Fehler ist weg" in german and "Kundennummer: K-7" in german
    assert "15.01.2027 08:00:00 UTC" in german


@pytest.mark.parametrize("restart", [False, True])
async def test_what_was_ruled_out_stays_so_when_the_caller_has_hung_up(
    proved: Any, world: Any, agent: Any, restart: bool
) -> None:
    proved.lose()
    world.pass_time(300)
    await world.journal.durable(proved.call.ticket)
    world = await world.crash() if restart else world
    call = world.manager.live(proved.call.row.id)
    assert not [fact for fact in call.engine.facts(1) if fact.fact == "check.ok" and fact.value is True]
    kept = {(item.why, item.rule, item.as_of) for item in report_of(call, world).excluded}
    lost = "2027-01-15T08:00:01Z"
    assert kept >= {("passed", "", lost), ("complaint", "check.refused", lost)}
    said = "The check of localhost:80 passes. (as of 2027-01-15 08:00:01 UTC)"
    assert said in plain(report_of(call, world), "en")
    await world.desk.close(agent, call.row.id, "technician")
    closed = await world.desk.report(agent, call.row.id, "text", "de")
    assert "Die Prüfung von localhost:80 gelingt. (Stand 15.01.2027 08:00:01 UTC)" in closed.data.decode()


async def test_evidence_has_values_and_thresholds(world: Any, join: Any, filesystem: Any) -> None:
    probe = await join(world)
    probe.tell("filesystems", *filesystem(0.987))
    report = report_of(probe.call, world)
    name = "(system.filesystem.utilization, /)"
    english = f"used share of the filesystem, as df shows it {name} = 98.7 % · condition > 95 %"
    german = f"belegter Anteil des Dateisystems, wie df ihn zeigt {name} = 98,7 % · Bedingung > 95 %"
    assert english in plain(report, "en") and english not in plain(report, "de")
    assert german in plain(report, "de") and german not in plain(report, "en")
    assert "belegter Anteil des Dateisystems" in render(report, "html", "de").data.decode()
    data = json.loads(render(report, "json", "en").data)
    [cause] = data["causes"]
    [item] = cause["evidence"]
    assert (item["value"], item["unit"], item["condition"]) == (
        "0.987",
        "1",
        "filesystem.utilization > 0.95",
    )
    assert data["call"]["state"] == "active" and data["fixes"] == []


async def test_a_look_alike_known_to_be_false_is_ruled_out(world: Any, join: Any, filesystem: Any) -> None:
    probe = await join(world)
    probe.tell("filesystems", *filesystem(0.99))
    [cause] = probe.call.engine.causes()
    rule = probe.call.engine.rule(cause.finding)
    object.__setattr__(
        rule,
        "look_alikes",
        {"one.device": Text("others work", "andere gehen"), "nothing.known": Text("x", "x")},
    )
    try:
        assert not [item for item in exclusions(probe.call) if item.why == "look_alike"]
        probe.tell("gateway", Fact("net.gateway.reachable", False))
        await world.desk.answer(world_agent(), probe.call.row.id, "ask.scope", "fails")
        [found] = [item for item in exclusions(probe.call) if item.why == "look_alike"]
        assert (found.rule, found.instead.en) == ("one.device", "disk.full")
        assert "looks like “disk.full” and is not the case" in plain(report_of(probe.call, world), "en")
    finally:
        object.__setattr__(rule, "look_alikes", {})


def world_agent() -> Any:
    from hotline_collector.calls.actor import Actor

    return Actor("mia", "agent")


@pytest.mark.parametrize("allowed", [True, False])
async def test_personal_values_need_the_callers_consent(world: Any, join: Any, allowed: bool) -> None:
    probe = await join(world, "firefox")
    if not allowed:
        probe.frame(consent=pb.ConsentState(granted=[pb.CONSENT_LAYER_BASIC]))
    probe.tell("processes", Fact("process.cpu", 0.99, "7"), Fact("process.name", "firefox", "7"))
    report = report_of(probe.call, world)
    found = {item.fact: item for cause in report.causes for item in cause.evidence}
    assert found["process.name"].withheld is not allowed
    for form in FORMS:
        data = render(report, form, "en").data
        shown = words_of_pdf(data) if form == "pdf" else data.decode()
        assert ("= firefox" in shown or '"value": "firefox"' in shown) is allowed
    assert ("personal, not allowed to be passed on" in plain(report, "en")) is not allowed


async def test_what_is_not_known_is_told_with_its_reason(world: Any, join: Any) -> None:
    probe = await join(world, "slow")
    name = Fact("process.name", UnknownReason.DECLINED, "7")
    probe.tell("processes", Fact("process.cpu", 0.99, "7"), name)
    report = report_of(probe.call, world)
    assert [finding.rule for finding in report.suspected] == ["process.busy"]
    needs = "name of the program (process.name, 7) (declined by the caller); needs the caller's consent"
    assert f"- Perhaps: process.busy (7)\n    {needs}" in plain(report, "en")
    german = plain(report, "de")
    assert "LIESS SICH NICHT KLÄREN" in german and "Name des Programms (process.name, 7)" in german


@pytest.mark.parametrize("lang", ["en", "de"])
async def test_the_callers_summary_is_plain(proved: Any, world: Any, lang: Any) -> None:
    proved.call.row.outcome = "solved"
    said = caller_summary(report_of(proved.call, world), lang)
    expected = {
        "en": ("You called about: disk full", "What we found: disk.full.", "It works again", "do tidy"),
        "de": ("Sie haben angerufen wegen", "Das haben wir gefunden: disk.full (de).", "Es geht wieder"),
    }
    assert all(part in said for part in expected[lang])
    assert "utilization" not in said and proved.call.row.id in said


def hostile_report(text: str) -> Report:
    words = apb.Text(en=text, de=text)
    item = apb.EvidenceView(
        fact=text, entity=text, value=text, condition=text, unit=text, meaning=words, measured_us=1
    )
    lacks = apb.MissingView(fact=text, entity=text, reason=text, settle=text)
    finding = apb.FindingView(
        finding_id=text,
        rule=text,
        entity=text,
        severity="info",
        title=words,
        evidence=[item],
        missing=[lacks],
    )
    finding.explains.append(apb.FindingView(title=words))
    view = apb.CallView(
        call_id="0197a3c2-0000-7000-8000-000000000000",
        state="closed",
        outcome="second_level",
        complaint=text,
        agent=text,
        opened_us=10**15,
        now_us=10**15,
        causes=[finding],
        suspected=[finding],
        targets=[apb.TargetView(name=text, platform=text, consent=[text])],
        questions=[apb.QuestionView(question=text, text=words, answer=text)],
        fixes=[apb.FixView(fix_id=text, title=words, state="verified", detail=text, entity=text)],
        notes=[apb.NoteView(at_us=1, author=text, text=text)],
        disagreements=[apb.DisagreementView(at_us=1, author=text, cause=text, rule=text, reason=text)],
    )
    view.targets[0].sources.add(source=text, status=text, note=text)
    both = Text(text, text)
    ruled_out = [Excluded(why, f"{text}x", both, text, both, 1) for why in ("passed", "cleared")]
    from hotline_proto.catalogue import load_catalogue

    return build(view, ruled_out, load_catalogue(), Closing(text, text, 1, text, text))


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("lang", ["en", "de"])
def test_hostile_strings_are_only_words_in_every_form(text: str, lang: Any) -> None:
    report = hostile_report(text)
    page = render(report, "html", lang).data.decode()
    found = Tags()
    found.feed(page)
    assert not found.tags & {"script", "img", "iframe", "object", "link", "a"}
    assert not {
        name for name in found.attributes if name.startswith("on") or name in ("src", "href", "style")
    }
    for form in ("html", "text", "json"):
        shown = render(report, form, lang).data.decode()
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", shown)
    assert json.loads(render(report, "json", lang).data)["version"] == 1
    shown = words_of_pdf(render(report, "pdf", lang).data)
    assert "Call 0197a3c2" in shown or "Anruf 0197a3c2" in shown
    assert caller_summary(report, lang) and ticket_text(report, lang)


def test_the_same_report_gives_the_same_bytes() -> None:
    for form in FORMS:
        one, other = (render(hostile_report("x"), form, "de") for _ in range(2))
        assert one == other and one.name.startswith("call-0197a3c2")
    with pytest.raises(CallError, match="comes as json, html, pdf, text"):
        render(hostile_report("x"), "docx", "en")


def test_a_report_of_any_size_stays_readable() -> None:
    report = hostile_report("x" * 1_000_000)
    assert len(ticket_text(report, "en")) <= MAX_TICKET
    assert all(len(render(report, form, "en").data) < 300_000 for form in FORMS)


@settings(max_examples=10, deadline=None)
@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=60))
def test_any_text_can_be_rendered(text: str) -> None:
    report = hostile_report(text)
    for form in FORMS:
        assert render(report, form, "de").data


def test_words_are_complete_in_both_languages() -> None:
    assert REPORT_WORDS["en"].keys() == REPORT_WORDS["de"].keys()
    for name, text in REPORT_WORDS["en"].items():
        assert sorted(re.findall(r"{\w*}", text)) == sorted(re.findall(r"{\w*}", REPORT_WORDS["de"][name]))
