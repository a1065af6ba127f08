"""The end of a call by forms and links: texts, outcome, undo, report, complaint, earlier calls, call-pop."""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace
from typing import Any

import pytest
from hotline_collector.calls.tickets import delivery_view
from hotline_collector.web.wrap_up import with_key
from hotline_proto.v1 import probe_pb2 as pb

from tests.collector.web.test_call_page import HOSTILE, sound


@pytest.fixture
def at(site: Any) -> Any:
    """The site of an operator who recognises customers and tells a ticket system."""
    around = site.world.manager.around
    around.settings = replace(around.settings, contact_key=b"k" * 32, ticket_events=("call.closed",))
    return site


async def opened(site: Any, join: Any, browser: Any, complaint: str = "disk full", **more: str) -> Any:
    probe = await join(site.world, complaint, reference=more.pop("reference", ""))
    await browser.sign_in(**more)
    await browser.open(f"/desk/calls/{probe.call.row.id}/wrap-up")
    return probe


def drafts(page: str) -> dict[str, str]:
    """Return what the form of the texts would send if nobody changed anything."""
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    shown = dict(
        re.findall(r'<textarea id="\w+" class="text" name="(\w+)"[^>]*>\n(.*?)</textarea>', page, re.S)
    )
    texts = {name: html.unescape(text).replace("\n", "\r\n") for name, text in shown.items()}
    return fields | texts


async def prove(site: Any, probe: Any, filesystem: Any, agent: Any) -> None:
    probe.tell("filesystems", *filesystem(0.99))
    [finding] = [f.id for f in probe.call.engine.findings().values()]
    fix = await site.world.desk.propose(agent, probe.call.row.id, finding, 1)
    await site.world.desk.update_fix(agent, probe.call.row.id, fix, "done")
    probe.tell("filesystems", *filesystem(0.3))
    assert probe.call.fixes.rows[fix].state == "verified"


async def test_a_call_is_closed_with_its_texts(at: Any, join: Any, filesystem: Any, agent: Any) -> None:
    async with at.browser() as mia:
        probe = await opened(at, join, mia, reference="K-7")
        path = mia.page.url.path
        assert "What is lacking for “solved”" in mia.words() and "nothing bears it out" in mia.words()
        assert drafts(mia.page.text)["outcome"] == "second_level"
        sound(mia.page.text)
        await prove(at, probe, filesystem, agent)
        await mia.open(path)
        assert "Measured, it is solved; the caller's word is what counts now." in mia.words()
        form = drafts(mia.page.text)
        assert "verified: the fault is gone" in form["ticket"] and "Es geht wieder" in form["summary"]
        assert 'lang="de" aria-describedby="summary-hint"' in mia.page.text
        form["summary"] = "Alles gut.\r\nBis bald!"
        page = await mia.send(path, **form, do="close")
        assert page.status_code == 409 and "the caller has not confirmed" in mia.words()
        assert drafts(page.text)["summary"] == "Alles gut.\r\nBis bald!"
        sound(page.text)
        await mia.send(path, **form, do="close", caller_confirmed="yes", note="kind caller")
        assert mia.page.url.path == path and "Closed: solved" in mia.words()
        assert "Alles gut. Bis bald!" in mia.words() and "call.closed : waits" in mia.words()
        sound(mia.page.text)
        row = await at.store.wrap_up(probe.call.row.id)
        # Nobody had changed the ticket, so it was written once more and knows how it ended.
        assert row.summary == "Alles gut.\nBis bald!" and "kind caller" in row.ticket
        await mia.open(f"/desk/calls/{probe.call.row.id}")
        assert "Ticket system" in mia.words() and "Report of the call" in mia.words()
        [delivery] = await at.store.deliveries(probe.call.row.id)
        delivery.state, delivery.attempts, delivery.detail = "failed", 20, "<b>\x1b[31m"
        await at.store.settle_delivery(delivery)
        await mia.open(path)
        assert "was given up · 20 attempts · <b>[31m" in mia.words()
        assert delivery_view(delivery).due_us == 0
        sound(mia.page.text)
        await mia.send(f"{path}/resend")
        assert "call.closed : waits" in mia.words() and "Try again" not in mia.words()
        [again] = await at.store.due_deliveries(at.world.clock.now(), 9)
        assert (again.id, again.attempts, again.payload) == (delivery.id, 0, delivery.payload)


async def test_texts_are_kept_while_the_call_goes_on(at: Any, join: Any) -> None:
    async with at.browser() as mia:
        probe = await opened(at, join, mia, lang="de")
        path, call_id = mia.page.url.path, probe.call.row.id
        await mia.open(f"{path}?outcome=technician")
        form = drafts(mia.page.text)
        assert form["outcome"] == "technician" and "Ergebnis: an einen Techniker" in form["ticket"]
        await mia.send(path, **{**form, "ticket": "mine"}, do="keep")
        assert "Die Texte sind gemerkt." in mia.words() and drafts(mia.page.text)["ticket"] == "mine"
        row = await at.store.wrap_up(call_id)
        assert (row.ticket, row.summary) == ("mine", "")
        form = drafts(mia.page.text)
        await mia.send(path, **form, do="keep")
        assert (await at.store.wrap_up(call_id)).ticket == "mine"
        await mia.send(path, **{**drafts(mia.page.text), "ticket": ""}, do="keep")
        assert (await at.store.wrap_up(call_id)).ticket == ""
        assert "Ergebnis: an einen Techniker" in drafts(mia.page.text)["ticket"]
        page = await mia.send(path, **{**drafts(mia.page.text), "ticket": "x" * 8001}, do="keep")
        assert page.status_code == 400 and "8001 characters" in mia.words()
        await mia.send(path, **{**form, "summary": "ü€" * 2000}, do="close")
        assert (await at.store.wrap_up(call_id)).summary == "ü€" * 2000


async def test_a_temporary_change_can_be_taken_back_there(
    at: Any, join: Any, filesystem: Any, agent: Any
) -> None:
    async with at.browser() as mia:
        probe = await opened(at, join, mia)
        probe.tell("filesystems", *filesystem(0.99))
        [finding] = list(probe.call.engine.findings())
        fix = await at.world.desk.propose(agent, probe.call.row.id, finding, 0)
        probe.report(fix, pb.ACTION_STATE_DONE, undoable=True)
        path = mia.page.url.path
        await mia.open(path)
        assert "Changes still in force that can be taken back" in mia.words()
        sound(mia.page.text)
        await mia.send(f"{path}/undo", fix=fix)
        assert [each.proposal_id for each in probe.link.bodies("undo")] == [fix]
        probe.report(fix, pb.ACTION_STATE_UNDONE)
        await mia.open(path)
        assert "still in force" not in mia.words().partition("Ticket text")[0]


async def test_the_report_is_handed_out_in_every_form(at: Any, join: Any) -> None:
    async with at.browser() as mia:
        probe = await opened(at, join, mia, complaint="<b>disk full")
        links = re.findall(r'href="([^"]*/report[^"]*)"', mia.page.text)
        assert len(links) == 4
        for link, media, shown in zip(
            links,
            ("text/html; charset=utf-8", "application/pdf", "application/json", "text/plain; charset=utf-8"),
            ("inline", "attachment", "attachment", "attachment"),
            strict=True,
        ):
            page = await mia.client.get(html.unescape(link), headers={"accept-language": "de"})
            assert (page.status_code, page.headers["content-type"]) == (200, media)
            assert page.headers["content-disposition"].startswith(f'{shown}; filename="call-')
            assert "sandbox" in page.headers["content-security-policy"]
            assert shown == "attachment" or "<b>" not in page.text
        data = await mia.client.get(f"/desk/calls/{probe.call.row.id}/report?format=json")
        assert json.loads(data.content)["call"]["complaint"] == "<b>disk full"
        assert (await mia.open(f"/desk/calls/{probe.call.row.id}/report?format=docx")).status_code == 400
        assert (await mia.open("/desk/calls/nothing/report")).status_code == 404


async def test_the_complaint_is_corrected_on_the_page(at: Any, join: Any, filesystem: Any) -> None:
    async with at.browser() as mia:
        probe = await opened(at, join, mia, complaint="the page is slow")
        probe.tell("filesystems", *filesystem(0.99))
        path = f"/desk/calls/{probe.call.row.id}"
        await mia.open(path)
        assert "Also noticed (1)" in mia.words() and "Correct the complaint" in mia.words()
        await mia.send(f"{path}/complaint", complaint="since Monday", complaint_key="disk")
        assert probe.call.row.complaint == "#disk since Monday" and "Also noticed" not in mia.words()
        sound(mia.page.text)
        page = await mia.send(f"{path}/complaint", complaint="x" * 2001)
        assert page.status_code == 400 and probe.call.row.complaint == "#disk since Monday"
    assert (with_key("", "a"), with_key("k", "")) == ("a", "#k")


async def test_a_common_complaint_opens_a_call_with_one_click(at: Any) -> None:
    async with at.browser() as mia:
        await mia.sign_in(lang="de")
        assert "1 disk (de)" in mia.words() and 'accesskey="1"' in mia.page.text
        sound(mia.page.text)
        await mia.send("/desk/calls", complaint_key="disk")
        await mia.open("/desk")
        await mia.send("/desk/calls", complaint="since Monday", complaint_key="web")
        await mia.open("/desk")
        await mia.send("/desk/calls", complaint="", complaint_key="<b>")
        complaints = [call.row.complaint for call in at.world.manager.calls.values()]
        assert complaints == ["#disk disk (de)", "#web since Monday", ""]
        entries = [call.engine.complaint for call in at.world.manager.calls.values()]
        assert entries == complaints


async def test_a_telephone_system_opens_the_call_or_a_new_one(
    at: Any, join: Any, filesystem: Any, agent: Any
) -> None:
    async with at.browser() as mia:
        first = await opened(at, join, mia, reference="K-7")
        await mia.open("/desk?ref=K-7")
        assert mia.page.url.path == f"/desk/calls/{first.call.row.id}"
        await prove(at, first, filesystem, agent)
        await at.world.desk.close(agent, first.call.row.id, "solved", caller_confirmed=True)
        await mia.open("/desk?ref=K-7")
        assert 'value="K-7"' in mia.page.text and "Earlier calls of this customer (1)" in mia.words()
        assert "disk full · solved" in mia.words() and "Tried: do tidy (verified)" in mia.words()
        sound(mia.page.text)
        await mia.send("/desk/calls", complaint="again", customer_reference="K-7")
        assert "Earlier calls of this customer (1)" in mia.words() and "Cause: disk.full" in mia.words()
        sound(mia.page.text)
    await at.world.saver.flush()
    looks = [e for e in await at.store.audit_trail() if e.detail == "as an earlier call"]
    assert {(e.actor, e.call_id) for e in looks} == {("agent:mia", first.call.row.id)}


async def test_nothing_earlier_is_shown_unless_switched_on(site: Any, join: Any, agent: Any) -> None:
    async with site.browser() as mia:
        first = await join(site.world, reference="K-7")
        await site.world.desk.close(agent, first.call.row.id, "abandoned")
        await mia.sign_in()
        await mia.open("/desk?ref=K-7")
        assert "Earlier calls" not in mia.words() and 'value="K-7"' in mia.page.text


@pytest.mark.parametrize("text", HOSTILE[:-1], ids=range(len(HOSTILE) - 1))
async def test_hostile_strings_stay_words_to_the_end(at: Any, join: Any, text: str) -> None:
    async with at.browser() as mia:
        probe = await opened(at, join, mia, complaint=text, reference=text[:100])
        path = mia.page.url.path
        form = drafts(mia.page.text)
        await mia.send(path, **{**form, "ticket": text, "summary": f"{text}\r\n{text}"}, do="keep")
        sound(mia.page.text)
        await mia.send(path, **drafts(mia.page.text), do="close", note=text)
        sound(mia.page.text)
        await mia.open(f"/desk/calls/{probe.call.row.id}")
        sound(mia.page.text)
        await mia.client.get("/desk", params={"ref": text[:100]})
        await mia.open("/desk?closed=1")
        sound(mia.page.text)
        for query in ("outcome=%3Cb%3E", "said=%3Cb%3E"):
            await mia.open(f"{path}?{query}")
            sound(mia.page.text)


async def test_every_form_of_the_end_needs_session_and_key(at: Any, join: Any) -> None:
    async with at.browser() as mia, at.browser() as nobody:
        probe = await opened(at, join, mia)
        path, key = f"/desk/calls/{probe.call.row.id}", mia.key()
        for name in ("wrap-up", "wrap-up/undo", "wrap-up/resend", "complaint"):
            page = await nobody.client.post(f"{path}/{name}", data={"key": key})
            assert (page.status_code, page.headers["location"][:13]) == (303, "/desk/sign-in")
            assert (await mia.client.post(f"{path}/{name}", data={"key": "0" * 64})).status_code == 403
            data = {"key": key, "do": "close", "outcome": "abandoned"}
            assert (await mia.client.post(f"/desk/calls/nothing/{name}", data=data)).status_code == 404
        for name in ("wrap-up", "report"):
            assert (await nobody.client.get(f"{path}/{name}")).status_code == 303
        assert probe.call.row.state != "closed"
