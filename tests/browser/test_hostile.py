"""Hostile texts of a probe, shown wherever they can be: nothing runs, nothing breaks, nothing is hidden."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hotline_proto.facts import Fact
from hotline_proto.v1 import probe_pb2 as pb
from playwright.sync_api import expect

from tests.browser.conftest import Desk, Window
from tests.browser.hostile import CONTROL, FLAG, MIB, TEXTS, findings, joined, text

Windows = Callable[..., Window]


def harmless(window: Window) -> None:
    """Assert that the page that is open shows hostile texts as texts."""
    page = window.page
    assert page.evaluate(f"window.{FLAG} === undefined")
    assert page.locator("#planted, img, main script, iframe, object, [onerror], [onfocus]").count() == 0
    assert page.locator("a[href^='javascript:']").count() == 0
    shown = page.evaluate("document.documentElement.textContent + document.title")
    assert not CONTROL.findall(shown)
    attributes = page.evaluate(
        "[...document.querySelectorAll('*')].flatMap(e => [...e.attributes].map(a => a.value)).join(' ')"
    )
    assert not CONTROL.findall(attributes)
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 720})
        assert window.overflow() <= 0, (page.url, width)


def test_nothing_that_a_probe_says_runs_or_breaks_a_page(window: Windows, desk: Desk) -> None:
    mia = window()
    mia.sign_in()
    opened = desk.call(f"it says that nothing can be saved {TEXTS[0]} {TEXTS[6]} {TEXTS[5]}")
    probe = joined(desk.system, opened)
    try:
        cause = next(f for f in findings(opened) if f.rule == "sto.fs.full")
        fix_id = opened.client.propose_fix(opened.id, cause.finding_id, 0)
        for state in (pb.ACTION_STATE_ACCEPTED, pb.ACTION_STATE_FAILED):
            probe.report(fix_id, state, " ".join(TEXTS))
        for number, each in enumerate(TEXTS):
            opened.client.add_note(opened.id, f"note {number}: {each}")
        opened.client.disagree(opened.id, cause.finding_id, text(0) + text(6), text(5) + text(1))
        opened.fix(fix_id, "failed")

        desk.let_in("mia", opened.id)
        mia.open(f"/desk/calls/{opened.id}?find=")
        expect(mia.page.locator("#facts-list")).to_contain_text("system.filesystem.utilization")
        mia.page.locator("details").evaluate_all("all => all.forEach(each => { each.open = true; })")
        expect(mia.page.locator("#fixes")).to_contain_text("<script>window.owned=1;alert(1)</script>")
        harmless(mia)
        # The same, as it comes by itself.
        opened.client.add_note(opened.id, "once more")
        expect(mia.page.locator("#timeline")).to_contain_text("once more")
        harmless(mia)
        for path in (
            "/desk",
            "/desk?closed=1",
            f"/desk?ref={'%3Cscript%3E' * 5}",
            "/desk/<script>alert(1)</script>",
        ):
            mia.open(path)
            harmless(mia)
        assert [said for said in mia.said if "404" not in said] == []
        mia.said.clear()
    finally:
        probe.leave()


@pytest.mark.parametrize("place", ["entity", "value", "note", "detail"])
def test_a_name_of_a_megabyte_changes_nothing(desk: Desk, place: str) -> None:
    opened = desk.call("nothing can be saved")
    probe = joined(desk.system, opened)
    try:
        before = len(findings(opened))
        huge = "W" * MIB
        if place == "entity":
            probe.tell("filesystems", Fact("system.filesystem.utilization", 0.99, huge))
        elif place == "value":
            probe.tell("host", Fact("host.os.name", huge))
        elif place == "note":
            probe.tell("host", Fact("host.os.name", "x"), note=huge)
        else:
            probe.report("nothing", pb.ACTION_STATE_FAILED, huge)
        opened.client.add_note(opened.id, "the call goes on")
        assert len(findings(opened)) == before
        assert not [fact for fact in opened.view(facts=True).facts if len(fact.value + fact.entity) > 4096]
    finally:
        probe.leave()
