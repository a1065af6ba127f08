"""The phone's page in a real browser, as small as a phone: questions come by themselves, and sharing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, async_playwright, expect

SMALL = {"width": 360, "height": 640}
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
pytestmark = pytest.mark.slow


@pytest.fixture
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        yield browser
        await browser.close()


async def is_accessible_and_fits(page: Page) -> None:
    found = await Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    wide = await page.evaluate("document.documentElement.scrollWidth")
    assert wide <= SMALL["width"]


@pytest.mark.parametrize(("lang", "scheme"), [("de", "dark"), ("en", "light")])
async def test_a_caller_with_a_phone(
    place: Any, agent: Any, chromium: Browser, lang: str, scheme: Any
) -> None:
    call, code = await place.call(agent)
    context = await chromium.new_context(
        viewport=SMALL,
        color_scheme=scheme,
        locale=lang,
        base_url=place.url,  # type: ignore[arg-type]
    )
    page = await context.new_page()
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    await page.goto(f"/phone/{code}")
    await is_accessible_and_fits(page)
    await page.get_by_role("button", name={"de": "Beginnen", "en": "Start"}[lang]).click()
    await expect(
        page.get_by_text({"de": "Gerade ist nichts", "en": "Nothing to answer"}[lang])
    ).to_be_visible()
    await place.world.desk.follow_plan(agent, call.row.id, "plan.net")
    await expect(page.get_by_role("heading", name="Other devices?")).to_be_visible(timeout=20_000)
    await is_accessible_and_fits(page)
    key = page.get_by_role("button", name="works" if lang == "en" else "works (de)")
    box = await key.bounding_box()
    assert box is not None and box["height"] >= 44
    await key.click()
    await expect(page.get_by_role("link", name={"de": "Ändern", "en": "Change"}[lang])).to_be_visible()
    await page.get_by_role("button", name={"de": "Prüfen", "en": "Check"}[lang]).click()
    share = page.get_by_role("button", name={"de": "freigeben", "en": "Share"}[lang])
    await expect(share).to_be_visible(timeout=30_000)
    await is_accessible_and_fits(page)
    assert not shared(call)
    await share.click()
    await expect(page.get_by_role("alert")).to_contain_text({"de": "Danke", "en": "Thank you"}[lang])
    facts = shared(call)
    assert facts["phone.collector.family"] == "ipv4" and facts["phone.collector.loss"] == 0
    assert 0 < facts["phone.collector.rtt"] < 10 and abs(facts["phone.clock.offset"]) < 10
    await place.world.desk.close(agent, call.row.id, "abandoned")
    await expect(
        page.get_by_text({"de": "Der Anruf ist beendet", "en": "The call has ended"}[lang])
    ).to_be_visible(timeout=20_000)
    # A browser asks for an icon that there is none of, and is told that the call has ended.
    assert not [fault for fault in faults if "Failed to load resource" not in fault]
    await context.close()


def shared(call: Any) -> dict[str, Any]:
    return {one.fact: one.value for one in call.engine.facts(1) if one.fact.startswith("phone.")}
