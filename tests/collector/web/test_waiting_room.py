"""The waiting room by forms and links only, with a real store and the probe's side of a call behind it."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hotline_collector.calls.actor import Actor
from hotline_collector.calls.waits import Tariff
from hotline_collector.serve.waiting_texts import WAITING_TEXTS
from hotline_proto.joincode import normalise_code

MIA = Actor("mia", "agent")


async def enter(browser: Any, **fields: str) -> str:
    """Go into the waiting room and return the path of one's own page."""
    await browser.open("/")
    data = {"lang": "en", "complaint": "", "reference": ""} | fields
    browser.page = await browser.client.post("/wait", data=data, follow_redirects=True)
    return str(browser.page.url.path)


def words(browser: Any) -> str:
    """Return what can be read on the page."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", browser.page.text)).split())


async def press(browser: Any, path: str, **fields: str) -> None:
    browser.page = await browser.client.post(path, data={"lang": "en"} | fields, follow_redirects=True)


def given(site: Any, call: Any) -> dict[str, tuple[str, str]]:
    """Return the answers of a call and who gave them, by question."""
    shown = site.world.desk.look(call, include_facts=False).questions
    return {one.question: (one.answer, one.answered_by) for one in shown}


def newest(site: Any) -> Any:
    return list(site.world.manager.calls.values())[-1]


async def test_a_caller_comes_in_waits_and_is_taken(site: Any, join_call: Any, filesystem: Any) -> None:
    async with site.browser() as ann, site.browser() as bob:
        own = await enter(ann, complaint="Disk <b>full</b>", reference="K-7")
        assert "You are next." in words(ann) and "not known yet" in words(ann)
        code = normalise_code(re.search(r'class="digits">([^<]*)<', ann.page.text)[1])  # type: ignore[index]
        assert f"/join/{code}?lang=en" in ann.page.text
        await ann.open(f"/join/{code}")
        assert ann.page.status_code == 200 and f"/{code}" in ann.page.text
        call = newest(site)
        assert (call.row.complaint, call.row.customer_reference) == ("Disk <b>full</b>", "K-7")
        await enter(bob, lang="de")
        assert "Vor Ihnen wartet ein Anrufer." in words(bob) and '<html lang="de">' in bob.page.text
        assert "Disk" not in bob.page.text and "K-7" not in bob.page.text and call.row.id not in bob.page.text
        probe = await join_call(site.world, call)
        probe.tell("filesystems", *filesystem(0.99))
        now = (await ann.open(f"{own}/now")).text
        assert "Your computer is connected." in now and "<html" not in now and code not in now
        await site.world.desk.queue.take(MIA)
        await ann.open(own)
        assert "mia has your call now." in words(ann) and "two words" in words(ann)
        await bob.open(bob.page.url.path)
        assert "You are next." in words(bob)
        await site.world.desk.close(MIA, call.row.id, "abandoned")
        assert (await ann.open(own)).status_code == 404 and "This call is over" in words(ann)


async def test_a_caller_may_try_something_and_sees_what_came_of_it(
    site: Any, join_call: Any, filesystem: Any
) -> None:
    around = site.world.manager.around
    around.settings = replace(around.settings, self_help=True)
    async with site.browser() as ann:
        own = await enter(ann, complaint="disk full", lang="de")
        probe = await join_call(site.world, newest(site))
        probe.tell("filesystems", *filesystem(0.99))
        await ann.open(f"{own}?lang=de")
        assert "Das können Sie inzwischen versuchen Gefunden haben wir: disk.full (de) do tidy (de)" in words(
            ann
        )
        fields = dict(re.findall(r'name="(finding|fix)" value="([^"]*)"', ann.page.text))
        for wrong in ({"fix": "x"}, {"fix": "9" * 99}, {"finding": "<b>"}, {"fix": ""}):
            await press(ann, f"{own}/tried", **fields | wrong)
            assert ann.page.status_code == 200 and not newest(site).fixes.rows
        await press(ann, f"{own}/tried", **fields)
        assert ann.page.url.path == own and "We are looking whether it helped" in words(ann)
        probe.tell("filesystems", *filesystem(0.4))
        await ann.open(own)
        assert "It has helped" in words(ann) and "You are next." in words(ann)
        identity = newest(site).row.id
        await press(ann, f"{own}/leave")
        assert (await site.store.call(identity)).outcome == "solved"


async def test_a_caller_answers_the_question_of_the_desk(site: Any) -> None:
    async with site.browser() as ann:
        own = await enter(ann, complaint="no internet", lang="de")
        assert 'class="ask"' not in ann.page.text
        call = newest(site)
        await site.world.desk.follow_plan(MIA, call.row.id, "plan.net")
        now = (await ann.open(f"{own}/now?lang=de")).text
        asked = site.world.desk.look(call, include_facts=False).questions[0]
        assert asked.question == "ask.scope" and 'name="question" value="ask.scope"' in now
        assert re.findall(r'name="(?:value|unknown)" value="([^"]*)"', now) == ["works", "fails", "1"]
        assert "Other devices? (de)" in words(ann) and "Weiß ich nicht" in words(ann)

        for question, value in (
            *(("ask.smell", "true"), ("net.gateway.reachable", "false"), ("", ""), ("<b>", "x")),
            *(("ask.scope", "perhaps"), ("ask.scope", "x" * 5000), ("ask.scope", "\x1b[2J")),
        ):
            await press(ann, f"{own}/answer", question=question, value=value)
            assert ann.page.status_code == 200 and given(site, call) == {"ask.scope": ("", "")}
        await press(ann, f"{own}/answer", question="ask.scope", value=" ")
        assert given(site, call) == {"ask.scope": ("", "")}, "a field left empty is no answer"
        foreign = {"sec-fetch-site": "cross-site"}
        fields = {"lang": "en", "question": "ask.scope", "value": "works"}
        await ann.client.post(f"{own}/answer", data=fields, headers=foreign)
        assert given(site, call) == {"ask.scope": ("", "")}

        await press(ann, f"{own}/answer", question="ask.scope", value="works")
        assert given(site, call)["ask.scope"] == ("works", "caller")
        assert 'class="ask"' not in ann.page.text, "it is settled"
        await press(ann, f"{own}/answer", question="ask.scope", value="fails")
        assert given(site, call)["ask.scope"] == ("works", "caller"), "it is not asked any more"
        await site.world.saver.flush()
        trail = [
            (entry.actor, entry.action, entry.detail) for entry in await site.store.audit_of(call.row.id)
        ]
        assert ("caller", "question.answer", "ask.scope") in trail


async def test_a_caller_who_does_not_know_says_so_and_still_sees_questions_with_an_agent(site: Any) -> None:
    async with site.browser() as ann:
        own = await enter(ann)
        call = newest(site)
        await site.world.desk.follow_plan(MIA, call.row.id, "plan.net")
        await site.world.desk.queue.take(MIA)
        await ann.open(own)
        assert "mia has your call now." in words(ann) and "Other devices?" in words(ann)
        await press(ann, f"{own}/answer", question="ask.scope", unknown="1")
        assert given(site, call)["ask.scope"] == ("don't know", "caller")


async def test_a_caller_who_answers_too_fast_is_not_heard(site: Any) -> None:
    async with site.browser() as ann:
        own = await enter(ann)
        call = newest(site)
        await site.world.desk.follow_plan(MIA, call.row.id, "plan.net")
        wrong = {"question": "ask.scope", "value": "perhaps"}
        codes = [(await ann.client.post(f"{own}/answer", data=wrong)).status_code for _ in range(40)]
        assert codes[0] == 303 and set(codes) == {303, 429}


async def test_whoever_is_in_danger_is_told_what_to_do_before_an_agent_comes(site: Any) -> None:
    async with site.browser() as ann:
        own = await enter(ann, complaint="the page fails")
        call = newest(site)
        await site.world.desk.answer(MIA, call.row.id, "ask.smell", "true")
        await ann.open(f"{own}?lang=de")
        assert "Sicherheit zuerst: burning (de) do pull.plug (de)" in words(ann)
        assert 'name="question"' not in ann.page.text, "nothing else is talked about"
        site.world.manager.around.settings = replace(site.world.manager.around.settings, ask_caller=False)
        await ann.open(own)
        assert "Safety first: burning do pull.plug" in words(ann)


async def test_an_operator_may_keep_questions_off_the_page(site: Any) -> None:
    async with site.browser() as ann:
        own = await enter(ann)
        call = newest(site)
        await site.world.desk.follow_plan(MIA, call.row.id, "plan.net")
        site.world.manager.around.settings = replace(site.world.manager.around.settings, ask_caller=False)
        await ann.open(own)
        assert 'class="ask"' not in ann.page.text
        await press(ann, f"{own}/answer", question="ask.scope", value="works")
        assert given(site, call) == {"ask.scope": ("", "")}


async def test_the_cost_is_told_where_the_line_costs_something(site: Any) -> None:
    around = site.world.manager.around
    async with site.browser() as ann:
        own = await enter(ann)
        assert "Cost so far" not in words(ann)
        around.settings = replace(
            around.settings, tariff=Tariff(True, Decimal("0.14"), "EUR", Decimal("2.5"))
        )
        newest(site).row.queued -= 330_000_000
        await ann.open(f"{own}?lang=de")
        assert "Kosten bisher etwa 0,42 EUR 0,14 EUR je Minute." in words(ann)
        assert "Die ersten 2,5 min sind frei." in words(ann)


async def test_a_caller_leaves_a_number_and_takes_it_back(site: Any) -> None:
    async with site.browser() as ann:
        own = await enter(ann)
        await ann.open(f"{own}/call-back")
        assert "deleted with it" in words(ann)
        await press(ann, f"{own}/call-back", number="tomorrow")
        assert ann.page.status_code == 400 and "This is no telephone number." in words(ann)
        await press(ann, f"{own}/call-back", number="+49 (0)30 1234 56")
        assert ann.page.url.path == own and "We will call you back." in words(ann)
        assert "123456" not in ann.page.text
        assert (await site.store.call(newest(site).row.id)).back_number == "+4930123456"
        await press(ann, f"{own}/call-back", number="")
        assert "You are next." in words(ann)
        assert (await site.store.call(newest(site).row.id)).back_number == ""
        await press(ann, f"{own}/leave")
        assert ann.page.status_code == 404 and not site.world.manager.calls


async def test_a_new_code_is_made_only_when_there_is_none(site: Any) -> None:
    async with site.browser() as ann:
        own = await enter(ann)
        first = re.search(r'class="digits">([^<]*)<', ann.page.text)[1]  # type: ignore[index]
        await press(ann, f"{own}/code")
        assert first in ann.page.text
        site.world.desk.waiting_room._codes.clear()
        await ann.open(own)
        assert "For the check you need a code." in words(ann)
        await press(ann, f"{own}/code")
        assert 'class="digits"' in ann.page.text and first not in ann.page.text


async def test_other_sites_and_strangers_open_nothing(site: Any) -> None:
    async with site.browser() as ann:
        foreign = {"sec-fetch-site": "cross-site"}
        page = await ann.client.post("/wait", data={"lang": "en"}, headers=foreign)
        assert page.status_code == 400 and not site.world.manager.calls
        assert (await ann.client.post("/wait", content=b"x" * 100_000)).status_code == 400
        own = await enter(ann)
        await ann.client.post(f"{own}/leave", data={"lang": "en"}, headers=foreign)
        await ann.client.post(
            f"{own}/call-back", data={"lang": "en", "number": "030 123456"}, headers=foreign
        )
        assert newest(site).row.queued and not newest(site).row.back_number
        for wrong in ("x", own[6:-1], "%3Cscript%3E", "a" * 3000, "..%2F..%2Fetc"):
            for tail in ("", "/now", "/call-back"):
                page = await ann.client.get(f"/wait/{wrong}{tail}")
                assert page.status_code == 404 and "<script" not in page.text
            for tail in ("code", "leave"):
                page = await ann.client.post(f"/wait/{wrong}/{tail}", data={"lang": "en"})
                assert page.status_code == 404


async def test_an_address_does_not_fill_the_waiting_room(site: Any) -> None:
    async with site.browser() as ann:
        for _ in range(10):
            assert (await ann.client.post("/wait", data={"lang": "en"})).status_code == 303
        page = await ann.client.post("/wait", data={"lang": "en", "complaint": "kept <i>"})
        assert page.status_code == 429 and "Too many callers come in right now." in page.text
        assert "kept &lt;i&gt;</textarea>" in page.text and len(site.world.manager.calls) == 10


@pytest.mark.parametrize(("most", "complaint", "status"), [(0, "x", 503), (9, "x" * 2001, 400)])
async def test_what_cannot_be_taken_in_is_said(site: Any, most: int, complaint: str, status: int) -> None:
    site.world.manager.around.settings = replace(site.world.manager.around.settings, max_waiting=most)
    async with site.browser() as ann:
        await enter(ann, complaint=complaint)
        assert ann.page.status_code == status and not site.world.manager.calls
        assert 'role="alert"' in ann.page.text


async def test_the_page_runs_only_its_own_script(site: Any) -> None:
    async with site.browser() as ann:
        await enter(ann, complaint="<script>alert(1)</script>")
        policy = ann.page.headers["content-security-policy"]
        assert "script-src 'self'; connect-src 'self'" in policy and "unsafe" not in policy
        assert re.findall(r"<script[^>]*>", ann.page.text) == ['<script src="/wait.js" defer>']
        assert ann.page.headers["cache-control"] == "no-store"
        script = (await ann.open("/wait.js")).text
        for forbidden in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
            assert forbidden not in script


def test_both_languages_say_the_same_things() -> None:
    assert WAITING_TEXTS["en"].keys() == WAITING_TEXTS["de"].keys()
