"""What the collector does beside answering: deadlines, the queue, rule changes, tickets, deleting."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import ssl
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from hotline_collector.calls.desk import Desk
from hotline_collector.calls.erasing import close_forgotten
from hotline_collector.calls.manager import CallManager
from hotline_collector.calls.surroundings import Surroundings
from hotline_collector.errors import StartError, StoreError
from hotline_collector.security.webhooks import read_secret
from hotline_collector.serve.config import Config
from hotline_collector.serve.metrics import Metrics
from hotline_collector.serve.reload import PackWatch
from hotline_collector.store.store import SqlStore

if TYPE_CHECKING:
    from hotline_collector.serve.webhook import WebhookSender

_PRUNE_EVERY_S = 3600.0
_DAY_US = 86_400_000_000
_log = logging.getLogger(__name__)


async def start_background(
    stack: AsyncExitStack,
    desk: Desk,
    store: SqlStore,
    watch: PackWatch,
    sender: WebhookSender | None,
    config: Config,
) -> asyncio.Task[None]:
    """Start the work that goes on until the stack is closed; the task must not end before."""
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


def ticket_sender(
    config: Config, store: SqlStore, around: Surroundings, metrics: Metrics
) -> WebhookSender | None:
    """Return what tells the ticket system of calls, if there is one to tell.

    Raises:
        StartError: what the configuration names cannot be read.
    """
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
