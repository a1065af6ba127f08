"""Safety comes first over HTTP, too: nothing else is answered, entered or proposed while a hazard stands."""

from __future__ import annotations

import httpx
import pytest

from tests.collector.api.http.test_operations import known, opened, view


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("answers", {"question": "ask.scope", "value": "works"}),
        ("answers", {"question": "ask.scope", "value": ""}),
        ("facts", {"facts": [{"fact": "ask.scope", "value": "works"}]}),
    ],
)
async def test_a_hazard_locks_every_other_answer(
    mia: httpx.AsyncClient, path: str, body: dict[str, object]
) -> None:
    call_id = await opened(mia)
    assert (
        await mia.post(f"/calls/{call_id}/answers", json={"question": "ask.smell", "value": True})
    ).is_success
    refused = await mia.post(f"/calls/{call_id}/{path}", json=body)
    assert refused.status_code == 403, refused.text
    assert refused.json()["detail"] == (
        "safety first: as long as “burning” stands, no other question is answered"
    )
    assert "ask.scope" not in known(await view(mia, call_id))
    corrected = await mia.post(f"/calls/{call_id}/answers", json={"question": "ask.smell", "value": False})
    assert corrected.is_success, "an answer about safety can be corrected at any time"
    assert (await mia.post(f"/calls/{call_id}/{path}", json=body)).is_success
