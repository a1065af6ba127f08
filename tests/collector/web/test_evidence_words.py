"""Evidence in German and English: the same call on the page, in the terminal and in the report."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hotline_collector.calls.actor import Actor
from hotline_collector.calls.exclusions import exclusions
from hotline_collector.calls.reports.build import build
from hotline_collector.calls.reports.rendering import render
from hotline_collector.calls.reports.texts import plain
from hotline_collector.calls.views import call_view
from hotline_collector.console import render as screen
from hotline_collector.console.frame import Frame
from hotline_collector.console.layout import lay_out
from hotline_collector.console.texts import DE, EN
from hotline_collector.engine.ruleset import RuleSet
from hotline_collector.rulepack.loader import load_installed
from hotline_proto.facts import Events, Fact, UnknownReason
from hotline_proto.v1 import agent_pb2 as pb

REFUSED = "router.internet.login_refused"
MEANT = {
    "en": "why the router's connection last failed or ended",
    "de": "warum die Verbindung des Routers zuletzt scheiterte oder endete",
}
HOLD_US = 11_000_000
SAID = {"en": "login refused", "de": "Anmeldung abgelehnt"}
STATUS = {
    "en": "the router's connection to the provider",
    "de": "Verbindung des Routers zum Anbieter",
}


@pytest.fixture(scope="module")
def shipped(catalogue: Any) -> RuleSet:
    return load_installed(catalogue)


async def refused(world: Any, join: Any, status: Any = "connecting") -> Any:
    """Return the probe of a call whose router is refused by the provider."""
    probe = await join(world, "no internet")
    probe.tell("homerouter", Fact("router.wan.error", "login"), Fact("router.wan.status", status))
    world.manager.around.deadlines.fire(world.clock.now() + HOLD_US)
    return probe


def view_of(world: Any, probe: Any) -> pb.CallView:
    return call_view(probe.call, world.clock.now(), include_facts=True)


@pytest.mark.parametrize("lang", ["en", "de"])
async def test_the_page_tells_evidence_in_the_agents_language(
    site: Any, join: Any, shipped: RuleSet, lang: str
) -> None:
    await site.world.change_rules(shipped)
    probe = await refused(site.world, join)
    other = "en" if lang == "de" else "de"
    async with site.browser() as mia:
        await mia.sign_in(lang=lang)
        await mia.open(f"/desk/calls/{probe.call.row.id}")
        [evidence] = re.findall(r'<ul class="evidence".*?</ul>', mia.page.text, re.DOTALL)[:1]
        words = " ".join(re.sub("<[^>]*>", " ", evidence).split())
        assert f"{MEANT[lang]} = {SAID[lang]}".replace("'", "&#39;") in words
        assert SAID[other] not in words and "login ·" not in words and " ≠ " not in words
        await mia.open(f"/desk/calls/{probe.call.row.id}?find={SAID[lang].replace(' ', '+')}")
        [row] = re.findall(r"<tr>.*?</tr>", mia.page.text, re.DOTALL)[1:]
        assert f"{SAID[lang]} <code>login</code>" in row, "rules name the value as it is"


@pytest.mark.parametrize("texts", [EN, DE])
async def test_the_terminal_tells_evidence_in_its_language(
    world: Any, join: Any, shipped: RuleSet, texts: Any
) -> None:
    await world.change_rules(shipped)
    view = view_of(world, await refused(world, join))
    frame = Frame(view, view.now_us, texts)
    text = "\n".join(line.plain for line in lay_out(screen.page(frame, include_facts=True), 300))
    lang = texts.lang
    assert re.search(rf"- router\.wan\.error = {SAID[lang]} \([^()]*\) {MEANT[lang]}", text)
    assert re.search(rf"^ +router\.wan\.error = {SAID[lang]} \(login\) .* {MEANT[lang]}$", text, re.MULTILINE)


@pytest.mark.parametrize("lang", ["en", "de"])
async def test_the_report_tells_evidence_and_what_is_missing(
    world: Any, join: Any, shipped: RuleSet, lang: Any
) -> None:
    await world.change_rules(shipped)
    probe = await refused(world, join)
    report = build(view_of(world, probe), exclusions(probe.call), world.catalogue)
    assert f"{MEANT[lang]} (router.wan.error) = {SAID[lang]}" in plain(report, lang)
    assert SAID[lang] in render(report, "html", lang).data.decode()
    cause = next(c for c in json.loads(render(report, "json", lang).data)["causes"] if c["rule"] == REFUSED)
    item = next(each for each in cause["evidence"] if each["fact"] == "router.wan.error")
    assert (item["value"], item["label"], item["meaning"]) == ("login", SAID, MEANT)

    lacking = await refused(world, join, UnknownReason.PERMISSION)
    report = build(view_of(world, lacking), exclusions(lacking.call), world.catalogue)
    assert f"{STATUS[lang]} (router.wan.status) (" in plain(report, lang)


async def test_values_before_and_after_a_fix_have_words(
    world: Any, join: Any, shipped: RuleSet, agent: Actor
) -> None:
    await world.change_rules(shipped)
    probe = await refused(world, join)
    finding = next(c.finding_id for c in view_of(world, probe).causes if c.rule == REFUSED)
    await world.desk.propose(agent, probe.call.row.id, finding, 0)
    [fix] = probe.call.fixes.rows.values()
    await world.desk.update_fix(agent, probe.call.row.id, fix.id, "done")
    probe.tell("homerouter", Fact("router.wan.error", "none"), Fact("router.wan.status", "connected"))
    [shown] = view_of(world, probe).fixes
    change = next(each for each in shown.changes if each.fact == "router.wan.error")
    assert (change.before, change.after) == ("login", "none")
    assert (change.before_label.de, change.after_label.de) == (SAID["de"], "kein Fehler")
    assert (change.before_label.en, change.after_label.en) == (SAID["en"], "no error")


@pytest.mark.parametrize(
    ("lang", "meant", "limit"),
    [
        ("en", "a program crashed, number of times within 30 min", "condition ≥ 2"),
        ("de", "ein Programm stürzte ab, Anzahl in 30 min", "Bedingung ≥ 2"),
    ],
)
async def test_functions_of_facts_are_told_as_what_they_are(
    world: Any, join: Any, shipped: RuleSet, lang: Any, meant: str, limit: str
) -> None:
    await world.change_rules(shipped)
    probe = await join(world, "a program crashes")
    probe.tell("logs", Fact("log.app.crash", Events((30.0, 20.0, 10.0))))
    report = build(view_of(world, probe), exclusions(probe.call), world.catalogue)
    assert f"{meant} (count(log.app.crash, 1800s)) = 3 · {limit}" in plain(report, lang)


@pytest.mark.parametrize("lang", ["en", "de"])
async def test_lists_are_told_by_how_many_there_are(
    world: Any, join: Any, shipped: RuleSet, lang: Any
) -> None:
    """A condition over a list, such as that no name server answers, is not shown as the rule has it."""
    await world.change_rules(shipped)
    probe = await join(world, "no page opens")
    probe.tell(
        "resolvers",
        Fact("net.dns.configured", 2),
        *(Fact("net.resolver.reachable", False, key) for key in ("10.0.0.1", "10.0.0.2")),
    )
    probe.tell("ping", Fact("net.gateway.reachable", True))
    world.manager.around.deadlines.fire(world.clock.now() + HOLD_US)
    view = view_of(world, probe)
    cause = next(each for each in view.causes if each.rule == "net.dns.all_unreachable")
    item = next(each for each in cause.evidence if each.fact == "resolvers")
    meant = {
        "en": "a configured name server, how many there are",
        "de": "ein eingestellter Namensserver, Anzahl",
    }
    assert (getattr(item.meaning, lang), item.value, item.condition) == (meant[lang], "2", "")
