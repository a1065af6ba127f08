"""Rules in the console: browsed, searched, read, cases played; faults of a refused pack; who sees what."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hotline_collector.calls.actor import Actor
from hotline_collector.engine.ruleset import RuleSet
from hotline_collector.model.rows import CallRow, VerdictRow
from hotline_collector.model.rule import Text
from hotline_collector.rulepack.faults import Fault

from tests.shipped import installed_rules

LEAD = Actor("lea", "lead")
EVIL = "<img src=x onerror=alert(1)>\x1b[2J\u202e"


@pytest.fixture(scope="session")
def shipped() -> RuleSet:
    return installed_rules()


async def fill(site: Any, rule: str, verdicts: list[str]) -> None:
    """Keep what calls closed today say about a rule."""
    today = (await site.world.desk.reporting.figures(LEAD, days=1)).last_day
    rows: list[Any] = []
    for number, said in enumerate(verdicts):
        name = f"{rule}-{number}"
        rows.append(CallRow(name, "closed", "", "", "", "mia", 1, "0" * 64, closed=2, outcome="solved"))
        rows.append(VerdictRow(f"{name}/{rule}", name, rule, "0" * 64, "1", today, said, True, ""))
    await site.store.save(rows)


async def test_an_agent_browses_and_searches(site: Any, shipped: RuleSet) -> None:
    await site.world.change_rules(shipped, "ops@example.org")
    async with site.browser() as mia:
        await mia.sign_in("mia")
        await mia.open("/desk/rules")
        words = mia.words()
        assert "Network and internet" in words and "ops@example.org" in words
        assert f"Rules that judge calls {len(shipped.rules)}" in words and shipped.pack.digest in words
        await mia.open("/desk/rules?subject=print")
        assert 'href="/desk/rules/print.paper.jam"' in mia.page.text and "net.wan.down" not in mia.page.text
        await mia.open("/desk/rules?find=kein+internet+hinter")
        assert "No internet behind the router" in mia.words()
        await mia.open("/desk/rules?find=zebra+crossing")
        assert "No rule has all these words." in mia.words()
    await site.world.saver.flush()
    assert "rules.look" in {entry.action for entry in await site.store.audit_trail()}


async def test_a_rule_is_read_in_both_languages(site: Any, shipped: RuleSet) -> None:
    await site.world.change_rules(shipped)
    async with site.browser() as mia:
        await mia.sign_in("mia")
        await mia.open("/desk/rules/net.wan.down")
        words = mia.words()
        for expected in (
            "No internet behind the router",
            "Recognised by all of these:",
            "Can itself be caused by",
            "net.wan.outage",
            "Explains",
            "Not to be confused with",
            "Proof within 10 min",
            "Sources",
            "1 in which it fires",
            "They have not been played on this collector",
            "hotline/net/wan_down.yaml",
        ):
            assert expected in words, expected
        # What rules did in calls, and having cases played, is for leads.
        assert "In closed calls" not in words and "Play the cases now" not in words
        await mia.open("/desk/rules/net.wan.down?lang=de")
        assert "Woran es erkannt wird" in mia.words() and "Nachweis innerhalb von 10 min" in mia.words()
        for missing in ("net.wan.dwon", "%3Cscript%3E", "x" * 300):
            await mia.open(f"/desk/rules/{missing}")
            assert mia.page.status_code == 404 and "<script>" not in mia.page.text


async def test_every_shipped_rule_has_a_page(site: Any, shipped: RuleSet) -> None:
    await site.world.change_rules(shipped)
    async with site.browser() as lea:
        await lea.sign_in("lea")
        for rule_id in list(shipped.pack.rules)[::12]:
            await lea.open(f"/desk/rules/{rule_id}?lang=de")
            assert lea.page.status_code == 200 and rule_id in lea.words()


async def test_a_lead_has_cases_played(site: Any, shipped: RuleSet) -> None:
    await site.world.change_rules(shipped)
    async with site.browser() as lea, site.browser() as mia:
        await lea.sign_in("lea")
        path = "/desk/rules/net.wan.down"
        await lea.open(path)
        await lea.send(f"{path}/cases")
        assert lea.page.url.path == path and "all cases pass, and the cases notice" in lea.words()
        assert "Play the cases now" not in lea.words()
        await mia.sign_in("mia")
        await mia.open(path)
        assert "all cases pass" in mia.words()
        await mia.send(f"{path}/cases")
        assert mia.page.status_code == 403
        await lea.open("/desk/rules")
        key = lea.key()
        for wrong in ("nothing", "..%2f"):
            answer = await lea.client.post(f"/desk/rules/{wrong}/cases", data={"key": key})
            assert answer.status_code == 404
        assert (await lea.client.post(f"{path}/cases", data={"key": "0" * 64})).status_code == 403
    await site.world.saver.flush()
    played = [entry for entry in await site.store.audit_trail() if entry.action == "rules.play"]
    assert [(entry.actor, entry.detail) for entry in played] == [("agent:lea", "net.wan.down")]


async def test_cases_that_fail_say_where(site: Any, shipped: RuleSet, catalogue: Any) -> None:
    name = "hotline/net/wan_down.cases.yaml"
    files = dict(shipped.pack.files)
    files[name] = files[name].replace(b"fires:", b"silent:", 1)
    pack = replace(shipped.pack, files=files, digest="1" * 64)
    await site.world.change_rules(RuleSet(pack, catalogue, shipped.conditions))
    async with site.browser() as lea:
        await lea.sign_in("lea")
        await lea.open("/desk/rules/net.wan.down")
        await lea.send("/desk/rules/net.wan.down/cases")
        assert "something is wrong" in lea.words() and f"{name}, line" in lea.words()


async def test_history_is_told_week_by_week_and_small_numbers_are_not_split(site: Any) -> None:
    await fill(site, "disk.full", ["verified"] * 6 + ["disagreed"] * 2 + ["unsettled"])
    await fill(site, "burning", ["verified"])
    async with site.browser() as lea:
        await lea.sign_in("lea")
        await lea.open("/desk/rules/disk.full")
        words = lea.words()
        assert "Right in 75 % of the 8 calls" in words and "agents disagreed in 2" in words
        assert '<rect class="bar bar-2"' in lea.page.text and " 9 6 2" in words
        await lea.open("/desk/rules/burning")
        assert " 1 – –" in lea.words() and "Right in" not in lea.words()
        await lea.open("/desk/rules/process.busy")
        assert "It was not shown in any call that was closed in the last 90 days." in lea.words()


async def test_a_refused_pack_says_where_and_what_to_do(site: Any) -> None:
    faults = [Fault("net/dns.yaml", 12, 7, f"unknown fact {EVIL}"), Fault("", 1, 1, "the loader failed")]
    site.world.manager.refuse_rules(faults)
    async with site.browser() as mia:
        await mia.sign_in("mia")
        await mia.open("/desk/rules")
        words = mia.words()
        assert "A newer pack was refused on" in words and "net/dns.yaml, line 12, column 7" in words
        assert "the loader failed" in words and "hotline rules check FOLDER" in words
        assert "<img" not in mia.page.text and "\x1b" not in mia.page.text and "\u202e" not in mia.page.text


async def test_switched_off_rules_are_named_and_can_be_read(
    site: Any, catalogue: Any, rules: RuleSet
) -> None:
    pack = replace(rules.pack, disabled=frozenset({"disk.full"}), digest="2" * 64)
    await site.world.change_rules(RuleSet(pack, catalogue))
    async with site.browser() as lea:
        await lea.sign_in("lea")
        await lea.open("/desk/rules?find=disk")
        assert "Switched off" in lea.words() and "disk.full · critical · switched off" in lea.words()
        await lea.open("/desk/rules/disk.full")
        assert "never judges a call" in lea.words() and "There are no cases beside this rule." in lea.words()


async def test_hostile_searches_and_rules_stay_words(site: Any, catalogue: Any, rules: RuleSet) -> None:
    evil = Text(EVIL, EVIL)
    rule = replace(rules.pack.rules["disk.full"], title=evil, symptom=evil, references=(EVIL,))
    pack = replace(rules.pack, rules={**rules.pack.rules, rule.id: rule}, digest="3" * 64, name=EVIL)
    await site.world.change_rules(RuleSet(pack, catalogue), EVIL)
    async with site.browser() as lea:
        await lea.sign_in("lea")
        for path in (
            "/desk/rules?find=%22%3E%3Cscript%3Ealert(1)",
            "/desk/rules?subject=%3Cscript%3E",
            "/desk/rules?find=img",
            "/desk/rules/disk.full",
        ):
            await lea.open(path)
            assert lea.page.status_code == 200
            for bad in ("<script>", "<img", "\x1b", "\u202e", "style="):
                assert bad not in lea.page.text, (path, bad)
