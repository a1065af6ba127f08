"""Pages for callers on a real web port, with the real store and call layer behind it."""

from __future__ import annotations

import html
import re
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from hotline_collector.calls.clock import SteadyClock
from hotline_collector.calls.desk import Desk
from hotline_collector.security.joincodes import PacedCodes
from hotline_collector.security.pacing import Gate
from hotline_collector.security.phones import Phones
from hotline_collector.serve.caller_pages import CallerFacts, CallerPages
from hotline_collector.serve.phone_pages import PhoneParts
from hotline_collector.serve.web import WebServer, build_app
from hotline_collector.store.store import SqlStore
from prometheus_client import CollectorRegistry

from tests.new_database import new_database

# Each client would otherwise read the system's authorities anew, although none of them is asked here.
_AUTHORITIES = ssl.create_default_context()


@dataclass
class Phone:
    """A phone's browser without scripts."""

    client: httpx.AsyncClient
    page: httpx.Response = field(init=False)

    async def open(self, path: str) -> httpx.Response:
        self.page = await self.client.get(path, follow_redirects=True)
        return self.page

    async def send(self, path: str, **fields: str) -> httpx.Response:
        self.page = await self.client.post(path, data=fields, follow_redirects=True)
        return self.page

    def words(self) -> str:
        text = re.sub(r"<[^>]*>", " ", self.page.text.partition("<main>")[2])
        return " ".join(html.unescape(text).split())

    def keys(self) -> list[str]:
        return re.findall(r'<button class="key[^"]*" name="value" value="([^"]*)"', self.page.text)


@dataclass
class Place:
    url: str
    world: Any
    phones: Phones

    async def call(self, agent: Any, complaint: str = "nothing works") -> tuple[Any, str]:
        row, code = await self.world.desk.open(agent, complaint)
        return self.world.manager.live(row.id), code.code

    @asynccontextmanager
    async def phone(self, **options: Any) -> AsyncIterator[Phone]:
        headers = {"accept-language": "en"} | options.pop("headers", {})
        options = {"verify": _AUTHORITIES} | options
        async with httpx.AsyncClient(base_url=self.url, timeout=30, headers=headers, **options) as client:
            yield Phone(client)


@pytest.fixture
async def place(tmp_path: Path, world: Any, catalogue: Any, rules: Any) -> AsyncIterator[Place]:
    store = SqlStore(new_database(tmp_path / "a.db"))
    await store.start()
    world = type(world)(catalogue, rules, store=store, clock=SteadyClock())
    codes, phones = PacedCodes(store, b"j" * 32, Gate()), Phones(b"p" * 32)
    world.desk = Desk(world.manager, codes)

    async def ready() -> str:
        return ""

    parts = PhoneParts(world.desk, codes, phones, encrypted=False)
    pages = CallerPages(CallerFacts("A & B", "127.0.0.1", 1), phone=parts)
    server = WebServer(build_app(pages, b"", CollectorRegistry(), ready), "127.0.0.1", 0)
    await server.start()
    yield Place(f"http://127.0.0.1:{server.port}", world, phones)
    await server.stop()
    await store.close()
