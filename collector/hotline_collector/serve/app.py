"""Starts the collector's parts in order, waits, and stops them in order."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import signal
import socket
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import grpc
from hotline_proto.catalogue import Catalogue, load_catalogue

from hotline_collector.bus.local import LocalBus
from hotline_collector.calls.clock import DeadlineClock, SteadyClock
from hotline_collector.calls.desk import Desk
from hotline_collector.calls.erasing import close_forgotten
from hotline_collector.calls.figure_rule import note_change
from hotline_collector.calls.manager import CallManager
from hotline_collector.calls.saver import RowSaver
from hotline_collector.calls.settings import CallSettings
from hotline_collector.calls.surroundings import Surroundings
from hotline_collector.calls.waits import Tariff
from hotline_collector.errors import StartError, StoreError
from hotline_collector.intake.counters import IntakeCounters
from hotline_collector.rulepack.folders import pack_folders
from hotline_collector.rulepack.packloader import PackLoader
from hotline_collector.rulepack.signing import read_trusted_key
from hotline_collector.security.accounts import LocalAccounts
from hotline_collector.security.authority import Identity, own_identity, public_identity
from hotline_collector.security.doors import Doors
from hotline_collector.security.joincodes import PacedCodes
from hotline_collector.security.paced import PacedAccounts
from hotline_collector.security.pacing import Gate
from hotline_collector.security.phones import Phones
from hotline_collector.security.tokens import load_key
from hotline_collector.security.webhooks import read_secret
from hotline_collector.serve.caller_pages import CallerFacts, CallerPages
from hotline_collector.serve.config import Config
from hotline_collector.serve.desk_parts import desk_key, desk_place, operation_of, set_up_link, web_url
from hotline_collector.serve.downloads import find_builds
from hotline_collector.serve.lock import held
from hotline_collector.serve.metrics import Metrics
from hotline_collector.serve.packs import KeptPacks, keep_pack
from hotline_collector.serve.phone_pages import PhoneParts
from hotline_collector.serve.reload import PackWatch
from hotline_collector.serve.sent_results import SentResults
from hotline_collector.serve.web import WebServer, build_app
from hotline_collector.store.journal import SqliteJournal
from hotline_collector.store.keyring import KEYS_NAME, MASTER_NAME, Keyring
from hotline_collector.store.store import SqlStore

if TYPE_CHECKING:
    from hotline_collector.api.http.app import HttpApi
    from hotline_collector.serve.webhook import WebhookSender

_GRACE_S = 3.0
_PRUNE_EVERY_S = 3600.0
_DAY_US = 86_400_000_000
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
    _make_folder(config.data_dir)
    async with AsyncExitStack() as stack:
        stack.enter_context(held(config.data_dir))
        identity = identity_of(config)
        catalogue = load_catalogue()
        loader = _loader(config, catalogue)
        stamp, loaded = loader.stamp(), loader.load()
        metrics = Metrics()
        store, journal = await _open_store(config, metrics, stack)
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
        sender = _sender(config, store, around, metrics)
        desk = Desk(manager, codes)
        work = await _background(stack, desk, store, watch, sender, config)
        grpc_port = await _serve_grpc(stack, config, identity, desk, codes, doors.accounts, counters)
        around.settings = replace(around.settings, join_port=grpc_port)
        # Like the services, the console is imported by nobody who does not serve.
        from hotline_collector.web.console import Face, build_console  # noqa: PLC0415

        face = Face(config.operator_name, web_url(config, config.listen.web_port))
        ready = _readiness(store, journal)
        console = build_console(face, doors, desk, operation_of(config, identity, ready, journal), store)
        api = _http_api(config, doors.accounts, desk)
        room = desk.waiting_room if config.waiting.enabled else None
        web = WebServer(
            build_app(
                CallerPages(
                    _caller_facts(config, around.settings),
                    SentResults(desk, codes),
                    room,
                    _phone(config, desk, codes),
                ),
                identity.ca_pem,
                metrics.registry,
                ready,
                (*console.routes, api.mount),
                sender.health if sender is not None else dict,
            ),
            config.listen.host,
            config.listen.web_port,
            config.tls.cert_file,
            config.tls.key_file,
        )
        around.settings = replace(around.settings, web_url=web_url(config, web.port))
        stack.push_async_callback(web.stop)
        stack.callback(console.hang_up)
        stack.callback(api.hang_up)
        await web.start()
        _spare_the_heap()
        link = await set_up_link(doors.links, store, desk_place(config, web.port))
        yield (
            Started(grpc_port, web.port, identity.fingerprint, len(loaded.rules.rules), restored, link),
            work,
        )


def identity_of(config: Config) -> Identity:
    """Return key and certificates: those configured, else the collector's own, made if need be.

    Raises:
        StartError: the data folder cannot be made.
        SecurityError: a certificate or key cannot be read or made.
    """
    _make_folder(config.data_dir)
    if config.tls.cert_file is not None and config.tls.key_file is not None:
        return public_identity(config.tls.cert_file, config.tls.key_file)
    names = (*config.public.names, *config.public.addresses, *_LOCAL)
    return own_identity(config.data_dir / "tls", names)


def _loader(config: Config, catalogue: Catalogue) -> PackLoader:
    keys = [read_trusted_key(file) for file in config.rules.trusted_keys]
    folders = pack_folders(config.rules.folders)
    return PackLoader(catalogue, folders, keys, required=config.rules.require_signature)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise StartError(f"the folder {folder} cannot be made: {error.strerror}; set data_dir") from error


def call_settings(config: Config, identity: Identity) -> CallSettings:
    """Return what the call layer needs of the configuration.

    Raises:
        SecurityError: the key that recognises repeat contact cannot be read or made.
    """
    measuring = config.measuring
    return CallSettings(
        operator_name=config.operator_name,
        ca_fingerprint=identity.fingerprint,
        join_host=config.public.names[0],
        join_port=config.listen.grpc_port,
        numeric_addresses=config.public.addresses,
        intervals=measuring.intervals,
        anchors=measuring.anchors,
        known_names=measuring.known_names,
        ntp_servers=measuring.ntp_servers,
        portal_urls=measuring.portal_urls,
        ports=measuring.ports,
        load_url=measuring.load_url,
        active=measuring.active,
        contact_key=_contact_key(config),
        repeat_days=config.repeat_contact.days,
        ticket_events=config.webhook.events if config.webhook.url else (),
        signed_list=config.actions.signed_list.read_bytes() if config.actions.signed_list else b"",
        max_waiting=config.waiting.max_callers,
        tariff=Tariff(
            config.waiting.charged,
            config.waiting.price_per_minute,
            config.waiting.currency,
            config.waiting.free_minutes,
        ),
        per_agent_figures=config.figures.per_agent,
    )


def _caller_facts(config: Config, settings: CallSettings) -> CallerFacts:
    return CallerFacts(
        operator=config.operator_name,
        host=settings.join_host,
        grpc_port=settings.join_port,
        ca_fingerprint=settings.ca_fingerprint,
        web_url=web_url(config, config.listen.web_port),
        addresses=settings.numeric_addresses,
        builds=find_builds(config.public.downloads),
    )


def _phone(config: Config, desk: Desk, codes: PacedCodes) -> PhoneParts:
    key = load_key(config.data_dir / "phone.key", "callers with only a phone need a new code")
    encrypted = web_url(config, config.listen.web_port).startswith("https:")
    return PhoneParts(desk, codes, Phones(key), encrypted)


def _http_api(config: Config, accounts: PacedAccounts, desk: Desk) -> HttpApi:
    # FastAPI too takes a while to import.
    from hotline_collector.api.http.app import build_http_api  # noqa: PLC0415

    encrypted = web_url(config, config.listen.web_port).startswith("https:")
    return build_http_api(desk, accounts, encrypted=encrypted)


def _contact_key(config: Config) -> bytes:
    if not config.repeat_contact.enabled:
        return b""
    return load_key(config.data_dir / "contacts.key", "customers who rang before are not recognised")


def keyring(config: Config) -> Keyring:
    """Return the keys of calls, which lie in the data folder wherever the database is."""
    return Keyring(config.data_dir / KEYS_NAME, config.data_dir / MASTER_NAME)


def _sender(config: Config, store: SqlStore, around: Surroundings, metrics: Metrics) -> WebhookSender | None:
    webhook = config.webhook
    if not webhook.url or webhook.secret_file is None:
        return None
    # The client is imported by nobody who tells no ticket system.
    from hotline_collector.serve.webhook import Receiver, WebhookSender  # noqa: PLC0415

    try:
        trusted = ssl.create_default_context(cafile=webhook.ca_file)
    except OSError as error:
        raise StartError(f"webhook.ca_file: {webhook.ca_file} holds no certificate in PEM") from error
    receiver = Receiver(webhook.url, read_secret(webhook.secret_file), trusted, webhook.private_network)
    sender = WebhookSender(receiver, store, around.bus, around.clock)

    def number(state: str) -> Callable[[], float]:
        return lambda: float(sender.counts.get(state, 0))

    metrics.watch("webhook_waiting", "messages to the ticket system that wait to be sent", number("waiting"))
    metrics.watch("webhook_failed", "messages to the ticket system that were given up", number("failed"))
    metrics.watch("webhook_healthy", "1 if the last message arrived", lambda: float(not sender.fault))
    return sender


async def _open_store(
    config: Config, metrics: Metrics, stack: AsyncExitStack
) -> tuple[SqlStore, SqliteJournal]:
    store = SqlStore(config.database_path, keyring(config))
    stack.push_async_callback(store.close)
    await store.start()
    await store.adopt()
    journal = SqliteJournal(config.database_path, store.keys, on_commit=metrics.commit)
    await journal.start()
    stack.push_async_callback(journal.close)
    return store, journal


def _spare_the_heap() -> None:
    """Leave what stays for good out of every later garbage collection: it took 0.1 s of the loop each time.

    Source: Python's documentation of `gc.freeze`.
    """
    gc.collect()
    gc.freeze()


def _show(metrics: Metrics, counters: IntakeCounters, manager: CallManager, journal: SqliteJournal) -> None:
    metrics.add(counters)
    metrics.watch("calls_open", "calls that are not closed", lambda: len(manager.calls))
    metrics.watch("journal_waiting_bytes", "bytes that wait to be written", lambda: journal.waiting)
    metrics.watch("journal_healthy", "1 if the last commit succeeded", lambda: float(journal.healthy))


async def _background(
    stack: AsyncExitStack,
    desk: Desk,
    store: SqlStore,
    watch: PackWatch,
    sender: WebhookSender | None,
    config: Config,
) -> asyncio.Task[None]:
    manager = desk.manager

    async def work() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(manager.run())
            group.create_task(desk.queue.run())
            group.create_task(desk.waiting_room.run())
            group.create_task(watch.run())
            if sender is not None:
                group.create_task(sender.run())
            group.create_task(_prune(manager, store, config.retention_days))

    task = asyncio.create_task(work(), name="calls")

    async def end() -> None:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        try:
            await manager.around.saver.flush()
        except StoreError as error:
            _log.error("what changed last could not be saved: %s", error)

    stack.push_async_callback(end)
    return task


async def _serve_grpc(
    stack: AsyncExitStack,
    config: Config,
    identity: Identity,
    desk: Desk,
    codes: PacedCodes,
    accounts: PacedAccounts,
    counters: IntakeCounters,
) -> int:
    # The services take a while to import; commands that do not serve need none of them.
    from hotline_collector.api.server import Endpoint, build_grpc_server  # noqa: PLC0415

    host, port = config.listen.host, config.listen.grpc_port
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    credentials = grpc.ssl_server_credentials([(identity.key_pem, identity.chain_pem)])
    try:
        server = build_grpc_server(desk, codes, accounts, counters, Endpoint(address, credentials))
    except RuntimeError as error:
        raise StartError(
            f"the port {port} on {host} cannot be used: {_why(host, port)}; set listen.grpc_port"
        ) from error
    stack.push_async_callback(server.stop, _GRACE_S)
    await server.start()
    return server.port


def _why(host: str, port: int) -> str:
    # gRPC does not tell why it could not bind; the system does.
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as plain:
        try:
            plain.bind((host, port))
        except OSError as error:
            return error.strerror or str(error)
    return "it was taken for a moment"


def _readiness(store: SqlStore, journal: SqliteJournal) -> Callable[[], Awaitable[str]]:
    async def ready() -> str:
        if not journal.healthy:
            return f"the journal cannot be written: {journal.reason}"
        try:
            await store.ping()
        except StoreError as error:
            return str(error)
        return ""

    return ready


async def _prune(manager: CallManager, store: SqlStore, days: int) -> None:
    while True:
        before = time.time_ns() // 1000 - days * _DAY_US
        try:
            await close_forgotten(manager, before)
            gone = await store.prune(before)
            if gone:
                _log.info("deleted %d calls closed more than %d days ago", gone, days)
        except StoreError as error:
            _log.warning("old calls cannot be deleted, trying again later: %s", error)
        await asyncio.sleep(_PRUNE_EVERY_S)
