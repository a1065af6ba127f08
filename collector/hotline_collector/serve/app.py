"""Starts the collector's parts in order, waits, and stops them in order."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace

from hotline_proto.catalogue import Catalogue, load_catalogue

from hotline_collector.bus.local import LocalBus
from hotline_collector.calls.clock import DeadlineClock, SteadyClock
from hotline_collector.calls.desk import Desk
from hotline_collector.calls.figure_rule import note_change
from hotline_collector.calls.manager import CallManager
from hotline_collector.calls.saver import RowSaver
from hotline_collector.calls.surroundings import Surroundings
from hotline_collector.intake.counters import IntakeCounters
from hotline_collector.rulepack.cache import PackCache
from hotline_collector.rulepack.folders import pack_folders
from hotline_collector.rulepack.packloader import PackLoader
from hotline_collector.rulepack.signing import read_trusted_key
from hotline_collector.security.accounts import LocalAccounts
from hotline_collector.security.authority import Identity, own_identity, public_identity
from hotline_collector.security.doors import Doors
from hotline_collector.security.joincodes import PacedCodes
from hotline_collector.security.pacing import Gate
from hotline_collector.security.tokens import load_key
from hotline_collector.serve.background import start_background, ticket_sender
from hotline_collector.serve.call_settings import call_settings
from hotline_collector.serve.config import Config
from hotline_collector.serve.desk_parts import desk_key, desk_place, set_up_link
from hotline_collector.serve.device_parts import device_reach, read_again
from hotline_collector.serve.grpc_port import serve_grpc
from hotline_collector.serve.lock import held
from hotline_collector.serve.metrics import Metrics
from hotline_collector.serve.packs import KeptPacks, keep_pack
from hotline_collector.serve.reload import PackWatch
from hotline_collector.serve.storing import make_folder, open_store
from hotline_collector.serve.web_port import serve_web
from hotline_collector.store.journal import SqliteJournal

_LOCAL = ("localhost", "127.0.0.1", "::1")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Started:
    """What the operator wants to know once everything runs; `set_up_link` only while there is no admin."""

    grpc_port: int
    web_port: int
    fingerprint: str
    rules: int
    calls: int
    set_up_link: str


async def run(config: Config, announce: Callable[[Started], None]) -> None:
    """Run the collector until SIGTERM or SIGINT.

    Raises:
        CollectorError: it cannot start.
        PackError: a rule pack has faults.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with collector(config) as (started, work):
        announce(started)
        _log.info(
            "started",
            extra={
                "grpc_port": started.grpc_port,
                "web_port": started.web_port,
                "rules": started.rules,
                "calls": started.calls,
            },
        )
        ending = asyncio.create_task(stop.wait())
        await asyncio.wait((ending, work), return_when=asyncio.FIRST_COMPLETED)
        ending.cancel()
        if work.done():
            work.result()
        _log.info("stopping")


@asynccontextmanager
async def collector(config: Config) -> AsyncIterator[tuple[Started, asyncio.Task[None]]]:
    """Run a whole collector while the context is open; yields also the task that must not end."""
    make_folder(config.data_dir)
    async with AsyncExitStack() as stack:
        stack.enter_context(held(config.data_dir))
        identity = identity_of(config)
        catalogue = load_catalogue()
        loader = _loader(config, catalogue)
        stamp, loaded = loader.stamp(), loader.load()
        metrics = Metrics()
        store, journal = await open_store(config, metrics, stack)
        await note_change(store, per_agent=config.figures.per_agent)
        await keep_pack(store, loaded.rules)
        clock = SteadyClock()
        around = Surroundings(
            catalogue,
            call_settings(config, identity),
            store,
            journal,
            LocalBus(),
            RowSaver(store),
            clock,
            DeadlineClock(clock),
            {},
        )
        manager = CallManager(around, loaded.rules, loaded.signer, KeptPacks(store, catalogue))
        restored = await manager.restore()
        await manager.hand_over()
        local = LocalAccounts(store, operator=config.operator_name)
        key = load_key(config.data_dir / "joincodes.key", "join codes read out so far end")
        gate = Gate()
        doors = Doors.of(store, local, gate, desk_key(config))
        codes = PacedCodes(store, key, gate, lifetime=config.join_code_lifetime_s)
        counters = IntakeCounters()
        _show(metrics, counters, manager, journal)
        watch = PackWatch(loader, manager, store, stamp)
        sender = ticket_sender(config, store, around, metrics)
        desk = Desk(manager, codes)
        await desk.queue.outages.restore()
        work = await start_background(stack, desk, store, watch, sender, config)
        grpc_port = await serve_grpc(stack, config, identity, desk, codes, doors.accounts, counters)
        around.settings = replace(around.settings, join_port=grpc_port)
        around.reach = device_reach(stack, config, identity, grpc_port, metrics)
        web_port = await serve_web(
            stack, config, identity, desk, codes, doors, store, journal, metrics, sender
        )
        read_again(stack, desk)
        _spare_the_heap()
        link = await set_up_link(doors.links, store, desk_place(config, web_port))
        yield (
            Started(grpc_port, web_port, identity.fingerprint, len(loaded.rules.rules), restored, link),
            work,
        )


def identity_of(config: Config) -> Identity:
    """Return key and certificates: those configured, else the collector's own, made if need be.

    Raises:
        StartError: the data folder cannot be made.
        SecurityError: a certificate or key cannot be read or made.
    """
    make_folder(config.data_dir)
    if config.tls.cert_file is not None and config.tls.key_file is not None:
        return public_identity(config.tls.cert_file, config.tls.key_file)
    names = (*config.public.names, *config.public.addresses, *_LOCAL)
    return own_identity(config.data_dir / "tls", names)


def _loader(config: Config, catalogue: Catalogue) -> PackLoader:
    keys = [read_trusted_key(file) for file in config.rules.trusted_keys]
    folders = pack_folders(config.rules.folders)
    cache = PackCache(config.cache_dir or config.data_dir / "cache", catalogue)
    return PackLoader(catalogue, folders, keys, required=config.rules.require_signature, cache=cache)


def _spare_the_heap() -> None:
    """Leave what stays for good out of every later garbage collection: it took 0.1 s of the loop each time.

    Of half a million objects 1,600 could be collected here, which is not worth the third of a second.

    Source: Python's documentation of `gc.freeze`.
    """
    gc.freeze()
    gc.enable()


def _show(metrics: Metrics, counters: IntakeCounters, manager: CallManager, journal: SqliteJournal) -> None:
    metrics.add(counters)
    metrics.watch("calls_open", "calls that are not closed", lambda: len(manager.calls))
    metrics.watch("journal_waiting_bytes", "bytes that wait to be written", lambda: journal.waiting)
    metrics.watch("journal_healthy", "1 if the last commit succeeded", lambda: float(journal.healthy))
