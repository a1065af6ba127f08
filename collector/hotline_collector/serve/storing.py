"""Opens what the collector keeps: the data folder, the keys of calls, the database and its journal."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from hotline_collector.errors import StartError, StoreError
from hotline_collector.serve.config import Config
from hotline_collector.serve.metrics import Metrics
from hotline_collector.store.journal import SqliteJournal
from hotline_collector.store.keyring import KEYS_NAME, MASTER_NAME, Keyring
from hotline_collector.store.store import SqlStore


def make_folder(folder: Path) -> None:
    """Make the data folder, readable by nobody else.

    Raises:
        StartError: it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise StartError(f"the folder {folder} cannot be made: {error.strerror}; set data_dir") from error


def keyring(config: Config) -> Keyring:
    """Return the keys of calls, which lie in the data folder wherever the database is."""
    return Keyring(config.data_dir / KEYS_NAME, config.data_dir / MASTER_NAME)


@asynccontextmanager
async def opened(config: Config) -> AsyncIterator[SqlStore]:
    """Open the database for a moment, without serving; its schema is brought up to date.

    Raises:
        StoreError: it cannot be opened.
    """
    store = SqlStore(config.database_path, keyring(config))
    try:
        await store.start()
        yield store
    finally:
        await store.close()


async def open_store(
    config: Config, metrics: Metrics, stack: AsyncExitStack
) -> tuple[SqlStore, SqliteJournal]:
    """Open the database and its journal until the stack is closed.

    Raises:
        StoreError: it cannot be opened.
    """
    store = SqlStore(config.database_path, keyring(config))
    stack.push_async_callback(store.close)
    await store.start()
    await store.adopt()
    journal = SqliteJournal(config.database_path, store.keys, on_commit=metrics.commit)
    await journal.start()
    stack.push_async_callback(journal.close)
    return store, journal


def readiness(store: SqlStore, journal: SqliteJournal) -> Callable[[], Awaitable[str]]:
    """Return what tells why the collector is not ready, an empty text when it is."""

    async def ready() -> str:
        if not journal.healthy:
            return f"the journal cannot be written: {journal.reason}"
        try:
            await store.ping()
        except StoreError as error:
            return str(error)
        return ""

    return ready
