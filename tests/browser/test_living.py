"""Pages that stay open: lost connections, slow networks, two agents, a whole day."""

from __future__ import annotations

import signal
from collections.abc import Callable
from typing import Any

from playwright.sync_api import CDPSession, expect

from tests.browser.conftest import Desk, Window
from tests.browser.following import first_line
from tests.e2e.conftest import wait_for

Windows = Callable[..., Window]
# A page makes way for one a quarter of a second later; with these bytes a second it takes far longer to come.
SLOW = {"offline": False, "latency": 400, "downloadThroughput": 30_000, "uploadThroughput": 30_000}
NOTES = 24
UPDATES = 200


def joined(desk: Desk, window: Window, place: str) -> tuple[Any, Any]:
    """Return a call whose page is open in a window, and the probe that has joined it."""
    window.sign_in()
    call = desk.follow(window.open_call(f"my program cannot reach {place}"))
    probe = desk.system.probe(window.link(), "--check", place)
    call.linked("connected")
    assert call.client.confirm_words(call.id, probe.words)
    return call, probe


def test_a_probe_that_dies_keeps_its_findings_and_comes_back(
    window: Windows, desk: Desk, service: Any
) -> None:
    mia = window()
    _call, probe = joined(desk, mia, f"127.0.0.1:{service.port}")
    causes, connection = mia.page.locator("#causes"), mia.page.locator("#connection")
    expect(causes).to_contain_text("Service on this computer is not running")
    expect(connection).to_contain_text("connected")
    probe.send(signal.SIGKILL)
    expect(connection).to_contain_text("lost")
    expect(connection).to_contain_text("findings kept")
    expect(causes).to_contain_text("Service on this computer is not running")
    assert first_line(mia)[1] == "Watch what happens"

    mia.page.get_by_text("New join code").click()
    mia.page.get_by_role("button", name="Make a new code").click()
    mia.page.get_by_text("New join code").click()
    desk.system.probe(mia.link(), "--check", f"127.0.0.1:{service.port}")
    expect(connection).to_contain_text("connected")
    expect(connection).not_to_contain_text("lost")
    expect(causes).to_contain_text("Service on this computer is not running")


def test_a_collector_that_restarts_is_found_again(window: Windows, desk: Desk) -> None:
    mia = window()
    mia.sign_in()
    call = desk.follow(mia.open_call("everything is slow"))
    status = mia.page.locator("#status")
    desk.system.kill()
    expect(status).to_contain_text("The connection to the collector is lost")
    expect(mia.page.locator("h1")).to_have_text("everything is slow")
    desk.system.start()
    expect(status).not_to_contain_text("is lost")
    desk.follow(call.id).client.add_note(call.id, "after the restart")
    expect(mia.page.locator("#timeline")).to_contain_text("after the restart")
    assert all("net::ERR" in said for said in mia.said), mia.said
    mia.said.clear()


def test_a_slow_network_gets_the_newest_state_and_holds_up_nobody(window: Windows, desk: Desk) -> None:
    mia, lea = window(), window()
    mia.sign_in()
    lea.sign_in("lea")
    call = desk.follow(mia.open_call("everything is slow"))
    lea.look_into(call.id)
    mia.open("/desk")
    wire: CDPSession = mia.page.context.new_cdp_session(mia.page)
    came: list[Any] = []
    wire.on("Network.eventSourceMessageReceived", lambda event: came.append(event["eventId"]))
    wire.send("Network.enable")
    wire.send("Network.emulateNetworkConditions", SLOW)
    mia.open(f"/desk/calls/{call.id}")
    expect(mia.page.locator("#timeline")).to_be_visible()
    for number in range(NOTES):
        call.client.add_note(call.id, f"note {number}, " + "which says a lot " * 100)
    expect(lea.page.locator("#timeline")).to_contain_text(f"note {NOTES - 1},")
    behind = f"note {NOTES - 1}," not in mia.page.locator("#timeline").inner_text()
    assert behind, "her network is slow"
    assert len(call.view().notes) == NOTES
    expect(mia.page.locator("#timeline")).to_contain_text(f"note {NOTES - 1},")
    assert len(came) < NOTES / 2, "what is old by now is not sent any more"


def test_two_agents_see_the_same_and_cannot_do_it_twice(window: Windows, desk: Desk, service: Any) -> None:
    mia, lea = window(), window("de")
    call, _ = joined(desk, mia, f"127.0.0.1:{service.port}")
    lea.sign_in("lea")
    lea.look_into(call.id)
    expect(mia.page.locator(".next a")).to_have_text("Propose a fix")
    expect(lea.page.locator(".next a")).to_have_text("Eine Abhilfe vorschlagen")
    for each in (mia, lea):
        # The click returns before its answer comes, so that the other's falls in between.
        each.page.locator("#causes button[id^=propose-]").first.evaluate(
            "button => setTimeout(() => button.click(), 50)"
        )
    expect(mia.page.locator("#fixes article")).to_have_count(1)
    expect(lea.page.locator("#fixes article")).to_have_count(1)
    assert len(call.view().fixes) == 1
    service.start()
    lea.page.locator("#fixes button[value=done]").click()
    expect(mia.page.locator("#fixes .state")).to_contain_text("verified")
    expect(lea.page.locator("#fixes .state")).to_contain_text("nachgewiesen")
    assert [said for said in (*mia.said, *lea.said) if "409" not in said] == []
    for each in (mia, lea):
        each.said.clear()


def test_a_page_left_open_does_not_grow(window: Windows, desk: Desk, service: Any) -> None:
    mia = window()
    call, _ = joined(desk, mia, f"127.0.0.1:{service.port}")
    expect(mia.page.locator("#causes")).to_contain_text("Service on this computer is not running")
    wire = mia.page.context.new_cdp_session(mia.page)
    wire.send("Performance.enable")
    # Two real states of the page, one after the other as often as in hours, by the page's own way in.
    mia.page.evaluate(
        "() => { window.states = []; source.addEventListener('message', e => states.push(e.data)); }"
    )
    for number in range(2):
        call.client.renew_code(call.id)
        wait_for(lambda number=number: mia.page.evaluate("states.length") > number)  # type: ignore[misc]
    mia.page.evaluate("disconnect()")
    grown = [sizes(mia, wire, UPDATES) for _ in range(3)]
    first, last = grown[0], grown[-1]
    assert last["Nodes"] <= first["Nodes"] * 1.02 and last["JSEventListeners"] <= first["JSEventListeners"], (
        grown
    )
    assert last["JSHeapUsedSize"] <= first["JSHeapUsedSize"] * 1.1, grown


def sizes(window: Window, wire: CDPSession, updates: int) -> dict[str, float]:
    """Show some updates and return what the page holds afterwards, garbage collected."""
    window.page.evaluate("n => { for (let i = 0; i < n; i++) arrived(states[i % 2]); }", updates)
    wire.send("HeapProfiler.collectGarbage")
    metrics = wire.send("Performance.getMetrics")["metrics"]
    return {each["name"]: each["value"] for each in metrics}
