"""Serves gRPC: the services on the configured port."""

from __future__ import annotations

import socket
from contextlib import AsyncExitStack

import grpc

from hotline_collector.calls.desk import Desk
from hotline_collector.errors import StartError
from hotline_collector.intake.counters import IntakeCounters
from hotline_collector.security.authority import Identity
from hotline_collector.security.joincodes import PacedCodes
from hotline_collector.security.paced import PacedAccounts
from hotline_collector.serve.config import Config

_GRACE_S = 3.0


async def serve_grpc(
    stack: AsyncExitStack,
    config: Config,
    identity: Identity,
    desk: Desk,
    codes: PacedCodes,
    accounts: PacedAccounts,
    counters: IntakeCounters,
) -> int:
    """Serve gRPC until the stack is closed and return the port.

    Raises:
        StartError: the port cannot be used.
    """
    # The services take a while to import; commands that do not serve need none of them.
    from hotline_collector.api.server import Endpoint, build_grpc_server  # noqa: PLC0415

    host, port = config.listen.host, config.listen.grpc_port
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    credentials = grpc.ssl_server_credentials([(identity.key_pem, identity.chain_pem)])
    try:
        server = build_grpc_server(desk, codes, accounts, counters, Endpoint(address, credentials))
    except RuntimeError as error:
        raise StartError(
            f"the port {port} on {host} cannot be used: {_why(host, port)}; set listen.grpc_port"
        ) from error
    stack.push_async_callback(server.stop, _GRACE_S)
    await server.start()
    return server.port


def _why(host: str, port: int) -> str:
    # gRPC does not tell why it could not bind; the system does.
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as plain:
        try:
            plain.bind((host, port))
        except OSError as error:
            return error.strerror or str(error)
    return "it was taken for a moment"
