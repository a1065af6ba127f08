"""The pages about personal data: a reason for others' calls, a text for the caller, erasing for good."""

from __future__ import annotations

from typing import Any

import pytest
from hotline_collector.model.rows import WrapUpRow
from hotline_collector.web.protection_words import PROTECTION_WORDS

DE = PROTECTION_WORDS["de"]


async def test_a_lead_gives_a_reason_and_comes_back_to_the_page_they_wanted(site: Any, join: Any) -> None:
    probe = await join(site.world)
    path = f"/desk/calls/{probe.call.row.id}"
    async with site.browser() as lea:
        await lea.sign_in("lea", lang="de")
        page = await lea.open(f"{path}?find=disk")
        assert (page.status_code, DE["reason_title"] in lea.words()) == (403, True)
        assert "disk full" not in lea.words(), "nothing of the call is told"
        page = await lea.send(f"{path}/look", reason=" ", back=f"{path}?find=disk")
        assert (page.status_code, DE["reason_missing"] in lea.words()) == (403, True)
        page = await lea.send(f"{path}/look", reason="Mia ist krank", back=f"{path}?find=disk")
        assert (page.status_code, page.url.path, page.url.query) == (200, path, b"find=disk")
        assert "disk full" in lea.words()
    trail = [(each.actor, each.action, each.detail) for each in await site.store.audit_of(probe.call.row.id)]
    assert ("agent:lea", "call.look_other", "Mia ist krank") in trail


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", "/desk/../etc"])
async def test_after_the_reason_nobody_is_sent_elsewhere(site: Any, join: Any, back: str) -> None:
    probe = await join(site.world)
    async with site.browser() as lea:
        await lea.sign_in("lea")
        page = await lea.send(f"/desk/calls/{probe.call.row.id}/look", reason="x", back=back)
        assert page.url.path == "/desk"


async def test_forms_of_others_calls_ask_as_well(site: Any, join: Any) -> None:
    probe = await join(site.world)
    path = f"/desk/calls/{probe.call.row.id}"
    async with site.browser() as lea:
        await lea.sign_in("lea")
        page = await lea.send(f"{path}/note", text="I was here")
        assert (page.status_code, "Another agent's call" in lea.words()) == (403, True)
        assert f'value="{path}"' in page.text
        assert (await lea.open(f"{path}/events")).status_code == 403
    assert probe.call.notes == []


async def test_everything_kept_is_written_down_for_the_caller(
    site: Any, join: Any, agent: Any, filesystem: Any
) -> None:
    probe = await join(site.world, "disk full\x1b[31m", reference="K-7")
    await site.store.save([WrapUpRow(probe.call.row.id, probe.call.row.id, ticket="PLANTED ticket")])
    probe.tell("filesystems", *filesystem(0.99, "/srv"))
    call_id = probe.call.row.id
    await site.world.desk.note(agent, call_id, "caller is\ncalm \u202e")
    await site.world.desk.answer(agent, call_id, "ask.scope", "fails")
    await site.world.saver.flush()
    async with site.browser() as mia:
        await mia.sign_in(lang="de")
        await mia.open(f"/desk/calls/{call_id}")
        assert f"/desk/calls/{call_id}/subject" in mia.page.text
        assert f"/desk/calls/{call_id}/erase" not in mia.page.text, "an agent does not erase"
        page = await mia.open(f"/desk/calls/{call_id}/subject")
    assert page.headers["content-type"] == "text/plain; charset=utf-8"
    assert page.headers["content-disposition"] == f'attachment; filename="call-{call_id}.txt"'
    for line in (
        f"Alles, was zum Anruf {call_id} gespeichert ist",
        "Was Sie uns gesagt haben: disk full [31m",
        "Kundennummer: K-7",
        "mia: caller is calm",
        "disk.full (de) (disk.full /srv): active",
        "belegter Anteil des Dateisystems, wie df ihn zeigt (system.filesystem.utilization /srv): 99 %",
        "wozu das Dateisystem dient (system.filesystem.purpose /srv): Betriebssystem",
        "Other devices? (de) (ask.scope): fails (de)",
        "call.note",
        "call.export_subject",
        "linux, 0.1.0, de",
        "Nummer für den Rückruf: nichts",
        "Texte vom Ende des Anrufs",
        "PLANTED ticket",
    ):
        assert line in page.text, line
    assert not any(bad in page.text for bad in ("\x1b", "\u202e"))


async def test_erasing_wants_the_number_and_a_reason_and_is_not_for_agents(site: Any, join: Any) -> None:
    probe = await join(site.world, "PLANTED")
    call_id = probe.call.row.id
    path, last = f"/desk/calls/{call_id}/erase", call_id[-4:]
    async with site.browser() as mia:
        await mia.sign_in()
        assert (await mia.open(path)).status_code == 403
        assert (await mia.send(path, reason="x", confirm=last)).status_code == 403
    async with site.browser() as ada:
        await ada.sign_in("ada")
        assert (await ada.open("/desk/calls/nobody/erase")).status_code == 404
        await ada.open(path)
        assert "PLANTED" not in ada.page.text and call_id in ada.words()
        for confirm, reason, says in (
            ("0000x", "the caller asked", "These are not the last four"),
            ("ä", "the caller asked", "These are not the last four"),
            (last, " ", "say why the call is erased"),
        ):
            page = await ada.send(path, reason=reason, confirm=confirm)
            assert (page.status_code, says in ada.words()) == (400, True), says
            assert call_id in site.world.manager.calls
        page = await ada.send(path, reason="the caller asked", confirm=last.upper())
        assert (page.status_code, "The call is erased" in ada.words()) == (200, True)
        assert (await ada.open(f"/desk/calls/{call_id}")).status_code == 404
        assert (await ada.open(path)).status_code == 404
    assert probe.link.ended == ["bye erased"]
    assert await site.store.call(call_id) is None
    entry = await site.store.last_audit("call.erase")
    assert (entry.actor, entry.detail) == ("agent:ada", f"{call_id}: the caller asked")
