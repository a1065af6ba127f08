"""Puts the gRPC server together: both services, health, reflection, TLS and its options."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import grpc
import grpc.aio
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection
from hotline_proto.v1 import agent_pb2_grpc

from hotline_collector.api import access
from hotline_collector.api.agent_service import AgentService
from hotline_collector.api.parsing import ParsingInterceptor
from hotline_collector.calls.desk import Desk
from hotline_collector.calls.ports import Accounts, JoinCodes
from hotline_collector.intake.counters import IntakeCounters
from hotline_collector.intake.limits import IntakeLimits
from hotline_collector.intake.service import SERVICE, ProbeService

_MAX_MESSAGE = 1024 * 1024
# A reconnect storm must not be refused: the default is 1,000 pending requests (3,000 as hard limit).
OPTIONS: tuple[tuple[str, int], ...] = (
    ("grpc.so_reuseport", 0),
    ("grpc.max_concurrent_streams", 1000),
    ("grpc.server.max_pending_requests", 100_000),
    ("grpc.server.max_pending_requests_hard_limit", 200_000),
    ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
    ("grpc.http2.max_ping_strikes", 5),
    ("grpc.keepalive_time_ms", 20_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.max_receive_message_length", _MAX_MESSAGE),
    ("grpc.max_send_message_length", 16 * _MAX_MESSAGE),
    ("grpc.max_metadata_size", 16 * 1024),
)


@dataclass(slots=True)
class GrpcServer:
    """A server that is put together but not started, with the port it is bound to."""

    server: grpc.aio.Server
    health: Any
    port: int
    hang_up: Callable[[], None]

    async def start(self) -> None:
        """Serve, and say so to health checks."""
        await self.server.start()
        for name in ("", SERVICE, access.SERVICE):
            await self.health.set(name, health_pb2.HealthCheckResponse.SERVING)

    async def stop(self, grace: float) -> None:
        """Tell health checks and everybody connected that this is the end, then stop within `grace` seconds.

        Probes and live views are told at once: they come back by themselves, and a stop need not wait.
        """
        await self.health.enter_graceful_shutdown()
        self.hang_up()
        await self.server.stop(grace)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where to listen; without credentials in clear text, which only benchmarks and tests want."""

    address: str
    credentials: grpc.ServerCredentials | None
    limits: IntakeLimits = field(default_factory=IntakeLimits)


def build_grpc_server(
    desk: Desk, codes: JoinCodes, accounts: Accounts, counters: IntakeCounters, endpoint: Endpoint
) -> GrpcServer:
    """Return a server with all services, bound but not started.

    Raises:
        RuntimeError: the address cannot be bound.
    """
    interceptors = [access.AccessInterceptor(accounts), ParsingInterceptor(access.SERVICE)]
    server = grpc.aio.server(interceptors=interceptors, options=OPTIONS)
    probes = ProbeService(desk.manager, codes, endpoint.limits, counters)
    server.add_generic_rpc_handlers((probes.handlers(),))
    agents = AgentService(desk, accounts)
    agent_pb2_grpc.add_AgentServiceServicer_to_server(agents, server)  # type: ignore[no-untyped-call]
    healthy = health.aio.HealthServicer()  # type: ignore[attr-defined]
    health_pb2_grpc.add_HealthServicer_to_server(healthy, server)
    names = (SERVICE, access.SERVICE, health.SERVICE_NAME, reflection.SERVICE_NAME)
    reflection.enable_server_reflection(names, server)
    if endpoint.credentials is None:
        port = server.add_insecure_port(endpoint.address)
    else:
        port = server.add_secure_port(endpoint.address, endpoint.credentials)

    def hang_up() -> None:
        probes.hang_up()
        agents.hang_up()

    return GrpcServer(server, healthy, port, hang_up)
