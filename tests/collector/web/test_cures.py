"""Cures on a call's page: what they take and promise, their proof, and what comes when they do not help."""

from __future__ import annotations

import asyncio
import re
from typing import Any

from hotline_proto.v1 import probe_pb2 as pb

USED = "used share of the filesystem, as df shows it"


async def opened(site: Any, join: Any, browser: Any, filesystem: Any, **fields: str) -> Any:
    probe = await join(site.world)
    probe.tell("filesystems", *filesystem(0.99))
    await browser.sign_in(**fields)
    await browser.open(f"/desk/calls/{probe.call.row.id}")
    return probe


async def proposed(mia: Any, probe: Any, index: int) -> Any:
    [finding] = list(probe.call.engine.findings())
    await mia.send(f"{mia.page.url.path}/propose", finding=finding, index=str(index))
    [fix] = probe.call.fixes.rows.values()
    return fix


async def passing(site: Any, probe: Any, fix: Any, tell: Any) -> None:
    """Let time pass for a proof while the probe goes on measuring."""
    ahead = 0
    async with asyncio.timeout(60):
        while fix.state in ("done", "verifying"):
            ahead += 1_000_000
            tell()
            site.world.manager.around.deadlines.fire(site.world.clock.now() + ahead)
            await asyncio.sleep(0)


def greens(page: str) -> list[str]:
    """Return what the page shows as good about fixes."""
    cards = re.search(r'<section id="fixes".*?</section>', page, re.DOTALL)
    return re.findall(r'class="[^"]*\bgood\b[^"]*"', cards[0]) if cards else []


async def test_an_action_that_reports_success_and_changes_nothing_is_never_shown_as_good(
    site: Any, join: Any, filesystem: Any
) -> None:
    async with site.browser() as mia:
        probe = await opened(site, join, mia, filesystem)
        fix = await proposed(mia, probe, 0)
        path = mia.page.url.path
        seen = []
        for state in (pb.ACTION_STATE_ACCEPTED, pb.ACTION_STATE_RUNNING, pb.ACTION_STATE_DONE):
            probe.report(fix.id, state, undoable=True)
            await mia.open(path)
            seen.append(fix.state)
            assert not greens(mia.page.text) and "the fault is gone" not in mia.words()
        assert seen == ["accepted", "running", "verifying"]
        await passing(site, probe, fix, lambda: probe.tell("filesystems", *filesystem(0.99)))
        await mia.open(path)
        assert fix.state == "still_present" and "✕ still present" in mia.words()
        assert not greens(mia.page.text) and "the fault is gone" not in mia.words()
        assert "Next: Propose the next fix" in mia.words() and "That has not helped." in mia.words()


async def test_what_was_proven_is_good_and_shows_before_and_after(
    site: Any, join: Any, filesystem: Any
) -> None:
    async with site.browser() as mia:
        probe = await opened(site, join, mia, filesystem)
        fix = await proposed(mia, probe, 1)
        await mia.send(f"{mia.page.url.path}/fix", fix=fix.id, event="done")
        await passing(site, probe, fix, lambda: probe.tell("filesystems", *filesystem(0.5)))
        await mia.open(mia.page.url.path)
        assert fix.state == "verified" and len(greens(mia.page.text)) == 1
        assert f"Before Now {USED} (/) 99 % 50 %" in mia.words()
        assert 'id="propose-next"' not in mia.page.text


async def test_a_fix_that_the_caller_declines_leads_to_the_next_by_one_button(
    site: Any, join: Any, filesystem: Any
) -> None:
    async with site.browser() as mia:
        probe = await opened(site, join, mia, filesystem)
        fix = await proposed(mia, probe, 0)
        assert "The caller is being asked on their own screen." in mia.words()
        probe.report(fix.id, pb.ACTION_STATE_DECLINED)
        await mia.open(mia.page.url.path)
        button = re.search(
            r'name="finding" value="([^"]*)"><input[^>]*value="(\d)"><button id="propose-next">',
            mia.page.text,
        )
        assert button and "Propose next: do tidy" in mia.words()
        await mia.send(f"{mia.page.url.path}/propose", finding=button[1], index=button[2])
        assert [row.index for row in probe.call.fixes.rows.values()] == [0, 1]
        for index in (1, 2):
            last = list(probe.call.fixes.rows.values())[-1]
            await mia.send(f"{mia.page.url.path}/fix", fix=last.id, event="declined")
            if index == 1:
                await mia.send(f"{mia.page.url.path}/propose", finding=button[1], index="2")
        assert "Next: Hand the call over" in mia.words() and 'id="propose-next"' not in mia.page.text
        assert "Nothing that can be done from here has helped." in mia.words()


async def test_a_cure_says_what_it_takes_what_will_be_seen_and_why(
    site: Any, join: Any, filesystem: Any
) -> None:
    async with site.browser() as mia:
        await opened(site, join, mia, filesystem)
        words = mia.words()
        assert "one click for the caller" in words and "one step for the caller" in words
        assert f"If this is the cause, within 15 s you will see: {USED} < 90 %." in words
        assert "It cures “disk.full”, which explains the complaint with a confidence of 90 %." in words
        assert "it is number 2" in words and "Why? The readings point to the cause ranked first." in words
