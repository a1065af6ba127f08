"""The whole pipeline against a bare grpc.aio + uvloop sink of the same messages, as CPU time a message.

Server on core 0, load on core 1; rounds alternate between the two, and the ratio is taken within a round.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence

from tests.bench.blaster import Blaster
from tests.bench.figures import Figure, median
from tests.bench.load import LOAD_CORE, PATH, Server, session_messages

ROUNDS = 5
FLAT = {"streams": 16, "connections": 4, "deltas": 1500}
PACED = {"streams": 200, "connections": 200, "deltas": 60}
RATE = 4000.0
_HANDSHAKE = 3
_DEADLINE = 60.0


def pipeline_figures() -> Sequence[Figure]:
    """Measure flat out and paced."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {LOAD_CORE} if len(before) > 1 else before)
    try:
        return [
            *_figures("flat out, 16 streams", FLAT, _flat_out, 0.35),
            *_figures("paced, 200 connections", PACED, _paced, 0.65),
        ]
    finally:
        os.sched_setaffinity(0, before)


def _figures(name: str, shape: dict[str, int], send: Callable[[Blaster], int], goal: float) -> list[Figure]:
    sinks, pipelines = [], []
    sessions = [session_messages(shape["deltas"], seed) for seed in range(shape["streams"])]
    for _ in range(ROUNDS):
        sinks.append(_round("sink", shape, sessions, send))
        pipelines.append(_round("pipeline", shape, sessions, send))
    ratios = [sink / pipeline for sink, pipeline in zip(sinks, pipelines, strict=True)]
    return [
        median(f"{name}: bare sink", [s * 1e6 for s in sinks], "µs/msg"),
        median(f"{name}: whole pipeline", [p * 1e6 for p in pipelines], "µs/msg"),
        median(f"{name}: sink ÷ pipeline", ratios, at_least=goal),
    ]


def _round(
    kind: str, shape: dict[str, int], sessions: Sequence[Sequence[bytes]], send: Callable[[Blaster], int]
) -> float:
    """Return CPU seconds a message; the handshakes are sent before and not counted."""
    server = Server(kind, shape["streams"])
    try:
        greetings = [
            (token, messages[:_HANDSHAKE]) for token, messages in zip(server.tokens, sessions, strict=True)
        ]
        blaster = Blaster(server.port, PATH, greetings, shape["connections"])
        greeted = blaster.flat_out(time.monotonic() + _DEADLINE)
        blaster.drain(0.3)
        # A pipeline counts numbered frames; Hello is not one.
        offset = len(sessions) if kind == "pipeline" else 0
        start = server.wait_for(greeted - offset)
        blaster.load([messages[_HANDSHAKE:] for messages in sessions])
        sent = send(blaster)
        blaster.drain(0.05)
        end = server.wait_for(start.frames + sent)
        if blaster.refused:
            raise RuntimeError(f"a connection was refused: {blaster.refused[0]}")
        blaster.close()
        return (end.cpu - start.cpu) / sent
    finally:
        server.stop()


def _flat_out(blaster: Blaster) -> int:
    return blaster.flat_out(time.monotonic() + _DEADLINE)


def _paced(blaster: Blaster) -> int:
    return blaster.paced(RATE, time.monotonic() + _DEADLINE)
