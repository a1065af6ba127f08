"""What reading devices from here needs of the configuration and of the port that serves gRPC."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
from contextlib import AsyncExitStack

from cryptography import x509

from hotline_collector.calls.desk import Desk
from hotline_collector.devices.allowed import Allowed
from hotline_collector.devices.reach import OwnWay, Reach
from hotline_collector.security.authority import Identity, fingerprint_of
from hotline_collector.serve.config import Config
from hotline_collector.serve.metrics import Metrics


def device_reach(
    stack: AsyncExitStack, config: Config, identity: Identity, grpc_port: int, metrics: Metrics
) -> Reach | None:
    """Return what reads devices until the stack is closed, nothing if the operator lists none."""
    devices = config.devices
    if not devices.allow:
        return None
    allowed = [
        Allowed(
            address=each.address,
            fingerprint=each.fingerprint or "",
            known_hosts=devices.known_hosts,
            agent=each.agent,
            key_file=each.key_file,
            passphrase_file=each.passphrase_file,
            password_file=each.password_file,
            actions=each.actions,
        )
        for each in devices.allow
    ]
    way = OwnWay(config.public.names[0], grpc_port, _own_address(config.listen.host), _proof(identity))
    reach = Reach(allowed, way, devices.max_at_once)
    stack.push_async_callback(reach.close)
    metrics.watch("devices_reading", "devices that are read from here", lambda: reach.reading)
    return reach


def read_again(stack: AsyncExitStack, desk: Desk) -> None:
    """Have what was being read at the end of an earlier run read again, until the stack is closed."""
    task = asyncio.create_task(desk.read_devices_again(), name="devices")

    async def end() -> None:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    stack.push_async_callback(end)


def _own_address(listening: str) -> str:
    """Return where this machine reaches what listens on an address, the loopback for all of them."""
    address = ipaddress.ip_address(listening)
    if not address.is_unspecified:
        return listening
    return "127.0.0.1" if address.version == 4 else "::1"


def _proof(identity: Identity) -> str:
    # Of a public certificate the certificate itself is the proof, whoever signed it.
    return identity.fingerprint or fingerprint_of(x509.load_pem_x509_certificates(identity.chain_pem)[0])
