"""A call's page in a real Chromium: what is above the fold, facts found while typing, keys, no growth."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from hotline_proto.facts import Fact
from hotline_proto.v1 import probe_pb2 as pb
from playwright.async_api import Page, async_playwright, expect

CHROMIUM = shutil.which("chromium") or ""
FLAGS = ["--disable-gpu", "--disable-background-networking", "--no-first-run"]
PATIENCE_MS = 30_000
PASSWORD = "correct horse"

pytestmark = pytest.mark.skipif(not CHROMIUM, reason="needs chromium (Debian: chromium)")


@asynccontextmanager
async def page_of(site: Any, call_id: str, lang: str = "en") -> AsyncIterator[Page]:
    flags = [*FLAGS, "--no-sandbox"] if os.geteuid() == 0 else FLAGS
    async with async_playwright() as play:
        chromium = await play.chromium.launch(executable_path=CHROMIUM, args=flags)
        context = await chromium.new_context(viewport={"width": 1280, "height": 720}, locale=lang)
        context.set_default_timeout(PATIENCE_MS)
        page = await context.new_page()
        await page.goto(f"{site.url}/desk/sign-in?lang={lang}")
        await page.fill("#name", "mia")
        await page.fill("#password", PASSWORD)
        await page.press("#password", "Enter")
        await page.wait_for_url("**/desk")
        await page.goto(f"{site.url}/desk/calls/{call_id}")
        yield page
        await chromium.close()


def measured(probe: Any) -> None:
    probe.tell("ping", Fact("net.gateway.reachable", True), Fact("net.internet.reachable", True))
    probe.tell("lookups", Fact("net.dns.lookup.ok", False))
    probe.tell("cpu", Fact("system.cpu.utilization", 0.5), Fact("system.cpu.load_per_core", 0.25))


async def test_the_break_and_the_computer_are_above_the_fold(site: Any, join: Any, filesystem: Any) -> None:
    probe = await join(site.world)
    measured(probe)
    probe.tell("filesystems", *filesystem(0.99))
    for lang in ("de", "en"):
        async with page_of(site, probe.call.row.id, lang) as page:
            for part in ("#say", "svg.way .break", "#machine"):
                box = await page.locator(part).bounding_box()
                assert box and box["y"] + box["height"] <= 720, (lang, part, box)


async def test_facts_are_found_while_typing(site: Any, join: Any) -> None:
    probe = await join(site.world)
    measured(probe)
    async with page_of(site, probe.call.row.id) as page:
        await page.press("body", "f")
        await page.keyboard.type("CPU")
        rows = page.locator("#facts tbody tr:visible")
        await expect(rows).to_have_count(2, timeout=PATIENCE_MS)
        await page.keyboard.type(" util")
        await expect(rows).to_have_count(1, timeout=PATIENCE_MS)
        await expect(rows).to_contain_text("50 %", timeout=PATIENCE_MS)
        await expect(page.locator("#facts-count")).to_have_text("1", timeout=PATIENCE_MS)


async def test_a_page_left_open_does_not_grow(site: Any, join: Any) -> None:
    probe = await join(site.world)
    measured(probe)
    async with page_of(site, probe.call.row.id) as page:
        last = page.locator("#machine strong").first
        counts = []
        for number in range(4):
            probe.call.trends.due = 0
            probe.tell("cpu", Fact("system.cpu.utilization", (20 + number) / 100))
            await expect(last).to_have_text(f"{20 + number} %", timeout=PATIENCE_MS)
            counts.append(await page.locator("*").count())
        assert len(set(counts)) == 1


async def test_keys_propose_and_take_back(site: Any, join: Any, filesystem: Any) -> None:
    probe = await join(site.world)
    probe.tell("filesystems", *filesystem(0.99))
    async with page_of(site, probe.call.row.id) as page:
        # Until the stream is open a key leaves the page, as without it nothing would bring what changed.
        await page.wait_for_function("source?.readyState === EventSource.OPEN")
        await page.press("body", "p")
        await expect(page.locator("#fixes article")).to_have_count(1, timeout=PATIENCE_MS)
        [fix] = probe.call.fixes.rows.values()
        probe.report(fix.id, pb.ACTION_STATE_DECLINED)
        await expect(page.locator("#propose-next")).to_be_visible(timeout=PATIENCE_MS)
        await page.press("body", "p")
        await expect(page.locator("#fixes article")).to_have_count(2, timeout=PATIENCE_MS)
        assert [row.index for row in probe.call.fixes.rows.values()] == [0, 1]
        await page.press("body", "y")
        await expect(page.locator("#why-step p")).to_be_visible(timeout=PATIENCE_MS)
