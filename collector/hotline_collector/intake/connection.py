"""One open stream to a probe: what waits to be sent, and the acknowledgements."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any

import grpc
from google.protobuf.message import DecodeError
from hotline_proto.v1 import probe_pb2 as pb

from hotline_collector.calls import frames
from hotline_collector.calls.ports import Journal
from hotline_collector.calls.session import Session
from hotline_collector.intake.counters import IntakeCounters
from hotline_collector.intake.errors import Refused

ACK_EVERY = 16
ACK_AFTER_S = 1.0
ECHO_AFTER_S = 1.0
ECHO_EVERY_S = 10.0
# An echo's answer is two small numbers; what is longer is something else.
_ECHO_BYTES = 32
_MAX_RTT_US = 2**32 - 1
_TAKES_TOO_LONG = "the probe does not read what it is sent"


class Connection:
    """Writes to one stream from one task; everybody else only queues.

    Frames from the probe are acknowledged once their journal entries are durable: after 16 of them or a
    second, whichever comes first, and always the newest at once. Every ten seconds an echo tells the round
    trip; a probe that knows none never answers, and is asked only once.
    """

    def __init__(
        self, context: Any, session: Session, journal: Journal, counters: IntakeCounters, bound: int
    ) -> None:
        self._context = context
        self._session = session
        self._journal = journal
        self._counters = counters
        self._bound = bound
        self._queue: deque[bytes] = deque()
        self._wake = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._unacked = 0
        self._ack_due = False
        self._echo_timer: asyncio.TimerHandle | None = None
        self._echo_due = False
        self._echo_number = 0
        self._echo_at = 0.0
        self._closing = False
        self._reader = asyncio.current_task()
        self._writer: asyncio.Task[None] | None = None
        self.verdict: Refused | None = None

    @property
    def closed(self) -> bool:
        """Whether the collector ended the connection."""
        return self._closing

    def start(self) -> None:
        """Begin to write."""
        self._writer = asyncio.create_task(self._write())
        self._echo_timer = self._loop.call_later(ECHO_AFTER_S, self._echo_time)

    async def stop(self) -> None:
        """End the writer and the timer."""
        self._reader = None
        for timer in (self._timer, self._echo_timer):
            if timer is not None:
                timer.cancel()
        if self._writer is not None:
            self._writer.cancel()
            await asyncio.gather(self._writer, return_exceptions=True)

    def send(self, frame: pb.CollectorFrame) -> None:
        """Queue a frame; a probe that does not read loses the connection, not the session."""
        if len(self._queue) >= self._bound:
            self.drop(_TAKES_TOO_LONG)
            return
        self._queue.append(frame.SerializeToString())
        self._wake.set()

    def close(self, reason: str) -> None:
        """Send what is queued, say goodbye and end."""
        self.send(frames.bye(reason))
        self._closing = True
        self._wake.set()

    def drop(self, message: str) -> None:
        """End at once; the probe may come back."""
        self.refuse(Refused(grpc.StatusCode.ABORTED, "dropped", message))

    def refuse(self, refused: Refused) -> None:
        """End at once for a reason that the probe is told; the first reason counts."""
        if self.verdict is None and not self._closing:
            self.verdict = refused
            self._closing = True
            self._end_reading()

    def leave(self) -> None:
        """End because the probe has said goodbye."""
        self._closing = True
        self._end_reading()

    def taken(self) -> None:
        """Note that one more frame waits to be acknowledged; the hot path."""
        self._unacked += 1
        if self._unacked >= ACK_EVERY:
            if not self._ack_due:
                self._ack_due = True
                self._wake.set()
        elif self._timer is None:
            self._timer = self._loop.call_later(ACK_AFTER_S, self._timed)

    def _timed(self) -> None:
        self._timer = None
        if self._unacked:
            self._ack_due = True
            self._wake.set()

    @property
    def awaits_echo(self) -> bool:
        """Whether an echo is out."""
        return self._echo_at != 0

    @property
    def echoes(self) -> int:
        """How many echoes were sent."""
        return self._echo_number

    def is_echo(self, raw: bytes) -> bool:
        """Tell whether a frame is the answer to the echo that is out, and note the round trip if it is."""
        if len(raw) > _ECHO_BYTES:
            return False
        try:
            frame = pb.ProbeFrame.FromString(raw)
        except DecodeError:
            return False
        if frame.seq or not frame.HasField("echo") or frame.echo.number != self._echo_number:
            return False
        took = round((self._loop.time() - self._echo_at) * 1e6)
        self._session.rtt_us = min(max(took, 1), _MAX_RTT_US)
        self._echo_at = 0.0
        self._echo_timer = self._loop.call_later(ECHO_EVERY_S, self._echo_time)
        return True

    def _echo_time(self) -> None:
        if not self._session.basic:
            # Before consent a probe says nothing but Hello.
            self._echo_timer = self._loop.call_later(ECHO_AFTER_S, self._echo_time)
            return
        self._echo_due = True
        self._wake.set()

    async def _echo(self) -> None:
        self._echo_due = False
        self._echo_number += 1
        self._echo_at = self._loop.time()
        frame = pb.CollectorFrame(echo=pb.Echo(number=self._echo_number))
        await self._context.write(frame.SerializeToString())

    async def _write(self) -> None:
        while True:
            while self._queue:
                await self._context.write(self._queue.popleft())
            if self._closing:
                break
            if self._ack_due:
                await self._ack()
                continue
            if self._echo_due:
                await self._echo()
                continue
            await self._wake.wait()
            self._wake.clear()
        self._end_reading()

    async def _ack(self) -> None:
        self._ack_due, self._unacked = False, 0
        seq = self._session.seq
        await self._journal.durable(self._session.ticket)
        self._counters.acks += 1
        await self._context.write(pb.CollectorFrame(ack=pb.Ack(seq=seq)).SerializeToString())

    def _end_reading(self) -> None:
        if self._reader is not None:
            self._reader.cancel()
