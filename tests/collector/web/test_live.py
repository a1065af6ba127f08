"""A call's page that keeps itself up to date: server-sent events over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from hotline_collector.calls.actor import Actor
from hotline_collector.web import streams
from hotline_proto.facts import Fact

WAIT_S = 60


@dataclass
class Event:
    identity: str
    kind: str
    data: str


@dataclass
class Stream:
    response: httpx.Response
    lines: AsyncIterator[str]

    async def next(self) -> Event | None:
        """Return the next event, None at the end of the stream; comments are passed over."""
        fields: dict[str, list[str]] = {}
        async with asyncio.timeout(WAIT_S):
            async for line in self.lines:
                if line:
                    name, _, value = line.partition(": ")
                    fields.setdefault(name, []).append(value)
                elif "data" in fields:
                    data = "\n".join(fields["data"])
                    return Event(fields.get("id", [""])[0], fields.get("event", ["message"])[0], data)
                else:
                    fields = {}
        return None


@asynccontextmanager
async def watching(browser: Any, call_id: str, last: str = "") -> AsyncIterator[Stream]:
    headers = {"last-event-id": last} if last else {}
    async with browser.client.stream("GET", f"/desk/calls/{call_id}/events", headers=headers) as response:
        yield Stream(response, response.aiter_lines())


async def test_what_changes_comes_by_itself(site: Any, join: Any, filesystem: Any) -> None:
    probe = await join(site.world)
    async with site.browser() as mia:
        await mia.sign_in()
        async with watching(mia, probe.call.row.id) as stream:
            assert stream.response.headers["content-type"].startswith("text/event-stream")
            first = await stream.next()
            assert first and "None found so far." in first.data and "<html" not in first.data
            probe.tell("filesystems", *filesystem(0.99, "/<b>"))
            while "None found so far." in first.data:
                first = await stream.next()
                assert first
            assert "disk.full (/&lt;b&gt;)" in first.data and "<script" not in first.data


async def test_a_page_of_anothers_call_ends_with_the_hour_and_says_so(site: Any, join: Any) -> None:
    probe = await join(site.world)
    call_id = probe.call.row.id
    async with site.browser() as lea:
        await lea.sign_in("lea", lang="de")
        await lea.send(f"/desk/calls/{call_id}/look", reason="mia is ill", back=f"/desk/calls/{call_id}")
        async with watching(lea, call_id) as stream:
            first = await stream.next()
            assert first and first.kind == "message"
            site.world.clock.not_before(site.world.clock.now() + 3_601 * 1_000_000)
            probe.call.changed()
            last = await stream.next()
            assert last and last.kind == "gone" and await stream.next() is None
        # The script loads the page anew.
        page = await lea.open(f"/desk/calls/{call_id}")
        assert (
            page.status_code == 403
            and "Die Stunde, für die Sie ihn geöffnet hatten, ist vorbei." in lea.words()
        )


async def test_what_is_measured_all_the_time_comes_on_its_own(site: Any, join: Any) -> None:
    probe = await join(site.world)
    probe.tell("cpu", Fact("system.cpu.utilization", 0.5))
    async with site.browser() as mia:
        await mia.sign_in()
        async with watching(mia, probe.call.row.id) as stream:
            first = await stream.next()
            assert first and "Processor" in first.data and "50 %" in first.data
            probe.call.trends.due = 0
            version = probe.call.version
            probe.tell("cpu", Fact("system.cpu.utilization", 0.75))
            assert probe.call.version == version
            second = await stream.next()
            assert second and (second.kind, second.identity) == ("strip", "")
            assert second.data.startswith('<section id="machine"') and "75 %" in second.data
            await site.world.desk.note(Actor("mia", "agent"), probe.call.row.id, "rang twice")
            third = await stream.next()
            assert third and third.kind == "message" and "rang twice" in third.data


async def test_a_stream_resumes_where_it_was(site: Any, join: Any, agent: Actor) -> None:
    probe = await join(site.world)
    call_id = probe.call.row.id
    async with site.browser() as mia:
        await mia.sign_in()
        async with watching(mia, call_id) as stream:
            first = await stream.next()
        assert first
        async with watching(mia, call_id, first.identity) as stream:
            # What the browser has already is not sent again: the first to come is the note.
            await site.world.desk.note(agent, call_id, "rang twice")
            second = await stream.next()
            assert second and second.identity != first.identity and "rang twice" in second.data
        async with watching(mia, call_id, "deadbeef-1") as stream:
            third = await stream.next()
            assert third and third.identity == second.identity


async def test_a_stream_ends_with_session_and_call(site: Any, join: Any, agent: Actor) -> None:
    probe = await join(site.world)
    call_id = probe.call.row.id
    async with site.browser() as mia, site.browser() as lea:
        await mia.sign_in()
        await lea.sign_in("lea")
        await site.world.desk.request_access(Actor("lea", "lead"), call_id, "asked")
        async with watching(mia, call_id) as of_mia, watching(lea, call_id) as of_lea:
            await of_mia.next()
            await of_lea.next()
            await mia.send("/desk/sign-out")
            await site.world.desk.note(agent, call_id, "not for mia")
            last = await of_mia.next()
            assert last and last.kind == "gone" and await of_mia.next() is None
            await site.world.desk.close(agent, call_id, "abandoned")
            events: list[Event] = []
            while event := await of_lea.next():
                events.append(event)
            assert [each.kind for each in events[-2:]] == ["message", "over"]
            assert "The call is closed." in events[-2].data
        page = await mia.client.get(f"/desk/calls/{call_id}/events")
        assert page.status_code == 303


async def test_streams_of_a_session_are_bounded_and_given_back(site: Any, join: Any) -> None:
    probe = await join(site.world)
    path = f"/desk/calls/{probe.call.row.id}/events"
    async with site.browser() as mia:
        await mia.sign_in()
        async with asyncio.timeout(WAIT_S):
            async with AsyncExitStack() as stack:
                watched = [watching(mia, probe.call.row.id) for _ in range(8)]
                streams = [await stack.enter_async_context(each) for each in watched]
                for each in streams:
                    assert await each.next()
                assert (await mia.client.get(path)).status_code == 429
            status = 429
            while status == 429:
                async with mia.client.stream("GET", path) as response:
                    status = response.status_code
                await asyncio.sleep(0.1)
            assert status == 200


async def test_a_collector_that_stops_ends_every_stream(site: Any, join: Any) -> None:
    probe = await join(site.world)
    async with site.browser() as mia:
        await mia.sign_in()
        async with watching(mia, probe.call.row.id) as stream:
            await stream.next()
            site.console.hang_up()
            assert await stream.next() is None


async def test_the_script_puts_no_text_in_as_markup_and_the_policy_lets_no_other_in(site: Any) -> None:
    async with site.browser() as mia:
        scripts = [(await mia.open(f"/desk/{name}.js")).text for name in ("desk", "keys", "morph", "call")]
        script = "".join(scripts)
        assert all(len(each.splitlines()) <= 150 for each in scripts)
        for forbidden in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
            assert forbidden not in script
        await mia.sign_in()
        policy = mia.page.headers["content-security-policy"]
        assert "script-src 'self'; connect-src 'self'" in policy and "unsafe" not in policy


@pytest.mark.parametrize("change", [{"role": "agent"}, {"disabled": True}])
async def test_a_stream_ends_when_its_account_is_changed(
    site: Any, join: Any, agent: Actor, monkeypatch: pytest.MonkeyPatch, change: dict[str, Any]
) -> None:
    assert streams._ASK_AGAIN_S <= 45
    monkeypatch.setattr(streams, "_ASK_AGAIN_S", 0.0)
    call_id = (await join(site.world)).call.row.id
    async with site.browser() as lea:
        await lea.sign_in("lea")
        await site.world.desk.request_access(Actor("lea", "lead"), call_id, "asked")
        async with watching(lea, call_id) as stream:
            await stream.next()
            assert await site.store.change_user("lea", **change)
            await site.world.desk.note(agent, call_id, "not for lea")
            last = await stream.next()
            assert last and last.kind == "gone" and await stream.next() is None
