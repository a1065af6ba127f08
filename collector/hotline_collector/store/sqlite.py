"""How SQLite is opened: one place for the settings that make it durable and patient."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event

_BUSY_MS = 10_000
_PATIENCE_MS = 2_000
# https://sqlite.org/pragma.html: with WAL only FULL syncs at every commit.
_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    f"PRAGMA busy_timeout={_BUSY_MS}",
    "PRAGMA foreign_keys=ON",
    # What is deleted is overwritten, not only forgotten.
    "PRAGMA secure_delete=ON",
)
READ_ONLY = "hotline_read"


def open_journal_connection(path: Path) -> sqlite3.Connection:
    """Return a connection of the journal; transactions are begun and ended by hand."""
    connection = sqlite3.connect(path, isolation_level=None, timeout=_BUSY_MS / 1000, check_same_thread=False)
    try:
        for pragma in _PRAGMAS:
            connection.execute(pragma)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def empty_log(path: Path) -> bool:
    """Move the write-ahead log into the database and empty it; False if somebody still reads from it.

    Until then the log holds what was overwritten in the database (sqlite.org/wal.html).
    """
    with closing(open_journal_connection(path)) as connection:
        connection.execute(f"PRAGMA busy_timeout={_PATIENCE_MS}")
        return not connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]


def prepare_engine(engine: Engine) -> None:
    """Apply the settings to every connection of an engine.

    Transactions begin with BEGIN IMMEDIATE: one that reads and then writes would otherwise fail at once
    when the journal wrote in between (SQLITE_BUSY_SNAPSHOT), and no patience helps against that.
    """

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: object) -> None:
        # Otherwise the driver begins transactions by itself, and late.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in _PRAGMAS:
            cursor.execute(pragma)
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        deferred = connection.get_execution_options().get(READ_ONLY, False)
        connection.exec_driver_sql("BEGIN" if deferred else "BEGIN IMMEDIATE")
