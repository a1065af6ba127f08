"""A call as server-sent events."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from hotline_collector.api.http.doorway import HttpLimits


@pytest.fixture
def limits() -> HttpLimits:
    return HttpLimits(streams=2)


async def opened(client: httpx.AsyncClient) -> str:
    return str((await client.post("/calls", json={"complaint": "x"})).json()["call_id"])


async def events(answer: httpx.Response) -> AsyncIterator[dict[str, str]]:
    """Yield the events of a stream, comments left out."""
    event: dict[str, str] = {}
    async for line in answer.aiter_lines():
        name, _, value = line.partition(": ")
        if name:
            event[name] = value
        elif event:
            if "event" in event:
                yield event
            event = {}


@asynccontextmanager
async def watching(client: httpx.AsyncClient, call_id: str, **headers: str) -> AsyncIterator[Any]:
    async with client.stream("GET", f"/calls/{call_id}/events", headers=headers) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield events(answer)


async def test_every_change_until_the_end(mia: httpx.AsyncClient) -> None:
    call_id = await opened(mia)
    async with watching(mia, call_id) as stream:
        first = await anext(stream)
        assert (first["event"], json.loads(first["data"])["notes"]) == ("call", [])
        await mia.post(f"/calls/{call_id}/notes", json={"text": "line\nbreak \u2028 <b>"})
        second = await anext(stream)
        assert json.loads(second["data"])["notes"][0]["text"] == "line\nbreak \u2028 <b>"
        await mia.post(f"/calls/{call_id}/close", json={"outcome": "abandoned"})
        rest = [event async for event in stream]
    assert [event["event"] for event in rest] == ["call", "closed"]
    assert json.loads(rest[0]["data"])["state"] == "closed"


async def test_the_call_of_another_ends_with_the_hour(served: Any, mia: httpx.AsyncClient) -> None:
    call_id = await opened(mia)
    async with served.client("lea") as lea:
        granted = await lea.post(f"/calls/{call_id}/access", json={"reason": "mia is ill"})
        assert granted.status_code == 200, granted.text
        async with watching(lea, call_id) as stream:
            assert (await anext(stream))["event"] == "call"
            served.world.clock.not_before(served.world.clock.now() + 3_601 * 1_000_000)
            await mia.post(f"/calls/{call_id}/notes", json={"text": "not for lea"})
            rest = [event async for event in stream]
    assert [event["event"] for event in rest] == ["reason"]
    assert "the hour for which you opened this call of mia is over" in json.loads(rest[0]["data"])["detail"]


async def test_it_goes_on_where_the_client_was(mia: httpx.AsyncClient) -> None:
    call_id = await opened(mia)
    async with watching(mia, call_id) as stream:
        seen = (await anext(stream))["id"]
    async with watching(mia, call_id, **{"last-event-id": seen}) as stream:
        await mia.post(f"/calls/{call_id}/notes", json={"text": "news"})
        assert json.loads((await anext(stream))["data"])["notes"][0]["text"] == "news"


async def test_it_ends_with_the_login(served: Any, agent: Any, mia: httpx.AsyncClient) -> None:
    call_id = await opened(mia)
    async with watching(mia, call_id) as stream:
        await anext(stream)
        await served.accounts.change_password("mia", "another correct horse")
        await served.world.desk.note(agent, call_id, "x")
        assert [event["event"] async for event in stream] == ["gone"]


async def test_it_ends_when_the_account_is_disabled(served: Any, agent: Any, mia: httpx.AsyncClient) -> None:
    call_id = await opened(mia)
    async with watching(mia, call_id) as stream:
        await anext(stream)
        assert await served.store.change_user("mia", disabled=True)
        await served.world.desk.note(agent, call_id, "x")
        assert [event["event"] async for event in stream] == ["gone"]


async def test_it_ends_with_the_collector(served: Any, mia: httpx.AsyncClient) -> None:
    call_id = await opened(mia)
    async with watching(mia, call_id) as stream:
        await anext(stream)
        served.api.hang_up()
        assert [event["event"] async for event in stream] == []


async def test_a_token_has_so_many_streams(mia: httpx.AsyncClient) -> None:
    call_id = await opened(mia)
    async with watching(mia, call_id) as one, watching(mia, call_id) as two:
        await anext(one), await anext(two)
        more = await mia.get(f"/calls/{call_id}/events")
        assert (more.status_code, more.json()["type"]) == (429, "/api/v1/problems/busy")


async def test_what_is_not_there_is_said_at_once(mia: httpx.AsyncClient) -> None:
    answer = await mia.get("/calls/nobody/events")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
