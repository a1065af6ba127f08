"""The whole gRPC server on loopback, with accounts kept in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import grpc
import grpc.aio
import pytest
from hotline_collector.api.server import Endpoint, GrpcServer, build_grpc_server
from hotline_collector.calls.clock import SteadyClock
from hotline_collector.errors import StoreError
from hotline_collector.intake.counters import IntakeCounters
from hotline_proto.v1 import agent_pb2_grpc as rpc


@dataclass
class MemoryLogin:
    token: str
    expires: int
    role: str
    language: str = ""


@dataclass
class MemoryAccount:
    name: str
    role: str


@dataclass
class MemoryAccounts:
    """Accounts whose password is their name backwards and whose token is their name."""

    roles: dict[str, str] = field(default_factory=lambda: {"mia": "agent", "lea": "lead", "eva": "stranger"})
    logins: int = 0
    broken: bool = False
    asked_from: list[tuple[str, str]] = field(default_factory=list)

    async def login(self, user: str, password: str, address: str, connection: str = "") -> MemoryLogin | None:
        self.logins += 1
        self.asked_from.append((address, connection))
        if user not in self.roles or password != user[::-1]:
            return None
        return MemoryLogin(user, 1_900_000_000_000_000, self.roles[user])

    async def who(self, token: str) -> MemoryAccount | None:
        if self.broken:
            raise StoreError("the disk is gone")
        return MemoryAccount(token, self.roles[token]) if token in self.roles else None


@dataclass
class Api:
    """A running server and a client of it."""

    world: Any
    server: GrpcServer
    accounts: MemoryAccounts
    channel: grpc.aio.Channel
    stub: Any

    def logged_in(self, user: str = "mia") -> dict[str, Any]:
        return {"metadata": (("authorization", f"Bearer {user}"),), "timeout": 10}


@pytest.fixture
async def api(world: Any) -> AsyncIterator[Api]:
    world.manager.around.clock = world.clock = SteadyClock()
    accounts = MemoryAccounts()
    server = build_grpc_server(
        world.desk, world.codes, accounts, IntakeCounters(), Endpoint("127.0.0.1:0", None)
    )
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{server.port}") as channel:
        yield Api(world, server, accounts, channel, rpc.AgentServiceStub(channel))  # type: ignore[no-untyped-call]
    await server.stop(0)
