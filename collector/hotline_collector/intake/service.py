"""The probe's face: Join and Diagnose as gRPC handlers that see raw bytes."""

from __future__ import annotations

import asyncio
import hmac
import logging
import time
from collections.abc import AsyncIterator, Sequence
from typing import Any

import grpc
from google.protobuf.message import DecodeError
from hotline_proto.v1 import probe_pb2 as pb
from hotline_proto.words import NONCE_BYTES, commit

from hotline_collector.calls import linking, receiving
from hotline_collector.calls.errors import CallError, CallErrorKind
from hotline_collector.calls.manager import CallManager
from hotline_collector.calls.ports import JoinCodes
from hotline_collector.calls.runtime import CallRuntime
from hotline_collector.calls.session import Session
from hotline_collector.engine.errors import FrameError
from hotline_collector.errors import StoreError
from hotline_collector.intake.connection import Connection
from hotline_collector.intake.counters import IntakeCounters
from hotline_collector.intake.errors import Refused
from hotline_collector.intake.joining import Joining
from hotline_collector.intake.limits import Allowance, IntakeLimits
from hotline_collector.intake.rounds import Inbox, Rounds

SERVICE = "hotline.v1.ProbeService"
TOKEN_KEY = "hotline-token-bin"  # noqa: S105  # the name of a metadata key
_MAX_ID = 64
_NEEDS_CONSENT = frozenset({"readings", "announcement", "notes", "answer", "device"})
_STATUS = {
    CallErrorKind.UNAVAILABLE: grpc.StatusCode.UNAVAILABLE,
    CallErrorKind.NOT_FOUND: grpc.StatusCode.UNAUTHENTICATED,
}
_log = logging.getLogger(__name__)


class ProbeService:
    """Takes what probes send: one coroutine a stream, frames applied in rounds, no task per frame."""

    def __init__(
        self, manager: CallManager, codes: JoinCodes, limits: IntakeLimits, counters: IntakeCounters
    ) -> None:
        self._manager = manager
        self._joining = Joining(manager, codes)
        self._limits = limits
        self._counters = counters
        self._clock = manager.around.clock
        self._rounds = Rounds()
        self._open: set[Connection] = set()

    def handlers(self) -> grpc.GenericRpcHandler[bytes, bytes]:
        """Return the handlers to add to a server; bytes in, bytes out, so that the journal gets what came."""
        return grpc.method_handlers_generic_handler(
            SERVICE,
            {
                "Join": grpc.unary_unary_rpc_method_handler(self.join),
                "Diagnose": grpc.stream_stream_rpc_method_handler(self.diagnose),
            },
        )

    def hang_up(self) -> None:
        """End every connection because the collector stops; the probes come back by themselves."""
        for connection in list(self._open):
            connection.refuse(
                Refused(grpc.StatusCode.UNAVAILABLE, "stopping", "the collector is stopping; try again")
            )

    async def join(self, raw: bytes, context: Any) -> bytes:
        """Redeem a join code for a session."""
        try:
            response = await self._joining.join(raw, context.peer())
        except Refused as refused:
            await self._abort(context, refused)
            raise
        except Exception as error:
            await self._abort(context, _failed(error))
            raise
        self._counters.joins += 1
        return response.SerializeToString()

    async def diagnose(self, stream: AsyncIterator[bytes], context: Any) -> None:
        """Carry one connection of a session until either side ends it."""
        ids: dict[str, str] = {}
        try:
            call, session = self._authenticate(context)
            ids = {"call": call.row.id, "session": session.row.id}
            await self._connection(stream, context, call, session)
        except Refused as refused:
            await self._abort(context, refused, ids)
        except Exception as error:
            await self._abort(context, _failed(error), ids)

    def _authenticate(self, context: Any) -> tuple[CallRuntime, Session]:
        token = next((value for key, value in context.invocation_metadata() if key == TOKEN_KEY), b"")
        found = self._manager.session(token) if isinstance(token, bytes) else None
        if found is None:
            raise _over()
        return found

    async def _connection(
        self, stream: AsyncIterator[bytes], context: Any, call: CallRuntime, session: Session
    ) -> None:
        frames = aiter(stream)
        connection = Connection(
            context, session, call.around.journal, self._counters, self._limits.queued_frames
        )
        self._counters.connections += 1
        self._counters.connected += 1
        self._open.add(connection)
        try:
            await self._greet(frames, call, session, connection)
            await self._take(frames, call, session, connection)
        except asyncio.CancelledError:
            if connection.verdict is None and not connection.closed:
                raise
            if task := asyncio.current_task():
                task.uncancel()
        except CallError as error:
            raise _refusal(error) from error
        finally:
            self._counters.connected -= 1
            self._open.discard(connection)
            _lost(call, session, connection)
            await connection.stop()
        if connection.verdict is not None:
            raise connection.verdict

    async def _greet(
        self, frames: AsyncIterator[bytes], call: CallRuntime, session: Session, connection: Connection
    ) -> None:
        try:
            async with asyncio.timeout(self._limits.hello_timeout_s):
                frame = self._parse(await anext(frames))
        except (TimeoutError, StopAsyncIteration) as error:
            raise _broken("the first frame must be Hello, and come at once") from error
        if not frame.HasField("hello"):
            raise _broken("the first frame must be Hello")
        hello = frame.hello
        _check_hello(hello, session)
        linking.drop(session)
        await call.around.journal.durable(session.ticket)
        if session.row.ended or call.row.state == "closed":
            raise _over()
        session.row.probe_nonce = hello.nonce
        # Numbers that the spool gave up will never come: the stream goes on behind them.
        session.seq = max(session.seq, hello.first_spooled_seq - 1)
        connection.start()
        welcome = pb.Welcome(durable_seq=session.seq, wall_us=self._clock.now())
        connection.send(pb.CollectorFrame(welcome=welcome))
        linking.up(call, session, connection, hello, frame.mono_us)

    async def _take(
        self, frames: AsyncIterator[bytes], call: CallRuntime, session: Session, connection: Connection
    ) -> None:
        allowance = Allowance(self._limits, self._clock.now())

        def take(raws: Sequence[bytes]) -> None:
            began = time.thread_time()
            try:
                self._apply(raws, call, session, connection, allowance)
            except Refused as refused:
                connection.refuse(refused)
            except Exception as error:
                connection.refuse(_refusal(error))
            allowance.spent(time.thread_time() - began, len(raws))

        inbox = Inbox(self._rounds, take)
        try:
            async for raw in frames:
                if connection.awaits_echo and connection.is_echo(raw):
                    if connection.echoes == 1:
                        call.changed()
                    continue
                inbox.add(raw)
                if allowance.costly:
                    inbox.deliver()
                if allowance.pause:
                    # The backlog of an outage is legitimate: who sends too fast is read more slowly.
                    self._counters.slowed += 1
                    pause, allowance.pause = allowance.pause, 0.0
                    await asyncio.sleep(pause)
        finally:
            inbox.deliver()

    def _apply(
        self,
        raws: Sequence[bytes],
        call: CallRuntime,
        session: Session,
        connection: Connection,
        allowance: Allowance,
    ) -> None:
        """Apply frames in their order; the hot path."""
        counters, parse = self._counters, self._parse
        now = self._clock.now()
        allowance.take(now, len(raws))
        for raw in raws:
            if connection.closed:
                return
            frame = parse(raw)
            seq = frame.seq
            body = frame.WhichOneof("body")
            if seq == session.seq + 1:
                if body in _NEEDS_CONSENT and not session.basic:
                    raise _no_consent()
                try:
                    receiving.take(call, session, now, raw, frame, _numbered(body))
                except FrameError as error:
                    raise _broken(str(error)) from error
                counters.frames += 1
                connection.taken()
            elif body == "bye":
                linking.end(call, session, frame.bye.reason or "ended")
                connection.leave()
            elif 0 < seq <= session.seq:
                counters.replayed += 1
                connection.taken()
            else:
                raise Refused(grpc.StatusCode.ABORTED, "gap", f"gap: expected {session.seq + 1}, got {seq}")

    def _parse(self, raw: bytes) -> pb.ProbeFrame:
        self._counters.bytes += len(raw)
        if len(raw) > self._limits.frame_bytes:
            raise Refused(
                grpc.StatusCode.INVALID_ARGUMENT,
                "oversized",
                f"a frame has at most {self._limits.frame_bytes} bytes, this one {len(raw)}",
            )
        try:
            return pb.ProbeFrame.FromString(raw)
        except DecodeError as error:
            raise _broken("this is no ProbeFrame") from error

    async def _abort(self, context: Any, refused: Refused, ids: dict[str, str] | None = None) -> None:
        self._counters.refused[refused.kind] += 1
        # Not the sentence: it may quote what was typed or sent.
        _log.warning("probe refused", extra={"kind": refused.kind, **(ids or {})})
        await context.abort(refused.status, str(refused))


def _check_hello(hello: pb.Hello, session: Session) -> None:
    if len(hello.nonce) != NONCE_BYTES or not hmac.compare_digest(
        commit(hello.nonce), session.row.commitment
    ):
        raise Refused(
            grpc.StatusCode.PERMISSION_DENIED, "nonce", "the nonce is not the one that was committed to"
        )
    if not hello.boot_id or len(hello.boot_id) > _MAX_ID:
        raise _broken("Hello names no boot")


def _numbered(body: str | None) -> str:
    if body in (None, "hello", "bye", "echo"):
        raise _broken(f"a numbered frame cannot be {body or 'empty'}")
    return body


def _over() -> Refused:
    return Refused(
        grpc.StatusCode.UNAUTHENTICATED,
        "token",
        "this session does not exist or is over; join with a new code",
    )


def _broken(message: str) -> Refused:
    return Refused(grpc.StatusCode.INVALID_ARGUMENT, "malformed", message)


def _no_consent() -> Refused:
    return Refused(
        grpc.StatusCode.PERMISSION_DENIED,
        "consent",
        "facts arrived although the caller does not allow any",
    )


def _refusal(error: Exception) -> Refused:
    if isinstance(error, CallError):
        status = _STATUS.get(error.kind, grpc.StatusCode.FAILED_PRECONDITION)
        return Refused(status, error.kind.value, str(error))
    return _failed(error)


def _failed(error: Exception) -> Refused:
    if isinstance(error, StoreError):
        _log.error("the store does not work: %s", error)
        return Refused(
            grpc.StatusCode.UNAVAILABLE, "store", "the collector cannot write right now; try again"
        )
    _log.exception("a probe could not be served", exc_info=error)
    return Refused(grpc.StatusCode.INTERNAL, "failed", "the collector failed; its log says why")


def _lost(call: CallRuntime, session: Session, connection: Connection) -> None:
    try:
        linking.down(call, session, connection)
    except StoreError as error:
        _log.warning("call %s: the loss of a link could not be recorded: %s", call.row.id, error)
