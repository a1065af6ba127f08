"""Redeems the join code for a session."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import grpc.aio
from hotline_proto import PROTOCOL_VERSION
from hotline_proto.v1 import probe_pb2 as pb
from hotline_proto.v1 import probe_pb2_grpc as rpc
from hotline_proto.words import NONCE_BYTES, commit, two_words

from hotline_probe.backoff import Backoff
from hotline_probe.errors import JoinRefused
from hotline_probe.reach import Way, open_channel
from hotline_probe.terminal import harmless
from hotline_probe.texts import Texts

JOIN_TIMEOUT = 15.0
# A code lives for ten minutes; who waits longer than this for a busy collector needs a new one soon.
MAX_BUSY = 300.0
# A collector that restarts is back within a minute.
MAX_ABSENT = 60.0
# How long each passing state of the collector may be waited out, in seconds.
_PATIENCE = {
    grpc.StatusCode.RESOURCE_EXHAUSTED: MAX_BUSY,
    grpc.StatusCode.UNAVAILABLE: MAX_ABSENT,
    grpc.StatusCode.DEADLINE_EXCEEDED: MAX_ABSENT,
}


@dataclass(frozen=True, slots=True)
class Joined:
    """A granted session: its token, who is on the other side, and what both screens show."""

    token: bytes
    session_id: str
    operator: str
    agent: str
    nonce: bytes
    salt: bytes
    words: str
    way: Way


async def join(
    way: Way,
    code: str,
    probe: pb.ProbeInfo,
    *,
    texts: Texts,
    on_busy: Callable[[float], None],
    on_sent: Callable[[pb.JoinRequest], None],
    backoff: Backoff | None = None,
) -> Joined:
    """Redeem a code; waits and tries again, every way in turn, while the collector is busy or away.

    `on_busy` hears each wait in seconds, `on_sent` each request that leaves.

    Raises:
        JoinRefused: the code or this version is not accepted; the message is for the caller.
    """
    nonce = secrets.token_bytes(NONCE_BYTES)
    request = pb.JoinRequest(
        protocol_version=PROTOCOL_VERSION, code=code, probe=probe, nonce_commitment=commit(nonce)
    )
    backoff = backoff or Backoff(1.0, 15.0)
    turn, began = 0, time.monotonic()
    while True:
        on_sent(request)
        try:
            answer = await _ask(way, turn % len(way.routes), request)
        except grpc.aio.AioRpcError as error:
            status = error.code()
            busy = status is grpc.StatusCode.RESOURCE_EXHAUSTED
            turn += not busy
            if time.monotonic() - began >= _PATIENCE.get(status, 0.0):
                raise JoinRefused(_sentence(status, texts)) from error
            if busy or turn % len(way.routes) == 0:
                wait = backoff.next()
                on_busy(wait)
                await asyncio.sleep(wait)
        else:
            return _joined(answer, nonce, way)


async def _ask(way: Way, route: int, request: pb.JoinRequest) -> pb.JoinResponse:
    async with open_channel(way.routes[route], way.trust) as channel:
        stub: Any = rpc.ProbeServiceStub(channel)  # type: ignore[no-untyped-call]
        answer: pb.JoinResponse = await stub.Join(request, timeout=JOIN_TIMEOUT)
        return answer


def _joined(answer: pb.JoinResponse, nonce: bytes, way: Way) -> Joined:
    return Joined(
        token=answer.session_token,
        session_id=harmless(answer.session_id, 64),
        operator=harmless(answer.operator_name, 80),
        agent=harmless(answer.agent_name, 80),
        nonce=nonce,
        salt=answer.call_salt,
        words=two_words(way.trust.fingerprint, nonce, answer.collector_nonce),
        way=way,
    )


def _sentence(code: grpc.StatusCode, texts: Texts) -> str:
    return {
        grpc.StatusCode.INVALID_ARGUMENT: texts.refused_mistyped,
        grpc.StatusCode.NOT_FOUND: texts.refused_unknown,
        grpc.StatusCode.FAILED_PRECONDITION: texts.refused_version,
        grpc.StatusCode.RESOURCE_EXHAUSTED: texts.refused_busy,
        grpc.StatusCode.UNAVAILABLE: texts.refused_unavailable,
        grpc.StatusCode.DEADLINE_EXCEEDED: texts.refused_unavailable,
    }.get(code, texts.refused_other.format(code=code.name))
