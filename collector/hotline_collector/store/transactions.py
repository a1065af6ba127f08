"""The database itself: opened, closed, read and written in transactions."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from hotline_collector.errors import StoreError
from hotline_collector.store.mapping import from_columns
from hotline_collector.store.migrate import upgrade
from hotline_collector.store.sqlite import READ_ONLY, prepare_engine

_Kind = TypeVar("_Kind")


class Transactions:
    """A SQLite file; what is built on it raises `StoreError` if a transaction failed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._engine = create_async_engine(f"sqlite+aiosqlite:///{path}")
        prepare_engine(self._engine.sync_engine)
        # SQLite has one writer; waiting here costs less than its polling.
        self._writing = asyncio.Lock()

    async def start(self) -> None:
        """Open the database and bring its schema up to date.

        Raises:
            StoreError: it cannot be opened or upgraded.
        """
        await asyncio.to_thread(upgrade, self.path)

    async def close(self) -> None:
        """Close all connections."""
        await self._engine.dispose()

    async def _rows(self, kind: type[_Kind], query: Select[*tuple[Any, ...]]) -> list[_Kind]:
        async with self._read() as connection:
            return [from_columns(kind, dict(row)) for row in (await connection.execute(query)).mappings()]

    @asynccontextmanager
    async def _read(self) -> AsyncIterator[AsyncConnection]:
        try:
            async with self._engine.connect() as plain:
                yield await plain.execution_options(**{READ_ONLY: True})
        except SQLAlchemyError as error:
            raise StoreError(f"the database {self.path} cannot be read: {_plain(error)}") from error

    @asynccontextmanager
    async def _write(self) -> AsyncIterator[AsyncConnection]:
        try:
            async with self._writing, self._engine.begin() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise StoreError(f"the database {self.path} cannot be written: {_plain(error)}") from error


def _plain(error: SQLAlchemyError) -> str:
    # SQLAlchemy appends the statement and its parameters, which may hold personal facts.
    return str(getattr(error, "orig", None) or type(error).__name__)
