"""A real Chromium before the desk of a real collector, to which real probes connect."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from hotline_collector.console.client import AgentClient
from hotline_collector.security.accounts import LocalAccounts
from hotline_collector.security.passwords import Passwords
from hotline_collector.store.store import SqlStore
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.e2e.conftest import Call, Listener, System, free_port, running

PATIENCE_MS = 30_000
expect.set_options(timeout=PATIENCE_MS)
PASSWORD = "correct horse battery"
USERS = {"mia": "agent", "noa": "agent", "lea": "lead", "ada": "admin"}
_FLAGS = (
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]
# A check a second, so that a test need not wait for the usual interval.
_SETTINGS = {"HOTLINE_MEASURING__INTERVALS": "checks=1"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep to one browser at a time, for workers share a machine, and leave it time: it may be a busy one."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("browser"))
            item.add_marker(pytest.mark.timeout(300))


@dataclass
class Desk:
    """A running collector with accounts of every role, and how its desk is reached."""

    system: System

    @property
    def url(self) -> str:
        """Where the web port is."""
        return f"http://127.0.0.1:{self.system.started['web_port']}"

    def let_in(self, name: str, call_id: str) -> None:
        """Have somebody open another's call for a reason, as the page that asks for it does."""
        place = f"localhost:{self.system.grpc_port}"
        with AgentClient(place, self.system.ca_pem) as nobody:
            token = nobody.login(name, PASSWORD).token
        with AgentClient(place, self.system.ca_pem, token) as client:
            client.request_access(call_id, "to see what the test sees")

    def client(self, name: str = "mia") -> AgentClient:
        """Return the client of somebody who has an account."""
        server, ca = f"localhost:{self.system.grpc_port}", self.system.ca_pem
        with AgentClient(server, ca) as nobody:
            token = nobody.login(name, PASSWORD).token
        self.system.clients.append(AgentClient(server, ca, token))
        return self.system.clients[-1]

    def follow(self, call_id: str, name: str = "mia") -> Call:
        """Return a call that somebody has opened at the desk."""
        return Call(self.client(name), call_id, "", "")

    def call(self, complaint: str, name: str = "mia") -> Call:
        """Open a call for somebody."""
        client = self.client(name)
        opened = client.open_call(complaint, "", "")
        return Call(client, opened.call_id, opened.code.link, opened.code.code)

    async def add_users(self) -> None:
        """Make the accounts of the tests."""
        store = SqlStore(self.system.data / "hotline.db")
        await store.start()
        accounts = LocalAccounts(store, Passwords(memory_kib=64, passes=1))
        for name, role in USERS.items():
            await accounts.add(name, PASSWORD, role)
        await store.close()


@dataclass
class Window:
    """One page of a browser; whatever runs or complains in it without being asked is kept in `said`."""

    page: Page
    desk: Desk
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", lambda message: self._complained(message.type, message.text))
        self.page.on("pageerror", lambda error: self.said.append(f"error: {error}"))
        self.page.on("dialog", self._asked)

    def _complained(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.said.append(f"{kind}: {text}")

    def _asked(self, dialog: Any) -> None:
        self.said.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def open(self, path: str) -> None:
        """Open a page of the web port."""
        self.page.goto(self.desk.url + path)

    def sign_in(self, name: str = "mia", password: str = PASSWORD) -> None:
        """Sign in as somebody would."""
        self.open("/desk/sign-in")
        self.page.fill("#name", name)
        self.page.fill("#password", password)
        self.page.click("main form button")

    def open_call(self, complaint: str, check: str = "") -> str:
        """Open a call by the form of the desk and return its id."""
        self.open("/desk")
        self.page.fill("#complaint", complaint)
        if check:
            self.page.fill("#first_check", check)
        self.page.click("form[action='/desk/calls'] button")
        self.page.wait_for_url(re.compile("/desk/calls/[0-9a-f-]{36}"))
        return self.page.url.partition("/desk/calls/")[2][:36]

    def look_into(self, call_id: str, reason: str = "helps out") -> None:
        """Open somebody else's call, which takes a reason."""
        self.open(f"/desk/calls/{call_id}")
        self.page.fill("main [name=reason]", reason)
        self.page.click("main form button")
        expect(self.page.locator("#say")).to_be_visible()
        assert [said for said in self.said if "403" not in said] == []
        self.said.clear()

    def link(self) -> str:
        """Return the join link that the page shows."""
        shown = self.page.locator("code", has_text="hotline://").first
        return shown.inner_text()

    def faults(self, *rules: str) -> list[str]:
        """Return what axe finds on the page: WCAG 2.2 A and AA and good practice, or only some rules."""
        only = {"type": "rule", "values": rules} if rules else {"type": "tag", "values": _TAGS}
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE_SCRIPT)
        options = {"runOnly": only, "resultTypes": ["violations"]}
        found: Any = self.page.evaluate("options => axe.run(options)", options)
        return [
            f"{each['id']}: {node['html'][:200]} {node.get('failureSummary', '')}"
            for each in found["violations"]
            for node in each["nodes"]
        ]

    def overflow(self) -> int:
        """Return by how many CSS pixels the page is wider than the window."""
        wider = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        return int(self.page.evaluate(wider))


@pytest.fixture(scope="session")
def standing_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with running(System(tmp_path_factory.mktemp("desk"), _SETTINGS)) as system:
        desk = Desk(system)
        asyncio.run(desk.add_users())
        yield desk


@pytest.fixture
def desk(standing_desk: Desk) -> Iterator[Desk]:
    """The desk that all tests share; a test's probes end with it."""
    yield standing_desk
    standing_desk.system.leave()


# Of a module, because the loop behind it would keep tests of other folders from running theirs.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("chromium is not installed (apt-get install chromium)")
    flags = [*_FLAGS, "--no-sandbox"] if os.name == "posix" and os.geteuid() == 0 else list(_FLAGS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=flags)
        yield browser
        browser.close()


@pytest.fixture
def window(browser: Browser, desk: Desk) -> Iterator[Callable[..., Window]]:
    """Opens windows, each in a browser profile of its own; what was said in them must be nothing."""
    contexts: list[BrowserContext] = []
    windows: list[Window] = []

    def new(lang: str = "en", **options: Any) -> Window:
        options = {"viewport": {"width": 1280, "height": 720}, "locale": lang} | options
        context = browser.new_context(**options)
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        windows.append(Window(context.new_page(), desk))
        return windows[-1]

    yield new
    for context in contexts:
        context.close()
    assert not [said for each in windows for said in each.said]


@pytest.fixture
def service() -> Iterator[Listener]:
    """A local service that is not running yet."""
    listener = Listener(free_port())
    yield listener
    listener.stop()
