"""The queue and the end of calls over HTTP, against the real call layer and store."""

from __future__ import annotations

from typing import Any

import pytest


async def opened(client: Any, **more: str) -> str:
    answer = await client.post("/calls", json={"complaint": "no internet", **more})
    assert answer.status_code == 201
    return str(answer.json()["call_id"])


async def test_a_call_is_handed_over_and_taken_once(served: Any) -> None:
    async with served.client("mia") as mia, served.client("lea") as lea:
        call = await opened(mia)
        assert (await mia.post(f"/calls/{call}/transfer", json={"note": "needs a lead"})).status_code == 204
        listed = (await lea.get("/queue")).json()
        assert [(each["call"]["call_id"], each["wait"]["place"]) for each in listed["waiting"]] == [(call, 1)]
        assert (await lea.post("/calls/next/take")).json() == {"call_id": call}
        again = await mia.post(f"/calls/{call}/take")
        assert again.status_code == 409 and again.json()["type"].endswith("/conflict")
        stolen = await mia.post(f"/calls/{call}/transfer", json={})
        assert stolen.status_code == 403 and stolen.json()["type"].endswith("/reason")
        assert (await lea.post(f"/calls/{call}/call-back")).status_code == 409
        assert (await mia.put("/outages/no.such.rule", json={"state": "announced"})).status_code in (
            404,
            409,
            422,
        )


async def test_another_agents_call_opens_for_a_reason(served: Any) -> None:
    async with served.client("mia") as mia, served.client("ada") as ada:
        call = await opened(mia)
        refused = await ada.get(f"/calls/{call}")
        assert refused.status_code == 403 and refused.json()["type"].endswith("/reason")
        assert (await ada.post(f"/calls/{call}/access", json={"reason": " "})).status_code == 422
        until = (await ada.post(f"/calls/{call}/access", json={"reason": "mia is ill"})).json()["until_us"]
        assert until > 0 and (await ada.get(f"/calls/{call}")).status_code == 200


@pytest.mark.parametrize(
    ("form", "media_type", "begins"),
    [
        ("json", "application/json", b"{"),
        ("html", "text/html", b"<!doctype html>"),
        ("pdf", "application/pdf", b"%PDF-"),
        ("text", "text/plain", b""),
    ],
)
async def test_reports(served: Any, form: str, media_type: str, begins: bytes) -> None:
    async with served.client("mia") as mia:
        call = await opened(mia)
        report = await mia.get(f"/calls/{call}/report", params={"format": form, "language": "de"})
        assert report.status_code == 200 and report.headers["content-type"].startswith(media_type)
        assert report.content.lower().startswith(begins.lower())
        assert (await mia.get(f"/calls/{call}/report", params={"format": "docx"})).status_code == 422


async def test_a_call_ends_with_its_texts(served: Any) -> None:
    async with served.client("mia") as mia:
        call = await opened(mia, customer_reference="K-1")
        corrected = await mia.put(f"/calls/{call}/complaint", json={"complaint": "no mail"})
        assert corrected.json() == {"complaint": "no mail"}
        assert (await mia.put(f"/calls/{call}/texts", json={"ticket": "my words"})).status_code == 204
        wrapped = (await mia.get(f"/calls/{call}/wrap-up", params={"outcome": "technician"})).json()
        assert wrapped["ticket"] == "my words" and wrapped["ticket_edited"] and wrapped["summary"]
        assert (await mia.post(f"/calls/{call}/measurements", json={"source": "ping"})).status_code == 409
        assert (await mia.post(f"/calls/{call}/deliveries")).json() == {"deliveries": 0}
        closing = {"outcome": "technician", "summary": "We send somebody.", "language": "de"}
        assert (await mia.post(f"/calls/{call}/close", json=closing)).json() == {"state": "closed"}
        kept = (await mia.get(f"/calls/{call}/wrap-up")).json()
        assert (kept["ticket"], kept["summary"]) == ("my words", "We send somebody.")
        earlier = await mia.get("/earlier-calls", params={"customer_reference": "K-1"})
        assert earlier.json() == {"recognised": False, "calls": []}


async def test_what_is_kept_is_told_and_erased(served: Any) -> None:
    async with served.client("mia") as mia, served.client("lea") as lea:
        call = await opened(mia, customer_reference="K-2")
        assert "K-2" in (await mia.get(f"/calls/{call}/subject", params={"language": "de"})).json()["text"]
        reason = {"reason": "the caller asked for it"}
        assert (await mia.post(f"/calls/{call}/erasure", json=reason)).status_code == 403
        assert (await lea.post(f"/calls/{call}/erasure", json={"reason": ""})).status_code == 422
        assert (await lea.post(f"/calls/{call}/erasure", json=reason)).status_code == 204
        assert (await mia.get(f"/calls/{call}")).status_code == 404


async def test_figures_are_for_leads(served: Any) -> None:
    async with served.client("mia") as mia, served.client("lea") as lea:
        assert (await mia.get("/figures")).status_code == 403
        told = (await lea.get("/figures", params={"days": 7})).json()
        assert told["least_group"] >= 5 and told["calls"]["name"] == "calls"
        assert (await lea.get("/figures", params={"first_day": "yesterday"})).status_code == 422
