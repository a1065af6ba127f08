"""Each operation over a real connection, from opening a call to what it left behind."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from hotline_collector.api.access import MINIMUM_ROLE
from hotline_collector.api.http.app import description
from hotline_proto.record import EntryKind, read_file, unpack_entries

CONNECTED = "the caller's computer is connected"


async def opened(mia: httpx.AsyncClient, complaint: str = "disk full") -> str:
    answer = await mia.post("/calls", json={"complaint": complaint})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["call_id"])


async def view(mia: httpx.AsyncClient, call_id: str) -> dict[str, Any]:
    answer = await mia.get(f"/calls/{call_id}", params={"include_facts": "true"})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def known(call: dict[str, Any]) -> dict[str, str]:
    return {fact["fact"]: fact["value"] for fact in call["facts"] if fact["value"]}


async def test_a_token_for_name_and_password(served: Any) -> None:
    async with served.client("") as nobody:
        answer = await nobody.post("/login", json={"user": "mia", "password": "correct horse battery"})
        assert answer.status_code == 200 and answer.json()["role"] == "agent"
        nobody.headers["authorization"] = f"bearer {answer.json()['token']}"
        assert (await nobody.get("/calls")).json() == {"calls": []}
        wrong = await nobody.post("/login", json={"user": "mia", "password": "x"})
        assert (wrong.status_code, wrong.json()["detail"]) == (401, "name or password is wrong")


async def test_a_call_from_opening_to_closing(mia: httpx.AsyncClient) -> None:
    answer = await mia.post(
        "/calls",
        json={"complaint": " mail.example.org:993 fails ", "customer_reference": "K-1"},
    )
    call_id, code = answer.json()["call_id"], answer.json()["code"]
    assert answer.headers["location"] == f"/api/v1/calls/{call_id}"
    assert code["link"].startswith("hotline://") and code["page"].startswith("https://help.example/join/")
    renewed = await mia.post(f"/calls/{call_id}/code")
    assert renewed.json()["code"]["code"] != code["code"]
    for path, body in (
        ("notes", {"text": "rang twice"}),
        ("checks", {"check": "localhost:1"}),
        ("answers", {"question": "ask.scope", "value": "works"}),
        ("answers", {"question": "ask.smell", "value": False}),
        ("facts", {"facts": [{"fact": "operator.outage", "value": True, "age_s": 60, "origin": "noc"}]}),
    ):
        done = await mia.post(f"/calls/{call_id}/{path}", json=body)
        assert (done.status_code, done.content) == (204, b""), done.text
    call = await view(mia, call_id)
    assert call["complaint"] == "mail.example.org:993 fails"
    assert [note["text"] for note in call["notes"]] == ["rang twice"]
    assert known(call) == {"ask.scope": "works", "ask.smell": "false", "operator.outage": "true"}
    (outage,) = [fact for fact in call["facts"] if fact["fact"] == "operator.outage"]
    assert outage["origin"] == "operator"
    assert 59e6 < call["now_us"] - outage["measured_us"] < 120e6
    (line,) = (await mia.get("/calls")).json()["calls"]
    assert (line["call_id"], line["agent"], line["state"]) == (call_id, "mia", "created")
    closed = await mia.post(f"/calls/{call_id}/close", json={"outcome": "abandoned", "note": "hung up"})
    assert closed.json() == {"state": "closed"}
    assert (await mia.get("/calls")).json() == {"calls": []}
    (line,) = (await mia.get("/calls", params={"include_closed": True})).json()["calls"]
    assert line["state"] == "closed"
    assert (await view(mia, call_id))["outcome"] == "abandoned"
    late = await mia.post(f"/calls/{call_id}/notes", json={"text": "x"})
    assert late.status_code == 404


async def test_several_facts_all_or_none(mia: httpx.AsyncClient) -> None:
    call_id = await opened(mia)
    rate = {"fact": "contract.rate_down", "value": "100 Mbit/s", "age_s": 86400, "origin": "billing"}
    sync = {"fact": "line.sync", "value": False, "origin": "dslam"}
    wrong = await mia.post(
        f"/calls/{call_id}/facts", json={"facts": [rate, sync | {"value": "maybe"}, rate | {"value": 3}]}
    )
    assert wrong.status_code == 422
    assert "fact 2: line.sync is true or false" in wrong.json()["detail"]
    assert "fact 3: contract.rate_down needs a unit" in wrong.json()["detail"]
    assert known(await view(mia, call_id)) == {}
    right = await mia.post(f"/calls/{call_id}/facts", json={"facts": [rate, sync]})
    assert right.status_code == 204
    assert known(await view(mia, call_id)) == {"contract.rate_down": "1e+08", "line.sync": "false"}


async def test_dont_know_and_plans(mia: httpx.AsyncClient) -> None:
    call_id = await opened(mia)
    await mia.post(f"/calls/{call_id}/answers", json={"question": "ask.scope", "value": "works"})
    await mia.post(f"/calls/{call_id}/answers", json={"question": "ask.scope"})
    call = await view(mia, call_id)
    assert [f["unknown"] for f in call["facts"] if f["fact"] == "ask.scope"] == ["declined"]
    assert (await mia.put(f"/calls/{call_id}/plan", json={"plan": "plan.net"})).status_code == 204
    plan = (await view(mia, call_id))["plan"]
    assert (plan["plan"], len(plan["steps"]), plan["current"]) == ("plan.net", 2, 0)
    assert (await mia.put(f"/calls/{call_id}/plan", json={"plan": ""})).status_code == 204
    wrong = await mia.put(f"/calls/{call_id}/plan", json={"plan": "x"})
    assert (wrong.status_code, "plan.net" in wrong.json()["detail"]) == (422, True)


async def test_digits_that_were_read_out(mia: httpx.AsyncClient, served: Any, join: Any) -> None:
    call_id = await opened(mia)
    wrong = await mia.post(f"/calls/{call_id}/spoken", json={"digits": "12"})
    assert wrong.status_code == 422 and "digits" in wrong.json()["detail"]
    probe = await join(served.world)
    connected = await mia.post(f"/calls/{probe.call.row.id}/spoken", json={"digits": "12"})
    assert connected.status_code == 409 and CONNECTED in connected.json()["detail"]


async def test_the_record_can_be_fetched(mia: httpx.AsyncClient) -> None:
    call_id = await opened(mia)
    answer = await mia.get(f"/calls/{call_id}/record")
    assert answer.headers["content-type"] == "application/octet-stream"
    kinds = [entry.kind for entry in unpack_entries(read_file(answer.content))]
    assert kinds[:2] == [EntryKind.CALL_OPENED, EntryKind.TARGET_ADDED]


async def test_a_record_opens_a_call(mia: httpx.AsyncClient) -> None:
    record = (await mia.get(f"/calls/{await opened(mia)}/record")).content
    headers = {"content-type": "application/octet-stream"}
    texts = {"complaint": "no page opens", "customer_reference": "K-1"}
    done = await mia.post("/bundles", content=record, headers=headers, params=texts)
    assert (done.status_code, done.json()["findings"], done.json()["refused"]) == (201, 0, [])
    call_id = done.json()["call_id"]
    assert done.headers["location"] == f"/api/v1/calls/{call_id}"
    seen = await view(mia, call_id)
    assert (seen["outcome"], seen["complaint"]) == ("imported", "no page opens")
    for body, kind, status, said in (
        (record[:-1], headers, 422, "damaged or cut off"),
        (b"", headers, 422, "the file is empty"),
        (record, {"content-type": "application/json"}, 415, "application/octet-stream"),
        (bytes(16 * 2**20 + 1), headers, 413, "16777216 bytes"),
    ):
        refused = await mia.post("/bundles", content=body, headers=kind)
        assert (refused.status_code, said in refused.json()["detail"]) == (status, True), refused.text
    # Only a file may be that large.
    large = await mia.post("/calls", content=bytes(70_000), headers={"content-type": "application/json"})
    assert large.status_code == 413


async def test_words_personal_facts_and_a_fix(
    mia: httpx.AsyncClient, served: Any, join: Any, filesystem: Any
) -> None:
    probe = await join(served.world, words=False)
    call_id = probe.call.row.id
    probe.tell("filesystems", *filesystem(0.99))
    (cause,) = (await view(mia, call_id))["causes"]
    finding = cause["finding_id"]
    wrong = await mia.post(f"/calls/{call_id}/words", json={"words": "wrong words"})
    assert wrong.json() == {"confirmed": False}
    locked = await mia.post(f"/calls/{call_id}/personal")
    assert (locked.status_code, locked.json()["type"]) == (403, "/api/v1/problems/locked")
    locked = await mia.post(f"/calls/{call_id}/fixes", json={"finding_id": finding, "fix_index": 0})
    assert (locked.status_code, locked.json()["type"]) == (403, "/api/v1/problems/locked")
    proposed = await mia.post(f"/calls/{call_id}/fixes", json={"finding_id": finding, "fix_index": 1})
    assert proposed.status_code == 201
    fix = f"/calls/{call_id}/fixes/{proposed.json()['fix_id']}"
    assert (await mia.post(fix, json={"event": "accepted"})).json() == {"state": "running"}
    odd = await mia.post(fix, json={"event": "declined"})
    assert (odd.status_code, odd.json()["type"]) == (409, "/api/v1/problems/conflict")
    assert (await mia.post(fix, json={"event": "done"})).json() == {"state": "verifying"}
    probe.call.row.words_confirmed = True
    allowed = await mia.post(f"/calls/{call_id}/personal")
    assert (allowed.status_code, allowed.json()["type"]) == (409, "/api/v1/problems/conflict")
    said = {"finding_id": finding, "cause": "cable  chewed", "reason": "seen"}
    assert (await mia.post(f"/calls/{call_id}/disagreements", json=said)).status_code == 204
    (kept,) = (await view(mia, call_id))["disagreements"]
    assert (kept["cause"], kept["author"]) == ("cable chewed", "mia")


async def test_rules_for_leads(served: Any, mia: httpx.AsyncClient) -> None:
    pack = (await mia.get("/rules/pack")).json()
    assert (pack["name"], pack["rules"], pack["faults"]) == ("test", 5, [])
    refused = await mia.get("/rules/records")
    assert (refused.status_code, refused.json()["type"]) == (403, "/api/v1/problems/role")
    async with served.client("lea") as lea:
        records = (await lea.get("/rules/records", params={"prefix": "disk."})).json()["records"]
        assert [record["rule"] for record in records] == ["disk.full"]


async def test_everything_is_audited_under_the_name_of_the_token(served: Any, mia: httpx.AsyncClient) -> None:
    call_id = await opened(mia)
    await mia.post(f"/calls/{call_id}/notes", json={"text": "x"})
    await served.world.saver.flush()
    trail = [(entry.actor, entry.action) for entry in await served.store.audit_trail()]
    assert trail[-2:] == [("agent:mia", "call.open"), ("agent:mia", "call.note")]


def test_every_operation_is_a_method_of_the_service() -> None:
    operations = [
        operation["operationId"] for path in description()["paths"].values() for operation in path.values()
    ]
    named = [name[0].upper() + name[1:] for name in operations]
    assert sorted(set(named)) == sorted(named)
    assert set(named) == {*MINIMUM_ROLE, "Login"}


@pytest.mark.parametrize("user", ["mia", "lea", "ada"])
async def test_roles(served: Any, user: str) -> None:
    async with served.client(user) as client:
        assert (await client.get("/calls")).status_code == 200
        records = await client.get("/rules/records")
        assert records.status_code == (403 if user == "mia" else 200)
