"""Rendering: golden text in both languages, and nothing hostile gets through."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import fields

import pytest
from hotline_collector.calls.fixes import FixState
from hotline_collector.console import render
from hotline_collector.console.frame import Frame, shortened
from hotline_collector.console.layout import lay_out
from hotline_collector.console.texts import DE, EN, Texts, default_language
from hotline_collector.model.decisive import decisive
from hotline_collector.model.finding import FindingState
from hotline_collector.model.safe import harmless
from hotline_collector.model.units import condition, duration, human
from hotline_proto.facts import SourceStatus, UnknownReason
from hotline_proto.v1 import agent_pb2 as pb
from hypothesis import given
from hypothesis import strategies as st


def lines(call: pb.CallView, texts: Texts, width: int = 80) -> list[str]:
    frame = Frame(call, call.now_us, texts, call.causes[0].finding_id if call.causes else "")
    return [line.plain for line in lay_out(render.page(frame, include_facts=True), width)]


def test_sources_of_other_platforms_are_no_news_of_a_device(sample: pb.CallView) -> None:
    sources = [
        pb.SourceView(source="nas", status="unsupported", note="it is no storage box"),
        pb.SourceView(source="disks", status="permission", note="/sys may not be read"),
    ]
    sample.targets.append(
        pb.TargetView(
            target=2, name="ssh://root@192.168.1.1", link="connected", device="reading", sources=sources
        )
    )
    text = "\n".join(lines(sample, EN, 200))
    assert "source disks: no permission (/sys may not be read)" in text
    assert "source nas" not in text


@pytest.mark.parametrize("link", ["waiting", "connected", "ended"])
def test_nobody_is_asked_on_a_device(sample: pb.CallView, link: str) -> None:
    del sample.targets[:]
    device = pb.TargetView(target=2, name="ssh://nas", link=link, device="reading", from_collector=True)
    device.consent.append("basic")
    device.personal = "declined"
    sample.targets.append(device)
    shown = lines(sample, EN, 200)
    [at] = [number for number, line in enumerate(shown) if "ssh://nas" in line]
    text = "\n".join(shown[at : at + 2])
    assert "being read (from the collector)" in text
    assert not any(word in text for word in ("consent", "personal facts:", "by the caller", "waiting"))
    assert ("connected" in text) == (link == "connected")


def test_a_fix_on_a_device_says_where(sample: pb.CallView) -> None:
    sample.targets.append(pb.TargetView(target=2, name="ssh://root@192.168.1.1", device="reading"))
    sample.fixes.append(pb.FixView(fix_id="f9", rule="svc.unit_failed", entity="web", state="done", target=2))
    text = "\n".join(lines(sample, EN, 200))
    assert "svc.unit_failed (web) – ssh://root@192.168.1.1" in text


def test_everything_is_told_in_english(sample: pb.CallView) -> None:
    text = "\n".join(lines(sample, EN, 200))
    for expected in (
        "active · agent anna · opened 3 min 5 s ago",
        "Complaint: mail does not work",
        "SAY NOW: The cause is the name server.",
        "Two words not confirmed",
        "connection lost since 12 s, findings kept · consent: basic, personal · way out: eth0 via gw-1",
        "source ping: timeout (after 3 s)",
        "> 1. [!!] Name server does not answer (10.0.0.1)  critical · active · 90 % · for 12 s",
        "- net.resolver.time [10.0.0.1] = 1.35 s (condition > 500 ms; 2 s ago) time to an answer",
        "+ explains: Known name fails",
        "not to be confused with Line is down: all fails",
        "fix 0: Restart the router (by caller · risk low · can be undone)",
        "= 93.4 % (condition > 90 %)",
        "verifying · 12 s left · done 3 s ago",
        "true = yes | false = no | ? = don't know",
        "missing: net.wifi.signal [wlan0] (declined) → needs the caller's consent (personal)",
        "ALSO NOTICED",
        "CLEARED",
        "how to find out: Try the phone.",
        "PLAN: Home network",
        "[ok] Cable  met",
        "[!!] Light  not met",
        "Plug it in.",
        "anna, 30 s ago: not net.test.rule_12, but loose cable",
        "because: the caller saw it",
        "anna, 1 min ago: router is old",
        "system.memory.total = 8 GiB",
    ):
        assert expected in text
    assert "source cpu" not in text


def test_everything_is_told_in_german(sample: pb.CallView) -> None:
    text = "\n".join(lines(sample, DE, 200))
    for expected in (
        "JETZT SAGEN: Die Ursache ist der Namensserver.",
        "Verbindung weg seit 12 s, Befunde bleiben",
        "Namensserver antwortet nicht (10.0.0.1)  kritisch · aktiv · 90 %",
        "= 1,35 s (Bedingung > 500 ms; vor 2 s)",
        "= 93,4 % (Bedingung > 90 %)",
        "wird nachgeprüft · noch 12 s",
        "Anliegen: mail does not work",
        "Weg hinaus: eth0 über gw-1",
        "(durch Anrufer · Risiko: gering · ",
        "true = ja | false = nein | ? = weiß nicht",
        "anna, vor 30 s: nicht net.test.rule_12, sondern loose cable",
        "Grund: the caller saw it",
    ):
        assert expected in text
    assert "; vor 2 s) Zeit bis zur Antwort" in text and "time to an answer" not in text


def test_who_does_a_fix_and_how_risky_it_is_have_words_of_their_own(sample: pb.CallView) -> None:
    option = sample.causes[0].fixes[0]
    option.by, option.risk, sample.outcome = "technician", "none", "technician"
    english, german = ("\n".join(lines(sample, texts, 200)) for texts in (EN, DE))
    assert "(by technician · risk none · " in english and "Outcome: to a technician" in english
    assert "(durch Techniker · Risiko: keines · " in german and "Ergebnis: an einen Techniker" in german


def test_only_the_stricter_of_two_conditions_is_evidence() -> None:
    def shown(*conditions: str) -> list[str]:
        views = [pb.EvidenceView(fact="a.b", entity="x", value="97", condition=text) for text in conditions]
        other = pb.EvidenceView(fact="a.b", entity="y", value="97", condition="> 1")
        return [item.condition for item in decisive([*views, other])][:-1]

    assert shown("> 0.85", "> 0.95") == shown("> 0.95", "> 0.85") == ["> 0.95"]
    assert shown("< 3", "< 2", ">= 1", "> 1") == ["< 2", "> 1"]
    assert shown("max(b) > 5", "b > 4") == ["max(b) > 5", "b > 4"]
    assert shown("== 'x'", "!= 'y'", "== 'x'") == ["== 'x'", "!= 'y'"]


def test_a_code_that_needs_no_link_comes_with_its_address() -> None:
    code = pb.JoinCode(
        code="378010907421", address="help.example.org:7443", link="hotline://h:7443/378010907421"
    )
    said = [line.plain for line in lay_out(render.join_code(code, 0, EN), 80)]
    assert said == [
        "Join code: 378 010 907 421",
        "Address:   378010907421@help.example.org:7443",
        "Link:      hotline://h:7443/378010907421",
    ]


@pytest.mark.parametrize("texts", [EN, DE], ids=["en", "de"])
@pytest.mark.parametrize("width", [40, 80])
def test_no_line_is_wider_than_the_terminal(sample: pb.CallView, texts: Texts, width: int) -> None:
    sample.causes[0].entity = "n" * 10_000
    assert max(map(len, lines(sample, texts, width))) <= width


def test_hostile_text_is_shown_without_its_teeth(sample: pb.CallView, hostile: str) -> None:
    def poison(message: object) -> None:
        for field in message.DESCRIPTOR.fields:  # type: ignore[attr-defined]
            value = getattr(message, field.name)
            if isinstance(value, str) and field.name not in ("state", "link", "severity"):
                setattr(message, field.name, value + hostile)
            elif hasattr(value, "DESCRIPTOR"):
                if message.HasField(field.name):  # type: ignore[attr-defined]
                    poison(value)
            elif not isinstance(value, str | int | float):
                for item in value:
                    if hasattr(item, "DESCRIPTOR"):
                        poison(item)

    poison(sample)
    for line in lines(sample, EN):
        assert not [c for c in line if unicodedata.category(c)[0] == "C"]
    assert "[bold]evil[/bold]" in "\n".join(lines(sample, EN, 400))


@given(st.text())
def test_harmless_text_has_no_control_characters_and_a_limit(text: str) -> None:
    clean = harmless(text, 50)
    assert len(clean) <= 50
    assert not [c for c in clean if unicodedata.category(c)[0] == "C"]


def test_both_languages_say_the_same_things() -> None:
    for field in fields(Texts):
        one, other = getattr(EN, field.name), getattr(DE, field.name)
        if isinstance(one, str) and field.name != "lang":
            assert one and other, field.name
            assert set(re.findall(r"{(\w+)}", one)) == set(re.findall(r"{(\w+)}", other)), field.name
    assert EN.words.keys() == DE.words.keys()
    names = {s.value for s in FindingState} | {s.value for s in FixState}
    names |= {r.word for r in UnknownReason} | {s.word for s in SourceStatus}
    assert names <= EN.words.keys()


@pytest.mark.parametrize(
    ("value", "unit", "english", "german"),
    [
        ("1288490189", "By", "1.2 GiB", "1,2 GiB"),
        ("0.35", "s", "350 ms", "350 ms"),
        ("0.93", "1", "93 %", "93 %"),
        ("94000000", "bit/s", "94 Mbit/s", "94 Mbit/s"),
        ("1536", "By/s", "1.5 KiB/s", "1,5 KiB/s"),
        ("71.5", "Cel", "71.5 °C", "71,5 °C"),
        ("-67", "dBm", "-67 dBm", "-67 dBm"),
        ("7384", "s", "2 h 3 min", "2 h 3 min"),
        ("true", "", "yes", "ja"),
        ("eth0\x1b[2J", "", "eth0[2J", "eth0[2J"),
        ("3", "{address}", "3", "3"),
        ("1e999", "s", "1e999", "1e999"),
        ("", "s", "", ""),
    ],
)
def test_values_have_their_human_form(value: str, unit: str, english: str, german: str) -> None:
    assert human(value, unit, "en") == english
    assert human(value, unit, "de") == german


@given(st.floats(allow_nan=False, allow_infinity=False), st.sampled_from(["1", "s", "By", "bit/s", "Hz", ""]))
def test_every_number_can_be_shown(number: float, unit: str) -> None:
    assert human(repr(number), unit, "de")


def test_conditions_get_the_unit_of_the_fact() -> None:
    assert condition("> 0.9", "1", "en", "system.cpu.utilization") == "> 90 %"
    assert condition('matches(appl.washer.code, "(?i)^E18$")', "", "en", "appl.washer.code") == ""
    assert condition("not resolver.reachable", "", "en", "x") == "not resolver.reachable"
    assert duration(0, "en") == "0 s"


def test_short_ids_are_unique() -> None:
    assert shortened(["aaaaaaaa1", "aaaaaaaa2", "b"]) == {
        "aaaaaaaa1": "aaaaaaaa1",
        "aaaaaaaa2": "aaaaaaaa2",
        "b": "b",
    }


def test_the_locale_chooses_the_language() -> None:
    assert default_language({"LC_ALL": "de_AT.UTF-8", "LANG": "en_US"}) == "de"
    assert default_language({"LC_ALL": "", "LANG": "en_US"}) == "en"
