"""The whole collector with its desk in a process of its own: probes in clear text, pages over HTTP.

It opens a call for every probe and signs in one browser for every desk, without passwords, and prints them as
one JSON line; `stats` on standard input is answered with the CPU seconds spent so far, frames and memory.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import uvloop
from hotline_collector.security.accounts import LocalAccounts, wall_us
from hotline_collector.security.doors import Doors
from hotline_collector.security.pacing import Gate
from hotline_collector.security.passwords import Passwords
from hotline_collector.serve.caller_pages import CallerFacts, CallerPages
from hotline_collector.serve.web import WebServer, build_app
from hotline_collector.store.journal import SqliteJournal
from hotline_collector.web.console import Face, build_console
from hotline_collector.web.operation import Operation
from hotline_proto.v1 import probe_pb2 as pb
from hotline_proto.words import commit
from prometheus_client import CollectorRegistry

from tests.bench.collector import BenchCollector, open_collector
from tests.bench.load import NONCE
from tests.bench.procstat import rss

_HOST = "127.0.0.1"


async def web_of(collector: BenchCollector, desks: int) -> tuple[int, list[str]]:
    """Start the web port and return where it is, with the sessions of so many browsers."""
    store: Any = collector.manager.around.store
    accounts = LocalAccounts(store, Passwords(memory_kib=64, passes=1))
    await accounts.add("bench", "correct horse battery", "agent")
    doors = Doors.of(store, accounts, Gate(), bytes(32))

    async def ready() -> str:
        return ""

    operation = Operation(
        ready=ready,
        journal=SqliteJournal(store.path),
        database=store.path,
        started=wall_us(),
        certificate_ends=0,
        retention_days=30,
        repeat_days=0,
    )
    console = build_console(Face("Bench", f"http://{_HOST}"), doors, collector.desk, operation, store)
    pages = CallerPages(CallerFacts("Bench", _HOST, 1))
    server = WebServer(build_app(pages, b"", CollectorRegistry(), ready, console.routes), _HOST, 0)
    await server.start()
    return server.port, [await doors.browsers.begin("bench") for _ in range(desks)]


async def main() -> None:
    """Serve until standard input ends."""
    desks, probes = int(sys.argv[1]), int(sys.argv[2])
    os.sched_setaffinity(0, {0})
    with tempfile.TemporaryDirectory() as folder:
        collector = await open_collector(Path(folder))
        calls = [await collector.open_call() for _ in range(probes)]
        web, sessions = await web_of(collector, desks)
        probe = pb.ProbeInfo(version="0", platform="linux")
        joined = [await collector.manager.join(call, probe, commit(NONCE)) for call in calls]
        told = {"port": collector.port, "web": web, "calls": calls, "sessions": sessions}
        print(json.dumps(told | {"tokens": [token.hex() for token, _, _ in joined]}), flush=True)
        loop = asyncio.get_running_loop()
        while await loop.run_in_executor(None, sys.stdin.readline):
            stats = {"cpu": time.process_time(), "frames": collector.frames, "rss": rss(os.getpid())}
            print(json.dumps(stats), flush=True)
    os._exit(0)


if __name__ == "__main__":
    uvloop.run(main())
