"""A device is added on the page of a call, and its answer is seen there."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Window


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", "not allowed: the caller's program does not read this address"),
        ("de", "nicht erlaubt: das Programm des Anrufers liest diese Adresse nicht"),
    ],
)
def test_an_agent_asks_for_a_device(window: Callable[..., Window], lang: str, said: str) -> None:
    mia = window(lang, viewport={"width": 360, "height": 720})
    mia.sign_in()
    mia.open_call("the storage is slow")
    probe = mia.desk.system.probe(mia.link(), consent="basic")
    mia.page.fill("#words-read", probe.words)
    mia.page.click("#words-send")
    # The caller's own computer is no device, so their probe says no without asking anybody.
    mia.page.fill("#device", "ssh://admin@127.0.0.1:2222")
    mia.page.click("#device-send")
    expect(mia.page.locator("#connection")).to_contain_text("ssh://admin@127.0.0.1:2222")
    expect(mia.page.locator("#connection")).to_contain_text(said)
    assert mia.faults() == []
    assert mia.overflow() == 0
