"""The real collector in one process without TLS, as the server under measurement."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from hotline_collector.api.server import Endpoint, GrpcServer, build_grpc_server
from hotline_collector.bus.local import LocalBus
from hotline_collector.calls.actor import Actor
from hotline_collector.calls.clock import DeadlineClock, SteadyClock
from hotline_collector.calls.desk import Desk
from hotline_collector.calls.manager import CallManager
from hotline_collector.calls.saver import RowSaver
from hotline_collector.calls.settings import CallSettings
from hotline_collector.calls.surroundings import Surroundings
from hotline_collector.engine.ruleset import RuleSet
from hotline_collector.intake.counters import IntakeCounters
from hotline_collector.intake.limits import IntakeLimits
from hotline_collector.rulepack.loader import load_installed
from hotline_collector.security.accounts import LocalAccounts
from hotline_collector.security.joincodes import PacedCodes
from hotline_collector.security.paced import PacedAccounts
from hotline_collector.security.pacing import Gate
from hotline_collector.security.passwords import Passwords
from hotline_collector.store.journal import SqliteJournal
from hotline_collector.store.migrate import upgrade
from hotline_collector.store.store import SqlStore
from hotline_proto.catalogue import load_catalogue

# The load is meant to be faster than any probe may be.
_LIMITS = IntakeLimits(frames_per_second=1e6, burst=10_000_000, share=1.0)
_BENCH = Actor("bench", "agent")


@dataclass(slots=True)
class BenchCollector:
    """A running collector and what a benchmark needs of it."""

    server: GrpcServer
    desk: Desk
    manager: CallManager
    counters: IntakeCounters
    task: asyncio.Task[None]

    @property
    def port(self) -> int:
        """The port it listens on."""
        return self.server.port

    @property
    def frames(self) -> int:
        """How many frames were taken."""
        return self.counters.frames

    async def open_call(self) -> str:
        """Open a call and return its id."""
        row, _code = await self.desk.open(_BENCH, "")
        return row.id


async def open_collector(folder: Path, rules: RuleSet | None = None) -> BenchCollector:
    """Start a collector that keeps everything in a folder and judges by the shipped rules, or by others."""
    rules = rules or load_installed(load_catalogue())
    catalogue = rules.catalogue
    path = folder / "bench.sqlite"
    upgrade(path)
    store = SqlStore(path)
    journal = SqliteJournal(path, store.keys)
    await store.start()
    await journal.start()
    saver, clock = RowSaver(store), SteadyClock()
    around = Surroundings(
        catalogue, CallSettings(), store, journal, LocalBus(), saver, clock, DeadlineClock(clock), {}
    )
    manager = CallManager(around, rules)
    gate = Gate()
    codes = PacedCodes(store, bytes(32), gate)
    desk = Desk(manager, codes)
    counters = IntakeCounters()
    accounts = PacedAccounts(LocalAccounts(store, Passwords()), gate, store)
    server = build_grpc_server(desk, codes, accounts, counters, Endpoint("127.0.0.1:0", None, _LIMITS))
    await server.start()
    return BenchCollector(server, desk, manager, counters, asyncio.create_task(manager.run()))
