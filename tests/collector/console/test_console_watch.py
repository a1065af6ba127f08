"""The live view against a real server: what it shows, what its keys do, how it reconnects."""

from __future__ import annotations

import asyncio
import html
import re
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from hotline_collector.console.client import AgentClient
from hotline_collector.console.errors import NotLoggedIn
from hotline_collector.console.watch import WatchApp
from hotline_proto.v1 import agent_pb2 as pb


def screen(app: WatchApp) -> str:
    """Return what is on the screen, line by line."""
    lines: dict[str, str] = {}
    svg = app.export_screenshot(simplify=True)
    for y, text in re.findall(r'<text[^>]* y="([^"]*)"[^>]*>([^<]*)</text>', svg):
        lines[y] = lines.get(y, "") + html.unescape(text).replace("\xa0", " ")
    return "\n".join(lines.values())


async def until(holds: Callable[[], bool], what: Callable[[], object] = lambda: "") -> None:
    for _ in range(1000):
        if holds():
            return
        await asyncio.sleep(0.02)
    raise AssertionError(what())


async def shows(app: WatchApp, text: str) -> None:
    await until(lambda: text in screen(app), lambda: f"{text!r} is not on:\n{screen(app)}")


@pytest.fixture
async def client(home: Any, collector: Any) -> AsyncIterator[AgentClient]:
    with AgentClient.of(collector.login()) as client:
        yield client


async def test_the_view_shows_changes_and_every_key_does_something(
    client: AgentClient, collector: Any, call_id: str
) -> None:
    app = WatchApp(client, call_id, "en")
    state = collector.state
    async with app.run_test(size=(100, 70)) as pilot:
        await shows(app, "SAY NOW: The cause is the name server.")
        await shows(app, "> 1. [!!]")
        await pilot.press("j")
        await shows(app, "> 2. [! ]")
        await pilot.press("up")
        await shows(app, "> 1. [!!]")
        await pilot.press("p")
        await shows(app, "Proposed: Restart the router")
        await shows(app, "1) Pull the plug.")
        await pilot.press("d")
        await until(lambda: state.calls[call_id].fixes[-1].state == "verifying")
        await shows(app, "Done: steps done")
        await until(lambda: app._call is not None and app._call.fixes[-1].state == "verifying")
        await pilot.press("u")
        await until(lambda: state.calls[call_id].fixes[-1].state == "undone")
        await pilot.press("a", "x", "enter")
        assert len(app.screen_stack) == 2
        await shows(app, "That is none of the answers")
        assert screen(app).count("how to find out: Try the phone.") == 2
        await pilot.press("backspace", "y", "e", "enter")
        await until(lambda: state.calls[call_id].questions[0].answer == "true")
        await shows(app, "answer: yes")
        await pilot.press("a")
        await shows(app, "There is no open question.")
        await pilot.press("n", *"warm", "enter")
        await until(lambda: state.calls[call_id].notes[-1].text == "warm")
        await pilot.press("c", *"nas", "enter")
        await shows(app, "'nas' names no port")
        await pilot.press("w", *"anker zebra", "enter")
        await shows(app, "Done: anker zebra")
        await pilot.press("w", *"anker hotel", "enter")
        await shows(app, "these are not the words")
        await pilot.press("e")
        await shows(app, "The caller is being asked.")
        await pilot.press("f")
        await shows(app, "system.memory.total = 8 GiB")
        await pilot.press("f")
        await until(lambda: "system.memory.total" not in screen(app))
        await pilot.press("l")
        await shows(app, "JETZT SAGEN")
        await pilot.press("question_mark")
        await shows(app, "jede Taste schließt diese Seite")
        await pilot.press("q")
        await until(lambda: len(app.screen_stack) == 1)
        await pilot.press("q")
    await until(lambda: state.watchers == 0)
    assert app.fault is None


async def test_the_view_reconnects_and_says_so(client: AgentClient, collector: Any, call_id: str) -> None:
    app = WatchApp(client, call_id, "en")
    async with app.run_test(size=(80, 24)):
        await shows(app, "SAY NOW")
        await collector.stop()
        await shows(app, "Connection to the collector lost")
        await collector.start()
        await shows(app, "Connected to the collector again.")
        await collector.state.change(lambda call: setattr(call, "complaint", "after the restart"))
        await shows(app, "after the restart")


async def test_the_view_stays_until_it_is_left_when_the_call_is_closed(
    client: AgentClient, collector: Any, call_id: str
) -> None:
    app = WatchApp(client, call_id, "en")
    async with app.run_test(size=(80, 24)) as pilot:
        await shows(app, "SAY NOW")
        await collector.state.change(lambda call: setattr(call, "state", "closed"))
        await shows(app, "The call is closed.")
        await pilot.press("q")


async def test_a_lost_login_ends_the_view(collector: Any, home: Any, call_id: str) -> None:
    with AgentClient.of(collector.login("stolen")) as client:
        app = WatchApp(client, call_id, "en")
        async with app.run_test():
            await until(lambda: app.fault is not None)
    assert isinstance(app.fault, NotLoggedIn)


async def test_hostile_names_stay_text(
    client: AgentClient, collector: Any, hostile: str, call_id: str
) -> None:
    def poison(call: pb.CallView) -> None:
        call.causes[0].entity = hostile
        call.complaint = hostile * 500

    await collector.state.change(poison)
    app = WatchApp(client, call_id, "en")
    async with app.run_test(size=(80, 50)):
        await shows(app, "[bold]evil[/bold]")
        assert "\x1b" not in screen(app)


async def test_the_owners_word_for_a_device_is_given_by_a_key(
    client: AgentClient, collector: Any, call_id: str
) -> None:
    state, device = collector.state, "ssh://root@nas.example.org"

    def with_device(call: pb.CallView) -> None:
        call.targets.add(target=2, name=device, device="reading", link="connected", from_collector=True)
        action = pb.FixOption(index=3, action="service.restart", title=pb.Text(en="Restart the service"))
        call.causes[1].target = 2
        call.causes[1].fixes.extend([pb.FixOption(index=1, title=pb.Text(en="Look at it")), action])

    await state.change(with_device)
    app = WatchApp(client, call_id, "en")
    async with app.run_test(size=(110, 70)) as pilot:
        await shows(app, "> 1. [!!]")
        # Nobody but the owner of a device that is read from here is spoken for.
        await pilot.press("o")
        await shows(app, "The owner's word is for actions on a device that the collector reads.")
        await pilot.press("j", "o")
        await shows(app, f"Does the owner of {device} agree to")
        await shows(app, "Restart the service")
        await pilot.press("n", "enter")
        assert len(app.screen_stack) == 2
        await pilot.press("escape", "o", "y", "enter")
        await until(lambda: bool(state.proposals))
        assert state.proposals == [(app._selected, 3, True)]
        await pilot.press("question_mark")
        await shows(app, "the owner agrees")
        await pilot.press("q")
