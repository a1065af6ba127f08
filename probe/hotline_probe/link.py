"""The session's connection: sends what the spool holds, takes acknowledgements, comes back when it breaks."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import Any, Literal, Protocol

import grpc.aio
from google.protobuf.message import DecodeError
from hotline_proto.v1 import probe_pb2 as pb

from hotline_probe.backoff import Backoff
from hotline_probe.errors import LinkError
from hotline_probe.limits import Budget
from hotline_probe.machine import monotonic
from hotline_probe.reach import Route, Way, open_channel
from hotline_probe.spool import Spool
from hotline_probe.terminal import harmless

WELCOME_TIMEOUT = 15.0
BYE_TIMEOUT = 1.5
FLOOD_PAUSE = 1.0
_METHOD = "/hotline.v1.ProbeService/Diagnose"
_BATCH = 64
_log = logging.getLogger(__name__)
_REFUSALS = (grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.PERMISSION_DENIED, grpc.StatusCode.NOT_FOUND)
# The collector cannot make sense of our frames: only the full state helps.
_OUT_OF_STEP = (grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.OUT_OF_RANGE, grpc.StatusCode.DATA_LOSS)
# The collector failed over something: once is bad luck, twice without a step ahead is our frames' doing.
_FAULTS = (grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN)


class LinkState(StrEnum):
    """What the caller may know of the connection."""

    CONNECTING = "connecting"
    CONNECTED = "connected"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class LinkEnd:
    """Who ended the session, and why."""

    by: Literal["probe", "collector", "refused"]
    reason: str


class LinkListener(Protocol):
    """What the session gives to its link and hears from it."""

    def hello(self) -> pb.Hello:
        """Return the first frame of a connection; `first_spooled_seq` is filled in by the link."""
        ...

    def sending(self, frame: bytes) -> None:
        """Hear of a frame right before it leaves; an exception ends the link unsent."""
        ...

    def welcomed(self, welcome: pb.Welcome, round_trip: float) -> None:
        """Hear that a connection stands; `round_trip` seconds bound the age of its time stamp."""
        ...

    def received(self, frame: pb.CollectorFrame) -> None:
        """Take a frame that is not the link's own business."""
        ...

    def link_changed(self, state: LinkState, retry_in: float) -> None:
        """Hear how the connection is doing."""
        ...


class Link:
    """One session over any number of connections."""

    def __init__(
        self, way: Way, token: bytes, spool: Spool, listener: LinkListener, backoff: Backoff | None = None
    ) -> None:
        self._way = way
        self._metadata = (("hotline-token-bin", token),)
        self._spool = spool
        self._listener = listener
        self._backoff = backoff or Backoff()
        self._news = asyncio.Event()
        self._closed = asyncio.Event()
        self._bye = ""
        self._cursor = 1
        self._echo: pb.Echo | None = None
        self._failed_at = 0
        self._flood = Budget(500, 10.0)

    def wake(self) -> None:
        """Send what is new in the spool."""
        self._news.set()

    def close(self, reason: str) -> None:
        """Say goodbye, without sending anything else, and end `run`."""
        if not self._bye:
            self._bye = reason
            self._closed.set()
            self._news.set()

    async def run(self) -> LinkEnd:
        """Keep the session connected until one side ends it.

        Raises:
            ProbeError: the listener forbids to send.
        """
        turn = 0
        while not self._bye:
            self._listener.link_changed(LinkState.CONNECTING, 0.0)
            attempt = _Attempt()
            try:
                end = await self._attempt(self._way.routes[turn % len(self._way.routes)], attempt)
            except (grpc.aio.AioRpcError, LinkError, TimeoutError) as error:
                end = self._judge(error, attempt)
            if end is not None:
                return end
            if not attempt.welcomed or attempt.failed:
                turn += 1
            elif not attempt.stuck:
                self._backoff.reset()
            await self._rest(0.0 if attempt.jumped and not attempt.stuck else self._backoff.next())
        return LinkEnd("probe", self._bye)

    async def _rest(self, wait: float) -> None:
        if self._bye or not wait:
            return
        self._listener.link_changed(LinkState.LOST, wait)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._closed.wait(), wait)

    def _judge(self, error: Exception, attempt: _Attempt) -> LinkEnd | None:
        _log.info("connection lost: %s", error)
        code = error.code() if isinstance(error, grpc.aio.AioRpcError) else None
        if code in _REFUSALS:
            return LinkEnd("refused", code.name.lower())
        if code in _OUT_OF_STEP:
            self._spool.drop_readings()
        elif code in _FAULTS and attempt.welcomed:
            self._failed(attempt)
        return None

    def _failed(self, attempt: _Attempt) -> None:
        attempt.failed = True
        if self._failed_at == self._spool.first_seq:
            self._spool.drop_readings()
        self._failed_at = self._spool.first_seq

    async def _attempt(self, route: Route, attempt: _Attempt) -> LinkEnd | None:
        async with open_channel(route, self._way.trust) as channel:
            diagnose: Any = channel.stream_stream(_METHOD, None, None)
            call = diagnose(metadata=self._metadata)
            conversation = asyncio.create_task(self._converse(call, attempt))
            try:
                end = await self._until_closed(conversation)
                if not conversation.done():
                    await asyncio.wait({conversation}, timeout=2 * BYE_TIMEOUT)
                return end
            finally:
                conversation.cancel()
                await asyncio.gather(conversation, return_exceptions=True)
                call.cancel()

    async def _until_closed(self, conversation: asyncio.Task[LinkEnd | None]) -> LinkEnd | None:
        closed = asyncio.create_task(self._closed.wait())
        try:
            await asyncio.wait({conversation, closed}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            closed.cancel()
        return conversation.result() if conversation.done() else None

    async def _converse(self, call: Any, attempt: _Attempt) -> LinkEnd | None:
        async with asyncio.timeout(WELCOME_TIMEOUT):
            end = await self._greet(call, attempt)
        if end is not None:
            return end
        reader = asyncio.create_task(self._read_all(call))
        writer = asyncio.create_task(self._write_all(call, attempt))
        try:
            await asyncio.wait({reader, writer}, return_when=asyncio.FIRST_COMPLETED)
            return reader.result() if reader.done() else writer.result()
        finally:
            reader.cancel()
            writer.cancel()
            await asyncio.gather(reader, writer, return_exceptions=True)

    async def _greet(self, call: Any, attempt: _Attempt) -> LinkEnd | None:
        if self._bye:
            raise LinkError("ended before the connection stood")
        hello = self._listener.hello()
        hello.first_spooled_seq = self._spool.first_seq
        sent = time.monotonic()
        await self._write(call, pb.ProbeFrame(mono_us=_now_us(), hello=hello))
        frame = _parse(await self._read(call))
        if frame.HasField("bye"):
            return LinkEnd("collector", harmless(frame.bye.reason, 80))
        if not frame.HasField("welcome"):
            raise LinkError("the collector did not say welcome")
        durable = min(frame.welcome.durable_seq, self._spool.last_seq)
        self._spool.ack(durable)
        self._cursor = max(durable + 1, self._spool.first_seq)
        attempt.welcomed = True
        self._listener.link_changed(LinkState.CONNECTED, 0.0)
        self._listener.welcomed(frame.welcome, time.monotonic() - sent)
        return None

    async def _read_all(self, call: Any) -> LinkEnd:
        while True:
            frame = _parse(await self._read(call))
            match frame.WhichOneof("body"):
                case "ack":
                    self._spool.ack(min(frame.ack.seq, self._cursor - 1))
                case "bye":
                    return LinkEnd("collector", harmless(frame.bye.reason, 80))
                case "echo":
                    self._echo = frame.echo
                    self._news.set()
                case "welcome" | None:
                    continue
                case _:
                    self._listener.received(frame)

    async def _read(self, call: Any) -> bytes:
        if not self._flood.take():
            await asyncio.sleep(FLOOD_PAUSE)  # flow control slows the collector down
        data = await call.read()
        if not isinstance(data, bytes):  # grpc.aio.EOF
            raise LinkError(await call.details() or "the collector hung up")
        return data

    async def _write_all(self, call: Any, attempt: _Attempt) -> None:
        while not self._bye:
            if self._cursor < self._spool.first_seq:
                attempt.jumped = True  # numbers were given up: only a new Hello may jump over them
                return
            self._news.clear()
            if self._echo is not None:
                echo, self._echo = self._echo, None
                await self._write(call, pb.ProbeFrame(mono_us=_now_us(), echo=echo))
            batch = list(islice(self._spool.from_seq(self._cursor), _BATCH))
            for seq, data in batch:
                if self._bye or seq < self._spool.first_seq:
                    break
                await self._write(call, data)
                self._cursor, attempt.sent = seq + 1, True
            if not batch and self._cursor >= self._spool.first_seq:
                await self._news.wait()
        await self._write(call, pb.ProbeFrame(mono_us=_now_us(), bye=pb.Bye(reason=self._bye)))
        await call.done_writing()
        # The goodbye has arrived when the collector ends the stream in its turn.
        with contextlib.suppress(TimeoutError, grpc.aio.AioRpcError):
            async with asyncio.timeout(BYE_TIMEOUT):
                await call.code()

    async def _write(self, call: Any, frame: pb.ProbeFrame | bytes) -> None:
        data = frame if isinstance(frame, bytes) else frame.SerializeToString()
        self._listener.sending(data)
        await call.write(data)


@dataclass(slots=True)
class _Attempt:
    """How far one connection came."""

    welcomed: bool = False
    sent: bool = False
    jumped: bool = False
    failed: bool = False

    @property
    def stuck(self) -> bool:
        """Whether everything was given up before anything left; at once it would come to the same end."""
        return self.jumped and not self.sent


def _parse(data: bytes) -> pb.CollectorFrame:
    try:
        return pb.CollectorFrame.FromString(data)
    except DecodeError:
        return pb.CollectorFrame()  # like a body that this version does not know: ignored


def _now_us() -> int:
    return int(monotonic() * 1e6)
