"""The web port on loopback, with the real store, accounts and call layer behind it."""

from __future__ import annotations

import html
import re
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from hotline_collector.calls.clock import SteadyClock
from hotline_collector.calls.desk import Desk
from hotline_collector.security.accounts import LocalAccounts, wall_us
from hotline_collector.security.doors import Doors
from hotline_collector.security.joincodes import PacedCodes
from hotline_collector.security.pacing import Gate
from hotline_collector.security.passwords import Passwords
from hotline_collector.serve.caller_pages import CallerFacts, CallerPages
from hotline_collector.serve.web import WebServer, build_app
from hotline_collector.store.journal import SqliteJournal
from hotline_collector.store.store import SqlStore
from hotline_collector.web.console import Console, Face, build_console
from hotline_collector.web.operation import Operation
from prometheus_client import CollectorRegistry
from starlette.applications import Starlette

from tests.new_database import new_database

PASSWORD = "correct horse"
# Each client would otherwise read the system's authorities anew, although none of them is asked here.
_AUTHORITIES = ssl.create_default_context()


@dataclass
class Clock:
    """The time that sessions of browsers see; a test turns it."""

    ahead: int = 0

    def now(self) -> int:
        return wall_us() + self.ahead

    def pass_time(self, seconds: float) -> None:
        self.ahead += round(seconds * 1e6)


@dataclass
class Browser:
    """A browser without scripts: keeps cookies, fills in forms, follows redirects."""

    client: httpx.AsyncClient
    page: httpx.Response = field(init=False)

    async def open(self, path: str, **headers: str) -> httpx.Response:
        self.page = await self.client.get(path, headers=headers, follow_redirects=True)
        return self.page

    def key(self) -> str:
        found = re.search(r'name="key" value="([0-9a-f]{64})"', self.page.text)
        assert found, self.page.text
        return found[1]

    async def send(self, path: str, **fields: str) -> httpx.Response:
        """Send a form of the page that is open, with its key unless another one is given."""
        data = {"key": self.key()} | fields
        self.page = await self.client.post(path, data=data, follow_redirects=True)
        return self.page

    async def sign_in(self, name: str = "mia", password: str = PASSWORD, **fields: str) -> httpx.Response:
        await self.open("/desk/sign-in")
        return await self.send("/desk/sign-in", name=name, password=password, **fields)

    def words(self) -> str:
        """Return what can be read on the page."""
        text = re.sub(r"<[^>]*>", " ", self.page.text.partition("<body>")[2])
        return " ".join(html.unescape(text).split())


@dataclass
class Site:
    """A running web port."""

    url: str
    clock: Clock
    store: SqlStore
    accounts: LocalAccounts
    world: Any
    console: Console
    doors: Doors
    operation: Operation
    app: Starlette

    @asynccontextmanager
    async def browser(self, **options: Any) -> AsyncIterator[Browser]:
        options = {"verify": _AUTHORITIES} | options
        async with httpx.AsyncClient(base_url=self.url, timeout=30, **options) as client:
            yield Browser(client)


@pytest.fixture
def web_url() -> str:
    return "http://127.0.0.1"


@pytest.fixture
async def site(tmp_path: Path, world: Any, catalogue: Any, rules: Any, web_url: str) -> AsyncIterator[Site]:
    clock, store = Clock(), SqlStore(new_database(tmp_path / "a.db"))
    await store.start()
    accounts = LocalAccounts(store, Passwords(memory_kib=64, passes=1, shortest=10), operator="A & B")
    for name, role in (("mia", "agent"), ("lea", "lead"), ("ada", "admin")):
        await accounts.add(name, PASSWORD, role)
    gate = Gate()
    doors = Doors.of(store, accounts, gate, b"k" * 32, clock.now)
    settings = replace(world.settings, web_url="https://help.example")
    world = type(world)(catalogue, rules, store=store, clock=SteadyClock(), settings=settings)
    world.desk = Desk(world.manager, PacedCodes(store, b"j" * 32, gate))

    async def ready() -> str:
        return ""

    callers = CallerPages(CallerFacts("A & B", "127.0.0.1", 1), room=world.desk.waiting_room)
    operation = Operation(
        ready=ready,
        journal=SqliteJournal(store.path),
        database=store.path,
        started=wall_us(),
        certificate_ends=wall_us() + 40 * 86_400_000_000,
        retention_days=30,
        repeat_days=0,
    )
    console = build_console(Face("A & B", web_url), doors, world.desk, operation, store)
    app = build_app(callers, b"", CollectorRegistry(), ready, console.routes)
    server = WebServer(app, "127.0.0.1", 0)
    await server.start()
    yield Site(
        f"http://127.0.0.1:{server.port}", clock, store, accounts, world, console, doors, operation, app
    )
    console.hang_up()
    await server.stop()
    await store.close()
