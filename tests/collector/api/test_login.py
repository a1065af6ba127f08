"""Logins over gRPC with real accounts: paced, shared fairly, audited."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import pytest
from hotline_collector.api.server import Endpoint, build_grpc_server
from hotline_collector.calls.clock import SteadyClock
from hotline_collector.intake.counters import IntakeCounters
from hotline_collector.security.accounts import LocalAccounts
from hotline_collector.security.paced import PacedAccounts
from hotline_collector.security.pacing import PER_SECOND, Gate
from hotline_collector.security.passwords import Passwords
from hotline_collector.store.store import SqlStore
from hotline_proto.v1 import agent_pb2 as pb
from hotline_proto.v1 import agent_pb2_grpc as rpc

PASSWORD = "correct horse battery"


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    store = SqlStore(tmp_path / "a.db")
    await store.start()
    yield store
    await store.close()


@pytest.fixture
async def place(world: Any, store: SqlStore) -> AsyncIterator[str]:
    world.manager.around.clock = world.clock = SteadyClock()
    local = LocalAccounts(store, Passwords(memory_kib=64, passes=1))
    await local.add("mia", PASSWORD, "agent")
    accounts = PacedAccounts(local, Gate(), store)
    endpoint = Endpoint("127.0.0.1:0", None)
    server = build_grpc_server(world.desk, world.codes, accounts, IntakeCounters(), endpoint)
    await server.start()
    yield f"127.0.0.1:{server.port}"
    await server.stop(0)


async def login(place: str, password: str) -> grpc.StatusCode:
    # Each attempt has a connection of its own: a channel with options of its own is not shared.
    options = [("grpc.use_local_subchannel_pool", 1)]
    async with grpc.aio.insecure_channel(place, options) as channel:
        stub: Any = rpc.AgentServiceStub(channel)  # type: ignore[no-untyped-call]
        try:
            await stub.Login(pb.LoginRequest(user="mia", password=password), timeout=60)
        except grpc.aio.AioRpcError as error:
            return error.code()
        return grpc.StatusCode.OK


async def test_a_login_tells_the_language_that_was_chosen(place: str, store: SqlStore) -> None:
    async with grpc.aio.insecure_channel(place) as channel:
        stub: Any = rpc.AgentServiceStub(channel)  # type: ignore[no-untyped-call]
        request = pb.LoginRequest(user="mia", password=PASSWORD)
        assert (await stub.Login(request, timeout=60)).language == ""
        await store.set_taste("mia", "de", "auto")
        assert (await stub.Login(request, timeout=60)).language == "de"


async def test_guesses_are_paced_and_the_right_password_still_gets_in(place: str, store: SqlStore) -> None:
    loop = asyncio.get_running_loop()
    began = loop.time()
    codes = await asyncio.gather(*(login(place, f"guess {n}") for n in range(60)))
    took = loop.time() - began
    looked_at = codes.count(grpc.StatusCode.UNAUTHENTICATED)
    assert set(codes) <= {grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.RESOURCE_EXHAUSTED}
    assert looked_at <= PER_SECOND * took + 2
    assert await login(place, PASSWORD) is grpc.StatusCode.OK
    trail = [(entry.actor, entry.action) for entry in await store.audit_trail()]
    assert trail == [("agent:mia", "agent.login")]
