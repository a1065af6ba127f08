"""The server under measurement, in a process of its own: a bare sink (`sink`), or the whole
pipeline with the shipped rules (`pipeline`) or with synthetic ones (`rules=COUNT`).

Both take the same messages in clear text on loopback. It prints one JSON line with port and tokens, counts
what arrives, answers `stats` on standard input with the CPU seconds spent so far, and ends with its input.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import uvloop
from hotline_collector.api.server import OPTIONS
from hotline_collector.engine.ruleset import RuleSet
from hotline_proto.catalogue import load_catalogue
from hotline_proto.v1 import probe_pb2 as pb
from hotline_proto.words import commit

from tests.bench.collector import open_collector
from tests.bench.load import NONCE, PATH
from tests.bench.rulemix import mixed_rule_set
from tests.bench.synthetic import World

SERVICE, METHOD = PATH.strip("/").split("/")


class Sink:
    """Reads and forgets."""

    def __init__(self) -> None:
        self.frames = 0
        self.server = grpc.aio.server(options=OPTIONS)
        self.server.add_generic_rpc_handlers((self.handlers(),))

    async def diagnose(self, stream: AsyncIterator[bytes], _context: Any) -> None:
        """Read a stream to its end."""
        async for _raw in stream:
            self.frames += 1

    def handlers(self) -> grpc.GenericRpcHandler[bytes, bytes]:
        """Return the handler to add to a server."""
        return grpc.method_handlers_generic_handler(
            SERVICE, {METHOD: grpc.stream_stream_rpc_method_handler(self.diagnose)}
        )


async def sink(streams: int) -> tuple[Any, list[str], Any]:
    """Start a bare grpc.aio server."""
    counter = Sink()
    port = counter.server.add_insecure_port("127.0.0.1:0")
    await counter.server.start()
    return port, [bytes(16).hex()] * streams, counter


async def pipeline(streams: int, folder: Path, rules: RuleSet | None) -> tuple[Any, list[str], Any]:
    """Start the real collector without TLS: intake, engine, journal, bus."""
    collector = await open_collector(folder, rules)

    async def join() -> str:
        call = await collector.open_call()
        probe = pb.ProbeInfo(version="0", platform="linux")
        token, _, _ = await collector.manager.join(call, probe, commit(NONCE))
        return token.hex()

    tokens = await asyncio.gather(*(join() for _ in range(streams)))
    return collector.port, tokens, collector


async def main() -> None:
    """Serve until standard input ends."""
    kind, streams = sys.argv[1], int(sys.argv[2])
    os.sched_setaffinity(0, {0})
    load_catalogue()
    with tempfile.TemporaryDirectory() as folder:
        if kind == "sink":
            port, tokens, counter = await sink(streams)
        else:
            port, tokens, counter = await pipeline(streams, Path(folder), _rules(kind))
        print(json.dumps({"port": port, "tokens": tokens}), flush=True)
        loop = asyncio.get_running_loop()
        while await loop.run_in_executor(None, sys.stdin.readline):
            told = {"cpu": time.process_time(), "frames": counter.frames, "rss": _rss()}
            print(json.dumps(told), flush=True)
    os._exit(0)


def _rules(kind: str) -> RuleSet | None:
    """Return the synthetic rules that `rules=COUNT` asks for, None for those that ship."""
    name, _, count = kind.partition("=")
    return mixed_rule_set(World(0).catalogue, int(count)) if name == "rules" else None


def _rss() -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    return 0


if __name__ == "__main__":
    uvloop.run(main())
