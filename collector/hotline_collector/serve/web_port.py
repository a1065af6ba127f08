"""Serves the web port: pages for callers and agents, and the HTTP API."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

from hotline_collector.calls.desk import Desk
from hotline_collector.security.authority import Identity
from hotline_collector.security.doors import Doors
from hotline_collector.security.joincodes import PacedCodes
from hotline_collector.security.paced import PacedAccounts
from hotline_collector.serve.caller_pages import CallerPages
from hotline_collector.serve.caller_parts import caller_facts, phone_parts
from hotline_collector.serve.config import Config
from hotline_collector.serve.desk_parts import operation_of, web_url
from hotline_collector.serve.metrics import Metrics
from hotline_collector.serve.sent_results import SentResults
from hotline_collector.serve.storing import readiness
from hotline_collector.serve.web import WebServer, build_app
from hotline_collector.store.journal import SqliteJournal
from hotline_collector.store.store import SqlStore

if TYPE_CHECKING:
    from hotline_collector.api.http.app import HttpApi
    from hotline_collector.serve.webhook import WebhookSender


async def serve_web(
    stack: AsyncExitStack,
    config: Config,
    identity: Identity,
    desk: Desk,
    codes: PacedCodes,
    doors: Doors,
    store: SqlStore,
    journal: SqliteJournal,
    metrics: Metrics,
    sender: WebhookSender | None,
) -> int:
    """Serve pages and the HTTP API until the stack is closed and return the port.

    Raises:
        StartError: the port cannot be used.
    """
    # Like the services, the console is imported by nobody who does not serve.
    from hotline_collector.web.console import Face, build_console  # noqa: PLC0415

    around = desk.manager.around
    face = Face(config.operator_name, web_url(config, config.listen.web_port))
    ready = readiness(store, journal)
    console = build_console(face, doors, desk, operation_of(config, identity, ready, journal), store)
    api = _http_api(config, doors.accounts, desk)
    room = desk.waiting_room if config.waiting.enabled else None
    web = WebServer(
        build_app(
            CallerPages(
                caller_facts(config, around.settings),
                SentResults(desk, codes),
                room,
                phone_parts(config, desk, codes),
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
    return web.port


def _http_api(config: Config, accounts: PacedAccounts, desk: Desk) -> HttpApi:
    # FastAPI too takes a while to import.
    from hotline_collector.api.http.app import build_http_api  # noqa: PLC0415

    encrypted = web_url(config, config.listen.web_port).startswith("https:")
    return build_http_api(desk, accounts, encrypted=encrypted)
