"""A collector's double over real TLS: follows probe.proto, keeps what it got, breaks on demand.

It knows nothing of rules or calls; tests of the probe alone need no more, and the end-to-end tests use
the real collector.
"""

from __future__ import annotations

import asyncio
import datetime
import ipaddress
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc.aio
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hotline_proto.joincode import JoinTarget
from hotline_proto.v1 import probe_pb2 as pb
from hotline_proto.v1 import probe_pb2_grpc as rpc

TOKEN = bytes(range(16))
NONCE = b"c" * 16
CODE = "000000000019"


@dataclass(frozen=True)
class Authority:
    """A CA and the server certificate that it signed."""

    ca_pem: bytes
    chain_pem: bytes
    key_pem: bytes
    fingerprint: str


def make_authority() -> Authority:
    ca, ca_key = _certificate("Test CA", None, None, [])
    names = [x509.DNSName("localhost"), x509.DNSName("collector.invalid")]
    addresses = [x509.IPAddress(ipaddress.ip_address(a)) for a in ("127.0.0.1", "::1")]
    leaf, key = _certificate("collector", ca, ca_key, [*names, *addresses])
    pem = serialization.Encoding.PEM
    return Authority(
        ca.public_bytes(pem),
        leaf.public_bytes(pem) + ca.public_bytes(pem),
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()),
        ca.fingerprint(hashes.SHA256()).hex(),
    )


def _certificate(
    name: str,
    issuer: x509.Certificate | None,
    issuer_key: ec.EllipticCurvePrivateKey | None,
    names: list[x509.GeneralName],
) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now, day = datetime.datetime.now(datetime.UTC), datetime.timedelta(days=1)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - day)
        .not_valid_after(now + day)
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
    )
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return builder.sign(issuer_key or key, hashes.SHA256()), key


@dataclass
class Double(rpc.ProbeServiceServicer):
    """What the double shall do, and what it saw."""

    port: int = 0
    fingerprint: str = ""
    ca_pem: bytes = b""
    # Behaviour.
    refuse_join: list[grpc.StatusCode] = field(default_factory=list)
    refuse_stream: list[grpc.StatusCode] = field(default_factory=list)
    cut_after: list[int] = field(default_factory=list)
    choke_on: list[int] = field(default_factory=list)
    choke_with: grpc.StatusCode = grpc.StatusCode.INTERNAL
    ack: bool = True
    # Observation.
    joins: list[pb.JoinRequest] = field(default_factory=list)
    hellos: list[pb.Hello] = field(default_factory=list)
    frames: dict[int, pb.ProbeFrame] = field(default_factory=dict)
    doubled: int = 0
    choked: int = 0
    gaps: list[tuple[int, int]] = field(default_factory=list)
    durable: int = 0
    byes: list[str] = field(default_factory=list)
    order: list[str] = field(default_factory=list)
    outbox: asyncio.Queue[Any] = field(default_factory=asyncio.Queue)
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def Join(self, request: pb.JoinRequest, context: Any) -> pb.JoinResponse:
        self.joins.append(request)
        if self.refuse_join:
            await context.abort(self.refuse_join.pop(0), "no")
        return pb.JoinResponse(
            session_token=TOKEN,
            session_id="s-1",
            operator_name="Example \x1b[31mSupport",
            agent_name="Anna",
            collector_nonce=NONCE,
        )

    async def Diagnose(self, request_iterator: AsyncIterator[pb.ProbeFrame], context: Any) -> None:
        if self.refuse_stream:
            await context.abort(self.refuse_stream.pop(0), "no")
        assert dict(context.invocation_metadata())["hotline-token-bin"] == TOKEN
        hello = await anext(request_iterator)
        assert hello.WhichOneof("body") == "hello"
        await self._note(hello)
        if hello.hello.first_spooled_seq > self.durable + 1:
            self.gaps.append((self.durable, hello.hello.first_spooled_seq))
            self.durable = hello.hello.first_spooled_seq - 1
        await context.write(pb.CollectorFrame(welcome=pb.Welcome(durable_seq=self.durable, wall_us=1)))
        sender = asyncio.create_task(self._send(context))
        try:
            left = self.cut_after.pop(0) if self.cut_after else -1
            async for frame in request_iterator:
                if self.choke_on and self.choke_on[0] in frame.readings.ints:
                    self.choke_on.pop(0)
                    self.choked += 1
                    await context.abort(self.choke_with, "the collector failed")
                await self._take(frame)
                left -= 1
                if left == 0:
                    await context.abort(grpc.StatusCode.UNAVAILABLE, "cut")
        finally:
            sender.cancel()

    async def _take(self, frame: pb.ProbeFrame) -> None:
        if frame.seq:
            if frame.seq <= self.durable:
                self.doubled += 1
            else:
                assert frame.seq == self.durable + 1, (frame.seq, self.durable)
                self.frames[frame.seq] = frame
                self.durable = frame.seq
            if self.ack:
                self.say(ack=pb.Ack(seq=self.durable))
        await self._note(frame)

    async def _send(self, context: Any) -> None:
        while True:
            await context.write(await self.outbox.get())

    async def _note(self, frame: pb.ProbeFrame) -> None:
        body = frame.WhichOneof("body") or ""
        self.order.append(body)
        if body == "hello":
            self.hellos.append(frame.hello)
        if body == "bye":
            self.byes.append(frame.bye.reason)
        async with self.changed:
            self.changed.notify_all()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until something that came makes the condition true."""
        async with asyncio.timeout(20), self.changed:
            await self.changed.wait_for(condition)

    def bodies(self, kind: str) -> list[Any]:
        """Return the durable frames of one kind, in order."""
        return [getattr(f, kind) for _, f in sorted(self.frames.items()) if f.WhichOneof("body") == kind]

    def link(self, host: str = "localhost", **changes: Any) -> str:
        """Return a join link to this double."""
        values = {
            "code": CODE,
            "host": host,
            "port": self.port,
            "ca_fingerprint": self.fingerprint,
            **changes,
        }
        return JoinTarget(**values).link()

    def say(self, **body: Any) -> None:
        """Send a frame to the probe."""
        self.outbox.put_nowait(pb.CollectorFrame(**body))


@pytest.fixture(scope="session")
def authority() -> Authority:
    return make_authority()


@pytest.fixture(scope="session")
def stranger() -> Authority:
    return make_authority()


@pytest.fixture
async def double(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Double]:
    for variable in (
        "https_proxy",
        "HTTPS_PROXY",
        "http_proxy",
        "HTTP_PROXY",
        "no_proxy",
        "NO_PROXY",
        "all_proxy",
    ):
        monkeypatch.delenv(variable, raising=False)
    server = grpc.aio.server()
    servicer = Double(fingerprint=authority.fingerprint, ca_pem=authority.ca_pem)
    rpc.add_ProbeServiceServicer_to_server(servicer, server)  # type: ignore[no-untyped-call]
    credentials = grpc.ssl_server_credentials([(authority.key_pem, authority.chain_pem)])
    servicer.port = server.add_secure_port("127.0.0.1:0", credentials)
    await server.start()
    yield servicer
    await server.stop(0)


@pytest.fixture
def ca_file(authority: Authority, tmp_path: Path) -> Path:
    path = tmp_path / "ca.pem"
    path.write_bytes(authority.ca_pem)
    return path
