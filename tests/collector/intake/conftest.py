"""A real gRPC server on loopback over the middle of a collector, and a raw client of it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import grpc
import grpc.aio
import pytest
from hotline_collector.calls.actor import Actor
from hotline_collector.calls.clock import SteadyClock
from hotline_collector.intake.counters import IntakeCounters
from hotline_collector.intake.limits import IntakeLimits
from hotline_collector.intake.service import ProbeService
from hotline_proto.facts import Fact, SourceRun, SourceStatus
from hotline_proto.v1 import probe_pb2 as pb
from hotline_proto.v1 import probe_pb2_grpc as rpc
from hotline_proto.wire import ReadingEncoder
from hotline_proto.words import commit

NONCE = bytes(range(16))
PROBE = pb.ProbeInfo(version="0.1.0", platform="linux", catalogue_digest="x", language="de")
BASIC = pb.ConsentState(granted=[pb.CONSENT_LAYER_BASIC])


@dataclass
class Desk:
    """A collector that listens on loopback."""

    world: Any
    counters: IntakeCounters
    limits: IntakeLimits
    channel: grpc.aio.Channel

    def stub(self) -> Any:
        return rpc.ProbeServiceStub(self.channel)  # type: ignore[no-untyped-call]

    async def code(self, complaint: str = "disk full", **more: Any) -> str:
        _row, code = await self.world.desk.open(Actor("mia", "agent"), complaint, **more)
        return str(code.code)

    async def join(self, code: str | None = None, **more: Any) -> pb.JoinResponse:
        values = {
            "protocol_version": 1,
            "code": code or await self.code(),
            "probe": PROBE,
            "nonce_commitment": commit(NONCE),
        }
        answer: pb.JoinResponse = await self.stub().Join(pb.JoinRequest(**{**values, **more}), timeout=10)
        return answer

    def line(self, token: bytes) -> Line:
        diagnose: Any = self.channel.stream_stream("/hotline.v1.ProbeService/Diagnose", None, None)
        call = diagnose(metadata=(("hotline-token-bin", token),), timeout=30)
        return Line(call, ReadingEncoder(self.world.catalogue))

    async def open_line(self) -> tuple[Line, bytes]:
        """Join and say Hello."""
        token = (await self.join()).session_token
        line = self.line(token)
        await line.hello()
        return line, token

    def call(self) -> Any:
        [call] = self.world.manager.calls.values()
        return call


@dataclass
class Line:
    """One connection, frame by frame."""

    call: Any
    encoder: ReadingEncoder
    seq: int = 0

    async def send(self, frame: pb.ProbeFrame) -> None:
        await self.call.write(frame.SerializeToString())

    async def send_raw(self, raw: bytes) -> None:
        await self.call.write(raw)

    async def number(self, **body: Any) -> pb.ProbeFrame:
        self.seq += 1
        frame = pb.ProbeFrame(seq=self.seq, mono_us=5_000_000, **body)
        await self.send(frame)
        return frame

    async def hello(self, *, consent: pb.ConsentState = BASIC, first: int = 1) -> pb.Welcome:
        hello = pb.Hello(
            probe=PROBE, boot_id="b", nonce=NONCE, first_spooled_seq=first, consent=consent, wall_us=1
        )
        await self.send(pb.ProbeFrame(mono_us=5_000_000, hello=hello))
        welcome: pb.Welcome = (await self.read("welcome")).welcome
        self.seq = max(welcome.durable_seq, first - 1)
        return welcome

    def frames(self, used: float) -> list[pb.ProbeFrame]:
        """Return the frames of one run of a source; numbered on sending."""
        fact = Fact("system.filesystem.utilization", used, "/")
        return self.encoder.encode([SourceRun("filesystems", SourceStatus.OK, 5.0, 0.0, [fact])], 5.0)

    async def tell(self, used: float) -> None:
        for frame in self.frames(used):
            self.seq += 1
            frame.seq = self.seq
            await self.send(frame)

    async def read(self, kind: str) -> pb.CollectorFrame:
        """Return the next frame of a kind, passing over others."""
        while True:
            raw = await self.call.read()
            assert isinstance(raw, bytes), f"the stream ended: {await self.call.code()}"
            frame = pb.CollectorFrame.FromString(raw)
            if frame.HasField(kind):
                return frame

    async def acked(self, seq: int) -> None:
        while (await self.read("ack")).ack.seq < seq:
            pass

    async def refused(self) -> tuple[grpc.StatusCode, str]:
        """Return how the stream ends; the status comes behind the frames that were sent before."""
        async with asyncio.timeout(10):
            with contextlib.suppress(grpc.aio.AioRpcError):
                while isinstance(await self.call.read(), bytes):
                    pass
            return await self.call.code(), await self.call.details()


async def eventually(true: Callable[[], Any]) -> None:
    """Wait until something holds, however slow the machine is."""
    async with asyncio.timeout(20):
        while not true():  # noqa: ASYNC110
            await asyncio.sleep(0.005)


@pytest.fixture
def soon() -> Any:
    return eventually


@pytest.fixture
def limits() -> IntakeLimits:
    return IntakeLimits()


@contextlib.asynccontextmanager
async def listening(world: Any, limits: IntakeLimits) -> AsyncIterator[Desk]:
    """Serve a world on loopback."""
    counters = IntakeCounters()
    service = ProbeService(world.manager, world.codes, limits, counters)
    server = grpc.aio.server()
    server.add_generic_rpc_handlers((service.handlers(),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield Desk(world, counters, limits, channel)
    finally:
        await server.stop(None)


@pytest.fixture
async def desk(world: Any, limits: IntakeLimits) -> AsyncIterator[Desk]:
    world.manager.around.clock = world.clock = SteadyClock()
    async with listening(world, limits) as serving:
        yield serving


@pytest.fixture
def restarted() -> Any:
    """Return a context manager: a new collector that finds what was durable of an earlier one."""

    @contextlib.asynccontextmanager
    async def restart(before: Desk) -> AsyncIterator[Desk]:
        async with listening(await before.world.crash(), before.limits) as after:
            yield after

    return restart
