"""A device that the operator has listed is chosen on the page of a call, and how it stands is seen there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Desk, Window
from tests.e2e.conftest import System, running

# Nobody listens at the port of the discard service (RFC 863).
LISTED = "ssh://support.of.the.storage.boxes@127.0.0.1:9"


@pytest.fixture(scope="session")
def standing_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("listing")
    config = folder / "hotline.toml"
    config.write_text(f'[[devices.allow]]\naddress = "{LISTED}"\nagent = true\nactions = true\n')
    with running(System(folder, {"HOTLINE_CONFIG": str(config)})) as system:
        desk = Desk(system)
        asyncio.run(desk.add_users())
        yield desk


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", "cannot be read (from the collector): it cannot be reached"),
        ("de", "kann nicht gelesen werden (vom Collector aus): es ist nicht erreichbar"),
    ],
)
def test_an_agent_has_a_listed_device_read(window: Callable[..., Window], lang: str, said: str) -> None:
    mia = window(lang, viewport={"width": 360, "height": 720})
    mia.sign_in()
    mia.open_call("the storage box is slow")
    mia.page.select_option("#device-here", LISTED)
    mia.page.click("#device-here-send")
    expect(mia.page.locator("#connection")).to_contain_text(LISTED)
    expect(mia.page.locator("#connection")).to_contain_text(said)
    assert "hotline://" in mia.link(), "the caller can still join"
    assert mia.faults() == []
    assert mia.overflow() == 0
