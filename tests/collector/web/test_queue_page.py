"""The queue on the start page: by forms and links, live, and with two agents after the same caller."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest
from hotline_collector.calls.actor import Actor
from hotline_collector.web.rendering import Pages
from hotline_collector.web.streams import SharedTexts, Shown

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "\x1b[31mred\x1b[0m",
    "a\u202egnp.exe",
    "{{ 7 * 7 }}",
]
WAIT_S = 60
MIA = Actor("mia", "agent")


async def waiting(site: Any, complaint: str = "No web page opens", reference: str = "") -> tuple[str, Any]:
    token = await site.world.desk.waiting_room.enter(complaint, reference)
    return token, list(site.world.manager.calls.values())[-1]


@asynccontextmanager
async def events(browser: Any, query: str = "") -> AsyncIterator[AsyncIterator[str]]:
    """Watch the queue; yields its parts of the page as they come."""

    async def parts(lines: AsyncIterator[str]) -> AsyncIterator[str]:
        data: list[str] = []
        async for line in lines:
            if line.startswith("data: "):
                data.append(line[6:])
            elif not line and data:
                yield "\n".join(data)
                data = []

    async with browser.client.stream("GET", f"/desk/queue/events{query}") as response:
        assert response.status_code == 200
        yield parts(response.aiter_lines())


async def until(parts: AsyncIterator[str], words: str) -> str:
    async with asyncio.timeout(WAIT_S):
        async for part in parts:
            if words in part:
                return part
    raise AssertionError(words)


async def test_an_agent_takes_the_next_caller_and_finds_the_answer_there(
    site: Any, join_call: Any, filesystem: Any
) -> None:
    _, call = await waiting(site, "Disk full", "K-7")
    probe = await join_call(site.world, call)
    probe.tell("filesystems", *filesystem(0.99))
    async with site.browser() as mia:
        await mia.sign_in()
        said = mia.words()
        assert "One caller is waiting." in said and "1. Disk full" in said and "waits" in said
        assert "First cause so far: disk.full" in said and "Computer: connected · Customer: K-7" in said
        assert "not known yet how long still" in said
        await mia.send("/desk/queue/take")
        assert mia.page.url.path == f"/desk/calls/{call.row.id}" and call.row.agent == "mia"
        assert "Waited" in mia.words() and "Say now: Ask the caller for the two words" in mia.words()
        await mia.open("/desk")
        assert "Nobody is waiting." in mia.words() and "take-next" not in mia.page.text


async def test_of_two_agents_one_gets_the_caller_and_the_other_reads_who_has_it(site: Any) -> None:
    _, call = await waiting(site)
    async with site.browser() as mia, site.browser() as lea:
        await mia.sign_in()
        await lea.sign_in("lea", lang="de")
        pages = await asyncio.gather(
            mia.send("/desk/queue/take", call=call.row.id), lea.send("/desk/queue/take", call=call.row.id)
        )
        assert sorted(page.status_code for page in pages) == [200, 409]
        if call.row.agent == "mia":
            assert "Jemand war schneller: mia hat diesen Anruf." in lea.words()
        else:
            assert "Somebody was faster: lea has this call." in mia.words()
        late = mia if call.row.agent == "lea" else lea
        await late.send("/desk/queue/take")
        assert late.page.status_code == 409
        assert "Nobody is waiting." in late.words() or "Niemand wartet." in late.words()
        await late.send("/desk/queue/take", call="gone")
        assert late.page.status_code == 404


async def test_a_call_is_handed_to_a_colleague_with_a_note(site: Any) -> None:
    _, call = await waiting(site)
    async with site.browser() as mia, site.browser() as lea:
        await mia.sign_in()
        await lea.sign_in("lea")
        await mia.send("/desk/queue/take")
        assert '<option value="lea">' in mia.page.text
        await mia.send("/desk/queue/transfer", call=call.row.id, to="leo")
        assert mia.page.status_code == 400 and "did you mean lea" in mia.words() and call.row.agent == "mia"
        await mia.send("/desk/queue/transfer", call=call.row.id, to="lea", note="knows printers")
        assert mia.page.url.path == "/desk" and "for lea" in mia.words()
        await mia.send("/desk/queue/take")
        assert mia.page.status_code == 409
        await lea.open("/desk")
        assert "for you" in lea.words()
        await lea.send("/desk/queue/take")
        assert call.row.agent == "lea" and "knows printers" in lea.words()


async def test_a_caller_is_called_back(site: Any) -> None:
    token, call = await waiting(site)
    await site.world.desk.waiting_room.call_me(token, "+49 30 123456")
    async with site.browser() as mia:
        await mia.sign_in()
        assert "Wants to be called back" in mia.words() and "123456" not in mia.page.text
        await mia.open(f"/desk/calls/{call.row.id}")
        assert "Next: Take the call" in mia.words() and "nobody speaks to the caller" in mia.words()
        await mia.send("/desk/queue/call-back", call=call.row.id)
        assert (
            "Number to call back: +4930123456" in mia.words() and "is being called back since" in mia.words()
        )
        await mia.send("/desk/queue/call-back", call="x")
        assert mia.page.status_code == 404 and "This caller is not there any more." in mia.words()


async def test_a_telephone_system_finds_the_customer_who_waits(site: Any, join: Any) -> None:
    await waiting(site, "Mail is gone", "K-7")
    await waiting(site, "Slow", "K-8")
    await join(site.world, "Printer", reference="K-7")
    async with site.browser() as mia:
        await mia.sign_in()
        assert "Open calls of this customer" not in mia.words()
        await mia.open("/desk?ref=K-7")
        found = mia.words().partition("Open calls of this customer: K-7 ")[2]
        assert found.startswith("Mail is gone (waits in the queue) Printer (active, mia) 2 callers")


async def test_the_queue_keeps_itself_up_to_date(site: Any, join_call: Any, filesystem: Any) -> None:
    async with site.browser() as mia:
        await mia.sign_in()
        async with events(mia) as parts:
            await until(parts, "Nobody is waiting.")
            _, call = await waiting(site, "Disk <b>full</b>")
            part = await until(parts, "One caller is waiting.")
            assert "Disk &lt;b&gt;full" in part and "<html" not in part
            probe = await join_call(site.world, call)
            probe.tell("filesystems", *filesystem(0.99))
            await until(parts, "disk.full")
            await site.world.desk.queue.take(MIA)
            await until(parts, "Nobody is waiting.")
            site.console.hang_up()
            assert [part async for part in parts] == []


async def test_streams_are_bounded_and_end_with_the_session(site: Any) -> None:
    async with site.browser() as mia:
        await mia.sign_in()
        async with asyncio.timeout(WAIT_S), events(mia) as parts:
            await until(parts, "Nobody")
            await mia.send("/desk/sign-out")
            await waiting(site)
            assert not any("One caller" in part for part in [part async for part in parts])
        assert (await mia.client.get("/desk/queue/events")).status_code == 303


async def test_an_outage_is_shown_announced_and_dismissed(site: Any, join: Any, filesystem: Any) -> None:
    for _ in range(3):
        probe = await join(site.world)
        probe.tell("filesystems", *filesystem(0.99))
    async with site.browser() as mia:
        await mia.sign_in()
        assert "Known outages 3 callers in 1 min: disk.full" in mia.words()
        await mia.send("/desk/queue/outage", rule="disk.full", state="announced")
        assert "(callers are told, by mia)" in mia.words()
        await mia.open(f"/desk/calls/{probe.call.row.id}")
        assert "3 callers in 1 min: disk.full" in mia.words()
        await mia.send("/desk/queue/outage", rule="disk.full", state="dismissed")
        assert "Known outages" not in mia.words()
        await mia.send("/desk/queue/outage", rule="disk.full", state="x")
        assert mia.page.status_code == 400


@pytest.mark.parametrize("text", HOSTILE)
async def test_hostile_words_are_only_words(site: Any, text: str) -> None:
    await waiting(site, f"begin {text} end", text[:100])
    async with site.browser() as mia:
        await mia.sign_in()
        assert "begin" in mia.words() and "<img" not in mia.page.text and "49" not in mia.words()
        assert not any(bad in mia.page.text for bad in ("<script>", "\x1b", "\u202e"))
        page = await mia.client.get("/desk", params={"ref": text})
        assert page.status_code == 200 and "<script>" not in page.text
        for path in ("take", "transfer", "call-back", "outage"):
            page = await mia.send(f"/desk/queue/{path}", call=text, to=text, rule=text, state=text)
            assert page.status_code in (400, 404) and "<script>" not in page.text
            await mia.open("/desk")


async def test_without_a_form_key_nothing_is_taken(site: Any) -> None:
    _, call = await waiting(site)
    async with site.browser() as mia:
        await mia.sign_in()
        page = await mia.client.post("/desk/queue/take", data={"call": call.row.id})
        assert page.status_code == 403 and call.row.queued


async def test_many_desks_share_one_text_and_none_has_the_forms_of_another(site: Any) -> None:
    made: list[str] = []
    text = Pages.text

    def counted(self: Pages, request: Any, template: str, reader: Any, /, **values: Any) -> str:
        made.append(template)
        return text(self, request, template, reader, **values)

    _, call = await waiting(site, "first")
    async with AsyncExitStack() as stack:
        browsers = [await stack.enter_async_context(site.browser()) for _ in range(6)]
        for each in browsers:
            await each.sign_in()
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(Pages, "text", counted)
            streams = [await stack.enter_async_context(events(each)) for each in browsers]
            parts = [await until(stream, "first") for stream in streams]
            assert made.count("queue_live.html") <= 2
            for browser, part in zip(browsers, parts, strict=True):
                keys = set(re.findall(r'name="key" value="([^"]*)"', part))
                assert keys == {browser.key()}
            await waiting(site, "second")
            for stream in streams:
                await until(stream, "second")
            await site.world.desk.queue.take(MIA, call.row.id)
            for stream in streams:
                assert "first" not in await until(stream, "One caller")
    assert made.count("queue_live.html") < 30


def test_a_text_is_made_once_a_while_and_the_newest_is_not_lost() -> None:
    made: list[int] = []
    seconds = 10.0
    texts = SharedTexts(1.0, lambda: seconds)

    def make() -> str:
        made.append(len(made))
        return f"text {len(made)}"

    assert texts.get("de", 1, make) == texts.get("de", 1, make) == Shown("text 1")
    assert texts.get("de", 2, make) == Shown("text 1", newest=False)
    assert texts.get("en", 2, make) == Shown("text 2")
    seconds = 11.0
    assert texts.get("de", 2, make) == texts.get("de", 2, make) == Shown("text 3")
    for number in range(500):
        texts.get(f"key {number}", 1, make)
    assert len(texts._made) <= 50
