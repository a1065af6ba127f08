"""The HTTP API on the real web port, with the real store, accounts and call layer behind it."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from hotline_collector.api.http.app import HttpApi, build_http_api
from hotline_collector.api.http.doorway import HttpLimits
from hotline_collector.calls.clock import SteadyClock
from hotline_collector.calls.desk import Desk
from hotline_collector.security.accounts import LocalAccounts
from hotline_collector.security.joincodes import PacedCodes
from hotline_collector.security.paced import PacedAccounts
from hotline_collector.security.pacing import Gate
from hotline_collector.security.passwords import Passwords
from hotline_collector.serve.caller_pages import CallerFacts, CallerPages
from hotline_collector.serve.web import WebServer, build_app
from hotline_collector.store.store import SqlStore
from prometheus_client import CollectorRegistry

from tests.new_database import new_database

PASSWORD = "correct horse battery"
# Each client would otherwise read the system's authorities anew, although none of them is asked here.
_AUTHORITIES = ssl.create_default_context()


@dataclass
class Served:
    """A running web port with the API, and the tokens of one account for each role."""

    url: str
    world: Any
    store: SqlStore
    accounts: LocalAccounts
    api: HttpApi
    tokens: dict[str, str]

    @asynccontextmanager
    async def client(self, user: str = "mia") -> AsyncIterator[httpx.AsyncClient]:
        headers = {"authorization": f"Bearer {self.tokens[user]}"} if user else {}
        async with httpx.AsyncClient(
            base_url=self.url, headers=headers, timeout=30, verify=_AUTHORITIES
        ) as client:
            yield client


@pytest.fixture
def limits() -> HttpLimits:
    return HttpLimits(per_second=1000, burst=1000)


@pytest.fixture
async def served(
    tmp_path: Path, world: Any, catalogue: Any, rules: Any, limits: HttpLimits
) -> AsyncIterator[Served]:
    store = SqlStore(new_database(tmp_path / "a.db"))
    await store.start()
    accounts = LocalAccounts(store, Passwords(memory_kib=64, passes=1, shortest=10))
    tokens = {}
    for name, role in (("mia", "agent"), ("lea", "lead"), ("ada", "admin")):
        await accounts.add(name, PASSWORD, role)
        user = await accounts.check(name, PASSWORD)
        assert user is not None
        tokens[name] = (await accounts.grant(user)).token
    gate = Gate()
    settings = replace(world.settings, web_url="https://help.example")
    world = type(world)(catalogue, rules, store=store, clock=SteadyClock(), settings=settings)
    world.desk = Desk(world.manager, PacedCodes(store, b"j" * 32, gate))

    async def ready() -> str:
        return ""

    api = build_http_api(world.desk, PacedAccounts(accounts, gate, store), encrypted=False, limits=limits)
    callers = CallerPages(CallerFacts("A & B", "127.0.0.1", 1))
    server = WebServer(build_app(callers, b"", CollectorRegistry(), ready, [api.mount]), "127.0.0.1", 0)
    await server.start()
    yield Served(f"http://127.0.0.1:{server.port}/api/v1", world, store, accounts, api, tokens)
    api.hang_up()
    await server.stop()
    await store.close()


@pytest.fixture
async def mia(served: Served) -> AsyncIterator[httpx.AsyncClient]:
    async with served.client() as client:
        yield client
