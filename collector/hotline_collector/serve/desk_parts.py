"""What the console needs of the collector that serves it: its key, its address, its state, its first link."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from hotline_collector.security.authority import Identity, ends_us
from hotline_collector.security.links import PATH, OneTimeLinks
from hotline_collector.security.tokens import load_key
from hotline_collector.serve.config import Config
from hotline_collector.store.journal import SqliteJournal
from hotline_collector.store.store import SqlStore

if TYPE_CHECKING:
    from hotline_collector.web.operation import Operation


def desk_key(config: Config) -> bytes:
    """Return the key that sessions of browsers and links are hashed with, made if need be.

    Raises:
        SecurityError: it cannot be read or made.
    """
    return load_key(config.data_dir / "desk.key", "agents sign in to the console again, links end")


def web_url(config: Config, port: int) -> str:
    """Return the address of the web port as browsers see it."""
    if config.public.web_url:
        return config.public.web_url.rstrip("/")
    host = config.public.names[0]
    shown = f"[{host}]" if ":" in host else host
    return f"{'https' if config.tls.cert_file else 'http'}://{shown}:{port}"


def desk_place(config: Config, port: int) -> str:
    """Return where people reach the console; without TLS passwords are taken on this machine only."""
    outside = web_url(config, port)
    return outside if outside.startswith("https:") else f"http://localhost:{port}"


async def set_up_link(links: OneTimeLinks, store: SqlStore, place: str) -> str:
    """Return a link that makes the first admin's account, empty if there is an admin."""
    if any(user.role == "admin" and user.password_hash for user in await store.users()):
        return ""
    token = await links.issue()
    await store.audit("system", "setup.link", "", "")
    return place + PATH + token


def operation_of(
    config: Config, identity: Identity, ready: Callable[[], Awaitable[str]], journal: SqliteJournal
) -> Operation:
    """Return what the admin's page tells of this collector."""
    # The console is imported by nobody who does not serve.
    from hotline_collector.web.operation import Operation  # noqa: PLC0415

    repeat = config.repeat_contact
    return Operation(
        ready=ready,
        journal=journal,
        database=config.database_path,
        started=time.time_ns() // 1000,
        certificate_ends=ends_us(identity),
        retention_days=config.retention_days,
        repeat_days=repeat.days if repeat.enabled else 0,
    )
