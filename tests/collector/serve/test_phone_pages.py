"""Callers with only a phone, over the real web port: joining, answering, sharing what the phone measured."""

from __future__ import annotations

import re
from dataclasses import replace
from importlib import resources
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest
import yaml
from hotline_collector.calls.actor import Actor
from hotline_collector.security.phones import LIFETIME_S, Phones
from hotline_collector.serve.caller_pages import CallerFacts, CallerPages
from hotline_collector.serve.phone_pages import PICTURES, PhoneParts
from hotline_collector.serve.web import build_app
from hotline_collector.web.next_step import next_step
from hotline_proto.joincode import new_code
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry

AGENT = Actor("mia", "agent")
MEASURED = {"rtt": "0.048", "loss": "0.1429", "offset": "-2.5", "network": "wifi"}


@pytest.fixture
async def asked(place: Any, agent: Any, join: Any) -> tuple[Any, str]:
    """A call that asks a question, and its code."""
    call, code = await place.call(agent)
    await place.world.desk.follow_plan(agent, call.row.id, "plan.net")
    return call, code


def known(call: Any) -> dict[str, Any]:
    return {fact.fact: fact.value for fact in call.engine.facts(1) if not hasattr(fact.value, "word")}


def questions(place: Any, call: Any) -> list[str]:
    return [one.question for one in place.world.desk.look(call, include_facts=False).questions]


async def test_from_a_link_to_an_answer_and_its_correction(place: Any, asked: Any) -> None:
    call, code = asked
    assert questions(place, call)
    async with place.phone() as phone:
        await phone.open(f"/phone/{code}")
        assert f'value="{code}"' in phone.page.text and "Did you call us?" in phone.words()
        assert call.row.state == "created", "looking changes nothing"
        await phone.send("/phone", code=f" {code[:3]} {code[3:]} ", lang="en")
        assert phone.page.url.path == "/phone/call" and phone.page.status_code == 200
        assert call.row.state == "waiting"
        first = re.search(r'name="question" value="([^"]*)"', phone.page.text)
        assert first is not None and phone.keys()[-1] == ""
        value = phone.keys()[0]
        await phone.send("/phone/answer", question=first[1], value=value, lang="en")
        assert first[1] in known(call)
        assert "Your answers" in phone.words()
        await phone.open(f"/phone/call?again={first[1]}&lang=en")
        assert f'name="question" value="{first[1]}"' in phone.page.text
        await phone.send("/phone/answer", question=first[1], value="", lang="en")
        assert first[1] not in known(call)
        assert "don't know" in phone.words()
    (fact,) = [one for one in place.world.desk.look(call, include_facts=True).facts if one.fact == first[1]]
    assert (fact.unknown, fact.origin) == ("declined", "caller_typed")


async def test_a_code_counts_once(place: Any, asked: Any) -> None:
    _, code = asked
    async with place.phone() as one, place.phone() as two:
        assert (await one.send("/phone", code=code)).url.path == "/phone/call"
        assert (await two.send("/phone", code=code)).status_code == 404
        assert "not valid" in two.words()


async def test_the_page_never_tells_which_codes_exist(place: Any, asked: Any) -> None:
    _, code = asked
    async with place.phone() as phone:
        other = new_code()
        pages = [(await phone.open(f"/phone/{one}")).text.replace(one, "") for one in (code, other)]
        assert pages[0] == pages[1]
        assert (await phone.send("/phone", code=other)).status_code == 404
        for wrong in ("", "12", "abc", "1" * 400, "<script>"):
            assert (await phone.send("/phone", code=wrong)).status_code == 400
            assert "<script>" not in phone.page.text.replace("<script src=", "")
        assert (await phone.open("/phone/12")).status_code == 400


async def test_nothing_without_a_session(place: Any, asked: Any) -> None:
    call, _ = asked
    async with place.phone() as phone:
        for token in ("", "x", "A" * 96, "\u00e4".encode().hex(), Phones(b"q" * 32).begin(call.row.id)):
            phone.client.cookies.set("hotline_phone", token)
            assert (await phone.open("/phone/call")).url.path == "/phone"
            for path in ("/phone/now", "/phone/ping"):
                assert (await phone.client.get(path)).status_code == 401
            sent = await phone.client.post("/phone/answer", data={"question": "ask.scope", "value": "works"})
            assert sent.headers["location"] == "/phone"
    assert known(call) == {}


async def test_what_the_phone_measured_enters_only_when_it_is_shared(place: Any, asked: Any) -> None:
    call, code = asked
    async with place.phone() as phone:
        await phone.send("/phone", code=code)
        told = (await phone.client.get("/phone/ping")).json()
        assert told["family"] == "ipv4" and told["now_ms"] > 1.7e12
        assert not [name for name in known(call) if name.startswith("phone.")]
        await phone.send("/phone/path", **MEASURED, lang="de")
        assert "Danke" in phone.words()
    facts = {one.fact: one for one in place.world.desk.look(call, include_facts=True).facts}
    assert {name: one.value for name, one in facts.items() if name.startswith("phone.") and one.value} == {
        "phone.collector.reachable": "true",
        "phone.collector.rtt": "0.048",
        "phone.collector.loss": "0.1429",
        "phone.collector.family": "ipv4",
        "phone.clock.offset": "-2.5",
        "phone.network": "wifi",
    }
    assert facts["phone.collector.rtt"].origin == "browser"


HOSTILE = ("nan", "inf", "1e9", "-1", "99999", "", "0x1", "1" * 500, "<b>", "\u0663")


async def test_what_a_phone_reports_is_bounded(place: Any, asked: Any) -> None:
    call, code = asked
    async with place.phone() as phone:
        await phone.send("/phone", code=code)
        for name in ("rtt", "loss"):
            for value in HOSTILE[:8]:
                sent = await phone.client.post("/phone/path", data=MEASURED | {name: value})
                assert sent.status_code in (303, 429)
                assert "said=phone_shared" not in sent.headers.get("location", "")
        for change in ({"network": "5g"}, {"offset": "x"}, {"offset": "999999999999"}):
            sent = await phone.client.post("/phone/path", data=MEASURED | change)
            assert "said=phone_shared" not in sent.headers.get("location", "")
        assert not [name for name in known(call) if name.startswith("phone.")]
        assert "<script>" not in (await phone.open("/phone/call?said=<script>&again=<script>")).text


async def test_only_what_is_asked_can_be_answered(place: Any, asked: Any) -> None:
    call, code = asked
    async with place.phone() as phone:
        await phone.send("/phone", code=code)
        before = known(call)
        for question, value in (
            ("ask.nothing", "x"),
            ("operator.outage", "true"),
            (questions(place, call)[0], "odd"),
        ):
            await phone.send("/phone/answer", question=question, value=value, lang="en")
            assert "did not work" in phone.words()
        assert known(call) == before


async def test_another_site_cannot_make_the_browser_act(place: Any, asked: Any) -> None:
    call, code = asked
    async with place.phone() as phone:
        foreign = {"sec-fetch-site": "cross-site"}
        joined = await phone.client.post("/phone", data={"code": code}, headers=foreign)
        assert joined.status_code == 403 and call.row.state == "created"
        joined = await phone.client.post("/phone", data={"code": code})
        cookie = joined.headers["set-cookie"]
        assert "HttpOnly" in cookie and "SameSite=strict" in cookie and "Path=/phone" in cookie
        sent = await phone.client.post("/phone/path", data=MEASURED, headers=foreign)
        assert sent.status_code == 403


async def test_the_next_question_comes_by_itself_and_the_end_is_said(
    place: Any, asked: Any, agent: Any
) -> None:
    call, code = asked
    async with place.phone() as phone:
        await phone.send("/phone", code=code)
        version = re.search(r'data-version="([^"]*)"', phone.page.text)
        assert version is not None
        same = await phone.client.get("/phone/now", params={"seen": version[1], "lang": "en"})
        assert same.status_code == 204
        await place.world.desk.note(agent, call.row.id, "something changed")
        fresh = await phone.client.get("/phone/now", params={"seen": version[1], "lang": "en"})
        assert fresh.status_code == 200 and fresh.headers["x-version"] != version[1]
        assert "<html" not in fresh.text
        await place.world.desk.close(agent, call.row.id, "abandoned")
        assert (await phone.client.get("/phone/now")).status_code == 410
        assert (await phone.open("/phone/call?lang=en")).status_code == 410
        assert "The call has ended" in phone.words()
        assert (await phone.open("/phone/call")).url.path == "/phone"


async def test_the_agent_sees_that_the_caller_answers_by_phone(place: Any, asked: Any) -> None:
    call, code = asked

    def seen() -> Any:
        return place.world.desk.look(call, include_facts=False)

    assert "read the code out" in seen().say_now.en
    async with place.phone() as phone:
        await phone.send("/phone", code=code)
        assert seen().targets[0].link == "phone" and seen().say_now.en == "Ask: Other devices?"
        step = next_step(seen())
        assert step is not None and step.word == "step_answer"
        await phone.send("/phone/answer", question="ask.scope", value="fails")
        await place.world.desk.follow_plan(AGENT, call.row.id, "")
        assert "answers by phone" in seen().say_now.en
        call.phone_since = 0  # as after a restart
        await phone.open("/phone/call")
        assert call.phone_since
        await phone.send("/phone/leave")
    assert seen().targets[0].link == "waiting"


async def test_safety_locks_every_other_question_on_the_phone(place: Any, asked: Any) -> None:
    call, code = asked
    async with place.phone() as phone:
        await phone.send("/phone", code=code, lang="en")
        assert "Other devices?" in phone.words()
        await place.world.desk.answer(AGENT, call.row.id, "ask.smell", "true")
        await phone.open("/phone/call?lang=en")
        assert "Other devices?" not in phone.words() and "Nothing to answer right now" in phone.words()
        await phone.send("/phone/answer", question="ask.scope", value="works", lang="en")
        assert "did not work" in phone.words() and "ask.scope" not in known(call)
        await place.world.desk.answer(AGENT, call.row.id, "ask.smell", "false")
        await phone.send("/phone/answer", question="ask.scope", value="works", lang="en")
        assert known(call)["ask.scope"] == "works"


async def test_leaving_ends_it_on_this_phone(place: Any, asked: Any) -> None:
    async with place.phone() as phone:
        await phone.send("/phone", code=asked[1])
        await phone.send("/phone/leave", lang="de")
        assert "gehört nicht mehr zum Anruf" in phone.words()
        assert (await phone.open("/phone/call")).url.path == "/phone"


async def test_a_phone_that_asks_too_often_is_slowed_down(place: Any, asked: Any) -> None:
    async with place.phone() as phone:
        await phone.send("/phone", code=asked[1])
        states = [(await phone.client.get("/phone/ping")).status_code for _ in range(60)]
        assert states[0] == 200 and 429 in states


async def test_pages_allow_no_foreign_script(place: Any, asked: Any) -> None:
    async with place.phone() as phone:
        for page in (await phone.open("/phone"), await phone.send("/phone", code=asked[1])):
            policy = page.headers["content-security-policy"]
            assert "default-src 'none'" in policy and "script-src 'self'" in policy
            assert "unsafe" not in policy
            assert not re.search(r"<script(?! src)|style=|\son\w+=", page.text)
        assert (await phone.open("/phone/phone.js")).headers["content-type"].startswith("text/javascript")


async def test_a_picture_shows_where_to_look(place: Any, asked: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    call, code = asked
    questions = call.rules.pack.questions
    monkeypatch.setitem(questions, "ask.scope", replace(questions["ask.scope"], picture="router_line"))
    async with place.phone() as phone:
        await phone.send("/phone", code=code)
        assert 'src="/phone/pictures/router_line.svg"' in phone.page.text
        for name in PICTURES:
            drawing = await phone.client.get(f"/phone/pictures/{name}.svg")
            assert drawing.headers["content-type"] == "image/svg+xml"
            assert ElementTree.fromstring(drawing.content).tag == "{http://www.w3.org/2000/svg}svg"
        for name in ("other", "..%2Fphone", "%2e%2e%2fphone"):
            assert (await phone.client.get(f"/phone/pictures/{name}.svg")).status_code == 404


def test_the_rules_use_every_picture() -> None:
    text = (resources.files("hotline_rules") / "questions.yaml").read_text("utf-8")
    asked = yaml.safe_load(text).values()
    assert {question["picture"] for question in asked if "picture" in question} == PICTURES


async def test_clear_text_is_refused_from_elsewhere(place: Any, asked: Any) -> None:
    parts = PhoneParts(place.world.desk, place.world.codes, place.phones, encrypted=False)
    pages = CallerPages(CallerFacts("A & B", "127.0.0.1", 1), phone=parts)

    async def ready() -> str:
        return ""

    transport = httpx.ASGITransport(
        build_app(pages, b"", CollectorRegistry(), ready), client=("192.0.2.1", 1)
    )
    async with httpx.AsyncClient(transport=transport, base_url="http://a") as client:
        for answer in (await client.get("/phone"), await client.post("/phone", data={"code": asked[1]})):
            assert answer.status_code == 403 and "https" in answer.text


def test_a_session_ends_and_cannot_be_made_up() -> None:
    clock = [1_000_000]
    phones = Phones(b"p" * 32, lambda: clock[0])
    call_id = "01a229bf-99d5-711d-aeb9-ed4704d0f58e"
    token = phones.begin(call_id)
    assert phones.call_of(token) == call_id and phones.begin(call_id) != token
    assert Phones(b"o" * 32, lambda: clock[0]).call_of(token) is None
    clock[0] += LIFETIME_S * 1_000_000
    assert phones.call_of(token) is None


@given(st.text(max_size=200))
def test_no_token_breaks_the_reader(token: str) -> None:
    assert Phones(b"p" * 32).call_of(token) is None
