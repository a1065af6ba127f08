"""Stands between a probe and its collector, unseen by both, and keeps what the probe says."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import grpc


@dataclass
class Tap:
    """Stands between probe and collector and keeps each message; the certificate is the collector's own."""

    kept: list[bytes] = field(default_factory=list)
    port: int = 0

    @contextlib.contextmanager
    def between(self, system: Any) -> Iterator[Tap]:
        """Pass everything on while the body runs."""
        trust = grpc.ssl_channel_credentials(system.ca_pem.encode())
        with grpc.secure_channel(f"localhost:{system.grpc_port}", trust) as channel:
            server = grpc.server(ThreadPoolExecutor(8), [_Through(self.kept, channel)])
            kept = next(system.data.rglob("server.pem")).read_bytes()
            end = b"-----END PRIVATE KEY-----\n"
            key, _, chain = kept.partition(end)
            pair = key + end, chain + system.ca_pem.encode()
            self.port = server.add_secure_port("127.0.0.1:0", grpc.ssl_server_credentials([pair]))
            server.start()
            try:
                yield self
            finally:
                server.stop(1.0).wait()


class _Through(grpc.GenericRpcHandler):
    def __init__(self, kept: list[bytes], channel: grpc.Channel) -> None:
        self._kept, self._channel = kept, channel

    def service(self, details: Any) -> Any:
        """Return a handler for any method that hands bytes on unread."""
        method = details.method

        def answers(requests: Iterator[bytes], context: Any) -> Iterator[bytes]:
            said = [(key, value) for key, value in context.invocation_metadata() if key.startswith("hotline")]
            call = self._channel.stream_stream(method)(self._noted(requests), metadata=said)
            context.add_callback(call.cancel)
            try:
                yield from call
            except grpc.RpcError as error:
                context.abort(error.code(), error.details() or "")

        return grpc.stream_stream_rpc_method_handler(answers)

    def _noted(self, requests: Iterator[bytes]) -> Iterator[bytes]:
        for request in requests:
            self._kept.append(request)
            yield request
