"""What stands before every operation: tokens, encryption, size and type of the body, rates."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import httpx
import pytest
from fastapi import FastAPI
from hotline_collector.api.http.doorway import Doorway, HttpLimits
from hotline_collector.api.http.problems import KINDS
from hotline_collector.security.rates import Rates


def is_problem(answer: httpx.Response, kind: str) -> dict[str, Any]:
    """Check that an answer is a whole problem document of a kind, and return it."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    told: dict[str, Any] = answer.json()
    assert told["type"] == f"/api/v1/problems/{kind}", told
    assert (told["status"], told["title"]) == (answer.status_code, KINDS[kind].title)
    assert answer.status_code == KINDS[kind].status
    assert told["detail"] and unquote(told["instance"]) == unquote(
        answer.request.url.raw_path.decode().partition("?")[0]
    )
    return told


WRONG = (None, b"Bearer nobody", b"Bearer", b"Basic bWk6eA==", b"Bearer " + b"x" * 5000, b"Bearer \xff")


async def test_nothing_without_a_token(served: Any) -> None:
    async with served.client("") as client:
        for value in WRONG:
            headers = {} if value is None else {"authorization": value}
            for method, path in (
                ("GET", "/calls"),
                ("POST", "/calls"),
                ("GET", "/calls/x/events"),
                ("GET", "/x"),
            ):
                answer = await client.request(method, path, headers=headers, json={})
                is_problem(answer, "unauthenticated")
                assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_a_cookie_is_no_token(served: Any) -> None:
    async with served.client("") as client:
        cookies = {"hotline": served.tokens["mia"], "authorization": f"Bearer {served.tokens['mia']}"}
        client.cookies.update(cookies)
        is_problem(await client.get("/calls"), "unauthenticated")


async def test_a_token_that_ended_ends_here_too(served: Any, mia: httpx.AsyncClient) -> None:
    assert (await mia.get("/calls")).status_code == 200
    await served.accounts.change_password("mia", "another correct horse")
    is_problem(await mia.get("/calls"), "unauthenticated")


async def test_the_description_and_the_kinds_are_open(served: Any) -> None:
    async with served.client("") as client:
        document = (await client.get("/openapi.json")).json()
        assert document["openapi"].startswith("3.1") and "/calls/{call_id}/facts" in document["paths"]
        for kind in KINDS:
            told = await client.get(f"/problems/{kind}")
            assert told.status_code == 200 and KINDS[kind].title in told.text
        is_problem(await client.get("/problems/odd"), "not_found")


async def test_what_is_not_there_and_what_is_not_offered(mia: httpx.AsyncClient) -> None:
    is_problem(await mia.get("/nothing"), "not_found")
    is_problem(await mia.get("/calls/nobody"), "not_found")
    is_problem(await mia.get("/calls/a%0Ab"), "not_found")
    is_problem(await mia.get("/calls/" + "x" * 300), "invalid")
    odd = await mia.delete("/calls")
    is_problem(odd, "method")
    assert odd.headers["allow"] == "GET, POST"
    is_problem(await mia.put("/calls/x/notes", json={"text": "x"}), "method")


BODIES = (
    (b"", "invalid"),
    (b"[]", "invalid"),
    (b'"x"', "invalid"),
    (b"{", "malformed"),
    (b"\xff\xfe{", "malformed"),
    (b"[" * 60_000, "malformed"),
    (b'{"text": ' + b"9" * 60_000 + b"}", "malformed"),
    (b'{"text": "x", "more": 1}', "invalid"),
    (b'{"text": 1}', "invalid"),
    (b'{"text": ""}', "invalid"),
    (b'{"text": "   "}', "invalid"),
    (b'{"text": "\\ud800"}', "invalid"),
    (b'{"text": "' + b"x" * 4001 + b'"}', "invalid"),
    (b'{"text": "' + b"x" * 70_000 + b'"}', "too_large"),
)


async def test_bodies_that_make_no_sense(mia: httpx.AsyncClient) -> None:
    headers = {"content-type": "application/json; charset=utf-8"}
    for body, kind in BODIES:
        is_problem(await mia.post("/calls/x/notes", content=body, headers=headers), kind)
    odd = await mia.post("/calls", content=b'{"complaint": "\\udfff"}', headers=headers)
    is_problem(odd, "invalid")


async def test_other_bodies_are_refused_by_their_type(mia: httpx.AsyncClient) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""):
        headers = {"content-type": kind} if kind else {}
        is_problem(await mia.post("/calls", content=b'{"complaint": "x"}', headers=headers), "media_type")


async def test_a_body_without_a_length_is_bounded_too(mia: httpx.AsyncClient) -> None:
    async def endless() -> Any:
        for _ in range(200):
            yield b'"' + b"x" * 1000 + b'"'

    headers = {"content-type": "application/json"}
    is_problem(await mia.post("/calls", content=endless(), headers=headers), "too_large")


async def test_every_fault_is_named_with_its_place(mia: httpx.AsyncClient) -> None:
    facts = [
        {"fact": "line.sync", "value": [1], "age_s": -1},
        {"fact": "line.sync", "value": True, "age_s": 1e300, "a/b~": 1},
    ]
    told = is_problem(await mia.post("/calls/x/facts", json={"facts": facts}), "invalid")
    assert {error["pointer"] for error in told["errors"]} == {
        "#/facts/0/value",
        "#/facts/0/age_s",
        "#/facts/1/age_s",
        "#/facts/1/a~1b~0",
    }
    told = is_problem(await mia.get("/calls/x", params={"include_facts": "perhaps"}), "invalid")
    assert [error["parameter"] for error in told["errors"]] == ["include_facts"]
    told = is_problem(await mia.get("/calls", params={"include_close": "true"}), "invalid")
    assert [error["parameter"] for error in told["errors"]] == ["include_close"]
    assert "include_closed" in told["detail"]


async def test_many_faults_make_no_long_answer(mia: httpx.AsyncClient) -> None:
    many = {f"<script>{number}\x1b[31m" + "y" * 300: 1 for number in range(100)}
    answer = await mia.post("/calls", json=many)
    told = is_problem(answer, "invalid")
    assert len(told["errors"]) == 20 and len(answer.content) < 16_000


HOSTILE = ("<script>alert(1)</script>", "\x1b[2J\x07", "\u202eevil", "a\x00b", "\U0001d518" * 50)


async def test_hostile_text_stays_text(mia: httpx.AsyncClient) -> None:
    for hostile in HOSTILE:
        opened = await mia.post("/calls", json={"complaint": hostile})
        assert opened.status_code == 201
        call_id = opened.json()["call_id"]
        assert (await mia.post(f"/calls/{call_id}/notes", json={"text": hostile})).status_code == 204
        answer = await mia.get(f"/calls/{call_id}")
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.json()["complaint"] == hostile and answer.json()["notes"][0]["text"] == hostile


class TestTheRateOfOneToken:
    @pytest.fixture
    def limits(self) -> HttpLimits:
        return HttpLimits(per_second=0.01, burst=3)

    async def test_it_is_bounded_for_each_token_alone(self, served: Any, mia: httpx.AsyncClient) -> None:
        for _ in range(3):
            assert (await mia.get("/rules/pack")).status_code == 200
        slow = await mia.get("/rules/pack")
        is_problem(slow, "busy")
        assert 1 <= int(slow.headers["retry-after"]) <= 100
        async with served.client("lea") as lea:
            assert (await lea.get("/rules/pack")).status_code == 200


class TestSlowBodies:
    @pytest.fixture
    def limits(self) -> HttpLimits:
        return HttpLimits(body_s=0.2)

    async def test_a_body_that_never_comes_is_not_waited_for(self, mia: httpx.AsyncClient) -> None:
        head = (
            b"POST /api/v1/calls HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n"
            b"content-length: 10\r\nauthorization: " + mia.headers["authorization"].encode() + b"\r\n\r\n{"
        )
        reader, writer = await asyncio.open_connection(mia.base_url.host, mia.base_url.port)
        writer.write(head)
        assert b" 408 " in await asyncio.wait_for(reader.readline(), 30)
        writer.close()
        await writer.wait_closed()


def test_a_bucket_fills_up_again() -> None:
    clock = [0.0]
    rates = Rates(2.0, 2, lambda: clock[0])
    assert [rates.wait("a"), rates.wait("a")] == [0, 0]
    assert rates.wait("a") == pytest.approx(0.5)
    assert rates.wait("b") == 0
    clock[0] = 0.6
    assert rates.wait("a") == 0
    assert rates.wait("a") == pytest.approx(0.4)


async def test_what_fails_inside_is_one_problem_without_details(served: Any) -> None:
    async def broken(_scope: Any, _receive: Any, _send: Any) -> None:
        raise RuntimeError("secret")

    doorway = Doorway(broken, served.accounts, HttpLimits(), encrypted=False)
    transport = httpx.ASGITransport(doorway)
    async with httpx.AsyncClient(transport=transport, base_url="http://a") as client:
        answer = await client.get("/openapi.json")
        is_problem(answer, "failed")
        assert "secret" not in answer.text


async def test_clear_text_is_for_the_same_machine_only(served: Any) -> None:
    for encrypted, scheme, address, status in (
        (False, "http", "192.0.2.7", 403),
        (False, "https", "192.0.2.7", 404),
        (True, "http", "192.0.2.7", 404),
        (False, "http", "::ffff:127.0.0.1", 404),
    ):
        doorway = Doorway(FastAPI(), served.accounts, HttpLimits(), encrypted=encrypted)
        transport = httpx.ASGITransport(doorway, client=(address, 1))
        headers = {"authorization": f"Bearer {served.tokens['mia']}"}
        async with httpx.AsyncClient(
            transport=transport, base_url=f"{scheme}://a", headers=headers
        ) as client:
            answer = await client.get("/nothing")
            assert answer.status_code == status
            if status == 403:
                is_problem(answer, "unprotected")


async def test_a_store_that_does_not_work_is_said(
    served: Any, mia: httpx.AsyncClient, tmp_path: Path
) -> None:
    with closing(sqlite3.connect(tmp_path / "a.db")) as raw:
        raw.execute("DROP TABLE agent_tokens")
    is_problem(await mia.get("/calls"), "unavailable")
