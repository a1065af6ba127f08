"""Redeems the join code for a session."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import grpc.aio
from hotline_proto.v1 import probe_pb2 as pb
from hotline_proto.v1 import probe_pb2_grpc as rpc
from hotline_proto.words import NONCE_BYTES, commit, two_words

from hotline_probe.backoff import Backoff
from hotline_probe.errors import JoinRefused
from hotline_probe.reach import Way, open_channel
from hotline_probe.terminal import harmless
from hotline_probe.texts import Texts

PROTOCOL_VERSION = 1
JOIN_TIMEOUT = 15.0
# A code lives for ten minutes; who waits longer than this for a busy collector needs a new one soon.
MAX_BUSY = 300.0


@dataclass(frozen=True, slots=True)
class Joined:
    """A granted session: its token, who is on the other side, and what both screens show."""

    token: bytes
    session_id: str
    operator: str
    agent: str
    nonce: bytes
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
    """Redeem a code; waits and tries again while the collector is busy.

    `on_busy` hears each wait in seconds, `on_sent` each request that leaves.

    Raises:
        JoinRefused: the code or this version is not accepted; the message is for the caller.
    """
    nonce = secrets.token_bytes(NONCE_BYTES)
    request = pb.JoinRequest(
        protocol_version=PROTOCOL_VERSION, code=code, probe=probe, nonce_commitment=commit(nonce)
    )
    backoff = backoff or Backoff(1.0, 15.0)
    routes, waited = list(way.routes), 0.0
    while True:
        on_sent(request)
        try:
            answer = await _ask(way, len(way.routes) - len(routes), request)
        except grpc.aio.AioRpcError as error:
            busy = error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
            if error.code() is grpc.StatusCode.UNAVAILABLE and len(routes) > 1:
                routes.pop(0)
                continue
            if not busy or waited > MAX_BUSY:
                raise JoinRefused(_sentence(error.code(), texts)) from error
            wait = backoff.next()
            waited += wait
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
