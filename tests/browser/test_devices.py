"""A device is added on the page of a call, and its answer is seen there."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Window
from tests.e2e.conftest import free_port, wait_for
from tests.played.fritzbox import fritzbox


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", "the caller's program does not read this address"),
        ("de", "das Programm des Anrufers liest diese Adresse nicht"),
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


@pytest.mark.parametrize(
    ("lang", "said", "more"),
    [
        ("en", "a FRITZ!Box has no SSH", "read by the source homerouter of the caller's computer"),
        ("de", "eine FRITZ!Box hat kein SSH", "liest die Quelle homerouter des Computers des Anrufers"),
    ],
)
def test_a_fritzbox_has_no_ssh(window: Callable[..., Window], lang: str, said: str, more: str) -> None:
    mia = window(lang, viewport={"width": 360, "height": 720})
    mia.sign_in()
    mia.open_call("the internet is slow")
    # One box each, for both languages may have their turn at the same time.
    box = {"en": "127.0.0.50", "de": "127.0.0.57"}[lang]
    address = f"ssh://root@{box}:{free_port()}"
    probe = mia.desk.system.probe(mia.link(), "--device", address, consent="")
    wait_for(lambda: "[y/N]" in probe.log.read_text(), what=probe.lines)
    probe.type("y")
    mia.page.fill("#words-read", probe.words)
    mia.page.click("#words-send")
    mia.page.fill("#device", address)
    with fritzbox(box):
        mia.page.click("#device-send")
        probe.event("device_asked")
        probe.type("y")
        expect(mia.page.locator("#connection")).to_contain_text(said)
    expect(mia.page.locator("#connection")).to_contain_text(more)
    assert mia.faults() == []
    assert mia.overflow() == 0
