"""How a process on this machine finds and knows the collector, by its own certificate or a public one."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import grpc.aio
import pytest
from hotline_collector.devices.reach import Reach
from hotline_collector.security.authority import Identity, own_identity
from hotline_collector.serve.configload import load
from hotline_collector.serve.device_parts import device_reach
from hotline_collector.serve.metrics import Metrics
from hotline_probe.reach import Expectation, Route, find_way, open_channel
from hotline_probe.texts import LANGUAGES

NAME = "help.example.org"
_END = b"-----END CERTIFICATE-----\n"


async def reach_of(tmp_path: Path, identity: Identity, port: int, host: str = "127.0.0.1") -> Reach:
    file = tmp_path / "c.toml"
    file.write_text(
        f'[listen]\nhost = "{host}"\n[public]\nnames = ["{NAME}"]\n'
        '[[devices.allow]]\naddress = "ssh://support@nas.example.org"\nagent = true\n'
    )
    async with AsyncExitStack() as stack:
        reach = device_reach(stack, load(file, {}, {}).config, identity, port, Metrics())
    assert reach is not None
    return reach


@pytest.mark.parametrize("public", [False, True])
async def test_the_collector_is_known_by_its_certificate(tmp_path: Path, public: bool) -> None:
    identity = own_identity(tmp_path / "tls", (NAME,))
    if public:
        # Whoever signed it is known to clients, so that only the server's own certificate is shown.
        leaf = identity.chain_pem.partition(_END)[0] + _END
        identity = replace(identity, chain_pem=leaf, ca_pem=b"", fingerprint="")

    async def answer(_raw: bytes, _context: Any) -> bytes:
        return b"here"

    server = grpc.aio.server()
    one = grpc.unary_unary_rpc_method_handler(answer)
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("a", {"b": one}),))
    credentials = grpc.ssl_server_credentials([(identity.key_pem, identity.chain_pem)])
    port = server.add_secure_port("127.0.0.1:0", credentials)
    await server.start()
    order = (await reach_of(tmp_path, identity, port)).prepare("ssh://support@nas.example.org").order
    route = Route(str(order["host"]), port, str(order["at"]))
    way = await find_way([route], Expectation(str(order["proof"])), LANGUAGES["en"])
    async with open_channel(way.routes[0], way.trust) as channel:
        call: Any = channel.unary_unary("/a/b", bytes, bytes)
        assert await call(b"", timeout=30) == b"here"
    await server.stop(0)


@pytest.mark.parametrize(
    ("listening", "at"),
    [("0.0.0.0", "127.0.0.1"), ("::", "::1"), ("192.0.2.7", "192.0.2.7")],
)
async def test_where_the_collector_is_for_itself(tmp_path: Path, listening: str, at: str) -> None:
    identity = own_identity(tmp_path / "tls", (NAME,))
    ready = (await reach_of(tmp_path, identity, 7443, listening)).prepare("ssh://support@nas.example.org")
    assert (ready.order["host"], ready.order["port"], ready.order["at"]) == (NAME, 7443, at)
