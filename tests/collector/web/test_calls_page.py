"""The list of calls and opening one, by forms and links only."""

from __future__ import annotations

import html
from typing import Any

import pytest
from hotline_collector.calls.actor import Actor
from hotline_collector.web.codes import FreshCodes
from hotline_proto.joincode import parse_target
from hotline_proto.v1 import agent_pb2 as pb

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "\x1b[31mred\x1b[0m",
    "a\u202egnp.exe",
]


def harmless(text: str) -> bool:
    return not any(bad in text for bad in ("<script>", "<img", "\x1b", "\u202e"))


def code_in(page: str) -> str:
    return parse_target(html.unescape(page.partition('id="join-link">')[2].partition("</code>")[0])).code


async def test_a_call_is_opened_and_its_code_can_be_read_out(site: Any) -> None:
    async with site.browser() as mia:
        await mia.sign_in()
        assert "No calls." in mia.words()
        await mia.send("/desk/calls", complaint="Disk full since Monday", customer_reference="K-7")
        [(call_id, call)] = site.world.manager.calls.items()
        assert mia.page.url.path == f"/desk/calls/{call_id}"
        assert (call.row.agent, call.row.customer_reference) == ("mia", "K-7")
        code = code_in(mia.page.text)
        assert f"{code[:3]} {code[3:6]} {code[6:9]}" in mia.words()
        assert f"https://help.example/join/{code}" in mia.words()
        assert "Say now: Ask the caller to start Hotline, and read the code out to them." in mia.words()
        await mia.open("/desk")
        assert "Disk full since Monday" in mia.words() and f"/desk/calls/{call_id}" in mia.page.text
        assert "mia" in mia.words() and "ago" in mia.words()
    await site.world.saver.flush()
    trail = [(entry.actor, entry.action) for entry in await site.store.audit_trail()]
    assert ("agent:mia", "call.open") in trail and ("agent:mia", "call.look") in trail


async def test_the_list_names_the_first_cause_and_leaves_closed_calls_out(
    site: Any, join: Any, filesystem: Any, agent: Any
) -> None:
    probe = await join(site.world)
    probe.tell("filesystems", *filesystem(0.99))
    async with site.browser() as lea:
        await lea.sign_in("lea", lang="de")
        assert "disk.full (de)" in lea.words() and "aktiv" in lea.words()
        await site.world.desk.close(agent, probe.call.row.id, "abandoned")
        assert "Keine Anrufe." in (await lea.open("/desk")).text
        await lea.open("/desk?closed=1")
        assert "abgeschlossen" in lea.words()
        await site.world.desk.request_access(Actor("lea", "lead"), probe.call.row.id, "asked")
        await lea.open(f"/desk/calls/{probe.call.row.id}")
        assert "Der Anruf ist abgeschlossen." in lea.words() and "Neuen Code" not in lea.words()


async def test_a_code_is_made_anew(site: Any) -> None:
    async with site.browser() as mia:
        await mia.sign_in()
        await mia.send("/desk/calls", complaint="x")
        path = mia.page.url.path
        first = code_in(mia.page.text)
        await mia.send(f"{path}/code")
        assert code_in(mia.page.text) != first and first not in mia.page.text
        await mia.send("/desk/calls/nothing/code")
        assert mia.page.status_code == 404


async def test_what_cannot_be_opened_is_said_and_nothing_typed_is_lost(site: Any) -> None:
    async with site.browser() as mia:
        await mia.sign_in()
        page = await mia.send("/desk/calls", complaint="It <b>fails</b>", first_check="not a check at all")
        assert page.status_code == 400 and not site.world.manager.calls
        assert "It &lt;b&gt;fails&lt;/b&gt;</textarea>" in page.text and "not a check at all" in page.text
        assert "The call cannot be opened like this." in mia.words()
        page = await mia.send("/desk/calls", complaint="x" * 60_000)
        assert page.status_code == 400


async def test_a_telephone_system_can_fill_in_the_reference(site: Any) -> None:
    async with site.browser() as mia:
        await mia.sign_in()
        await mia.open('/desk?ref="><b>K-8')
        assert 'value="&#34;&gt;&lt;b&gt;K-8"' in mia.page.text


@pytest.mark.parametrize("text", HOSTILE)
async def test_hostile_words_are_only_words(site: Any, text: str) -> None:
    async with site.browser() as mia:
        await mia.sign_in()
        await mia.send("/desk/calls", complaint=f"begin {text} end", customer_reference=text)
        assert mia.page.status_code == 200 and harmless(mia.page.text) and "begin" in mia.words()
        await mia.open("/desk")
        assert harmless(mia.page.text) and "begin" in mia.words()


async def test_a_strangers_role_and_no_session_open_nothing(site: Any) -> None:
    async with site.browser() as mia:
        await mia.sign_in()
        key = mia.key()
        mia.client.cookies.delete("hotline")
        page = await mia.client.post("/desk/calls", data={"key": key, "complaint": "x"})
        assert page.status_code == 303 and not site.world.manager.calls


def test_codes_in_memory_end_and_are_bounded() -> None:
    codes = FreshCodes()
    for number in range(1200):
        codes.keep(str(number), pb.JoinCode(code="1", expires_us=10))
    assert codes.of("0", 1) is None and codes.of("1199", 9) is not None
    assert codes.of("1199", 10) is None and codes.of("1199", 9) is None
