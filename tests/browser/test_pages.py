"""Every page as everybody sees it: axe finds nothing, and it fits on a laptop and on a phone."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.browser.conftest import Desk, Window
from tests.browser.pages import PAGES, WITHOUT_SIGNING_IN
from tests.e2e.conftest import Listener, free_port

Windows = Callable[..., Window]
_SIZES = ((1280, 720), (360, 640))


@pytest.fixture(scope="module")
def calls(standing_desk: Desk) -> Iterator[dict[str, str]]:
    """Calls to be looked at, by the names that addresses use."""
    system, silent = standing_desk.system, Listener(free_port())
    place = f"127.0.0.1:{silent.port}"
    opened = {
        name: standing_desk.call(f"my program cannot reach {place}", "ada")
        for name in ("call", "waiting", "closed")
    }
    call = opened["call"]
    probe = system.probe(call.link, "--check", place)
    call.linked("connected")
    assert call.client.confirm_words(call.id, probe.words)
    found = call.finding("check.local_service_down")
    call.client.propose_fix(call.id, found.finding_id, 0)
    call.client.add_note(call.id, "rang twice")
    opened["closed"].client.close_call(opened["closed"].id, "abandoned", "hung up", caller_confirmed=False)
    for name in ("ada", "mia"):
        for each in opened.values():
            standing_desk.let_in(name, each.id)
    others = system.open("nobody is let in")
    yield {name: each.id for name, each in opened.items()} | {"others": others.id}
    probe.stop()


def show(window: Window, address: str) -> None:
    """Open a page; of a report the same text, where axe may run."""
    if "/report?" not in address:
        window.open(address)
        return
    answer = window.page.context.request.get(window.desk.url + address)
    assert answer.ok and "sandbox" in answer.headers["content-security-policy"]
    window.open("/desk")
    window.page.goto("about:blank")
    window.page.set_content(answer.text())


def looked_at(window: Window, addresses: list[str]) -> list[str]:
    """Return what is wrong with pages, in both appearances and sizes."""
    wrong: list[str] = []
    for address in addresses:
        show(window, address)
        for details in window.page.locator("details").all():
            details.evaluate("each => { each.open = true; }")
        window.page.emulate_media(color_scheme="light")
        wrong += [f"{address}: {each}" for each in window.faults()]
        # Nothing but the colours depends on the appearance.
        window.page.emulate_media(color_scheme="dark")
        wrong += [f"{address} (dark): {each}" for each in window.faults("color-contrast")]
        for width, height in _SIZES:
            window.page.set_viewport_size({"width": width, "height": height})
            if over := window.overflow():
                wrong.append(f"{address}: {over} px too wide for {width}")
        window.page.set_viewport_size({"width": 1280, "height": 720})
    return wrong


@pytest.mark.parametrize("path", list(PAGES))
def test_a_page_is_for_everybody(window: Windows, calls: dict[str, str], path: str) -> None:
    ada = window("de" if path == "/desk" else "en")
    ada.sign_in("ada")
    assert looked_at(ada, [address.format(**calls) for address in PAGES[path]]) == []
    only_answered(ada)


@pytest.mark.parametrize("path", list(WITHOUT_SIGNING_IN))
def test_a_page_for_nobody_yet_is_for_everybody(window: Windows, path: str) -> None:
    nobody = window()
    assert looked_at(nobody, list(WITHOUT_SIGNING_IN[path])) == []
    only_answered(nobody)


def only_answered(window: Window) -> None:
    """Assert that the browser complains about nothing but pages that are not there or ask why."""
    answered = ("403", "404", "410")
    assert [said for said in window.said if not any(each in said for each in answered)] == []
    window.said.clear()


def test_the_list_of_keys_is_for_everybody(window: Windows, calls: dict[str, str]) -> None:
    ada = window()
    ada.sign_in("ada")
    ada.open(f"/desk/calls/{calls['waiting']}")
    ada.page.keyboard.press("?")
    assert ada.page.locator("#keys").is_visible()
    assert ada.faults() == []
