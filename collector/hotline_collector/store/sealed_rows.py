"""Rows of calls, sealed with the key of their call: read open, and the seals to write them with."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Select, Table, select

from hotline_collector.store.keyring import Keyring
from hotline_collector.store.mapping import TABLES, from_columns
from hotline_collector.store.rowseals import open_row
from hotline_collector.store.sealing import Seal
from hotline_collector.store.transactions import Transactions

_Kind = TypeVar("_Kind")


class SealedRows(Transactions):
    """A database whose rows are opened with the keys of their calls; what is sealed is told by `rowseals`."""

    def __init__(self, path: Path, keys: Keyring | None = None) -> None:
        super().__init__(path)
        self.keys = keys or Keyring.beside(path)

    async def close(self) -> None:
        """Close all connections."""
        await super().close()
        self.keys.close()

    async def _of_call(self, kind: type[_Kind], table: Table, call_id: str, by: str) -> list[_Kind]:
        query = select(table).where(table.c.call_id == call_id).order_by(table.c[by], table.c.id)
        return await self._rows(kind, query)

    async def _rows(self, kind: type[_Kind], query: Select[*tuple[Any, ...]]) -> list[_Kind]:
        table = TABLES.get(kind)
        async with self._read() as connection:
            rows = [dict(row) for row in (await connection.execute(query)).mappings()]
        return [from_columns(kind, open_row(self.keys, table, r) if table is not None else r) for r in rows]

    async def _seals(self, call_ids: set[str]) -> dict[str, Seal]:
        if all(self.keys.known(call_id) for call_id in call_ids):
            return self.keys.need(call_ids)
        # A new key waits for the disk.
        return await asyncio.to_thread(self.keys.need, call_ids)
