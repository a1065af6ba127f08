"""A call is opened from a file on a page of the desk, and saved as one."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hotline_collector.calls.bounds import MAX_BUNDLE

from tests.broken_bundles import BROKEN


async def put(browser: Any, data: bytes, **fields: str) -> Any:
    await browser.open("/desk/import")
    form = {"key": browser.key()} | fields
    browser.page = await browser.client.post(
        "/desk/import", data=form, files={"file": ("call.hlb", data)}, follow_redirects=True
    )
    return browser.page


@pytest.fixture
async def record(site: Any, join: Any, filesystem: Any, agent: Any) -> bytes:
    probe = await join(site.world)
    probe.tell("filesystems", *filesystem(0.99))
    data: bytes = await site.world.desk.export(agent, probe.call.row.id)
    return data


@pytest.mark.parametrize(
    ("lang", "title"), [("en", "Open a call from a file"), ("de", "Anruf aus einer Datei anlegen")]
)
async def test_a_call_is_opened_from_a_file_and_saved_as_one(
    site: Any, agent: Any, record: bytes, lang: str, title: str
) -> None:
    async with site.browser(headers={"accept-language": lang}) as mia:
        await mia.sign_in()
        assert "/desk/import" in mia.page.text
        await mia.open("/desk/import")
        assert title in mia.words()
        answer = await put(mia, record, complaint="the disk is full", customer_reference="4711")
        assert answer.status_code == 200 and "the disk is full" in mia.words() and "disk.full" in mia.words()
        call_id = str(answer.url).rpartition("/")[2]
        row = (await site.store.calls(include_closed=True))[0]
        assert (row.id, row.customer_reference, row.outcome) == (call_id, "4711", "imported")

        assert f"/desk/calls/{call_id}/record" in mia.page.text
        saved = await mia.client.get(f"/desk/calls/{call_id}/record")
        assert saved.status_code == 200
        assert re.fullmatch(r'attachment; filename="[a-z.]+"', saved.headers["content-disposition"])
        again = await site.world.desk.import_record(agent, saved.content)
        assert again.findings == 1
    told = [(entry.action, entry.call_id) for entry in await site.store.audit_trail()]
    assert ("call.import", call_id) in told and ("call.export", call_id) in told


@pytest.mark.parametrize("name", list(BROKEN))
async def test_a_broken_file_is_one_clear_error(site: Any, record: bytes, name: str) -> None:
    data, said = BROKEN[name](record)
    async with site.browser() as mia:
        await mia.sign_in()
        answer = await put(mia, data, complaint="kept as typed")
        assert answer.status_code == 400 and said in mia.words() and "kept as typed" in answer.text
        assert "No call was opened: the file cannot be imported: " in mia.words()
    assert [row.outcome for row in await site.store.calls(include_closed=True)] == [""]


async def test_a_form_without_a_file_or_from_elsewhere_does_nothing(site: Any, record: bytes) -> None:
    async with site.browser() as mia:
        await mia.sign_in()
        assert (await put(mia, b"")).status_code == 400 and "choose a file" in mia.words()
        assert (await put(mia, record, key="0" * 64)).status_code == 403
        await mia.open("/desk/import")
        for options in (
            {"data": {"key": mia.key()}},
            {"content": b"--x", "headers": {"content-type": "multipart/form-data; boundary=x"}},
            {"content": b""},
            {
                "data": {"key": mia.key()},
                "files": {"file": ("a", record)},
                "headers": {"sec-fetch-site": "cross-site"},
            },
        ):
            assert (await mia.client.post("/desk/import", **options)).status_code == 403
    assert len(await site.store.calls(include_closed=True)) == 1


@pytest.mark.parametrize("more", [1, 200_000])
async def test_a_file_that_is_too_large_is_told_so_and_not_kept(site: Any, more: int) -> None:
    async with site.browser() as mia:
        await mia.sign_in()
        answer = await put(mia, bytes(MAX_BUNDLE + more))
        assert answer.status_code == 413 and "larger than 16 MiB" in mia.words()
    assert await site.store.calls(include_closed=True) == []


async def test_the_record_of_anothers_call_takes_a_reason(site: Any, record: bytes) -> None:
    call_id = (await site.store.calls(include_closed=True))[0].id
    async with site.browser() as lea:
        await lea.sign_in("lea")
        answer = await lea.client.get(f"/desk/calls/{call_id}/record")
        assert answer.status_code == 403 and record[:8] not in answer.content
