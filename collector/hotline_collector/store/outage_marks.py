"""Queries for the marks on known outages."""

from __future__ import annotations

import dataclasses

from sqlalchemy import delete
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline_collector.model.outage_mark import OutageMark
from hotline_collector.store import schema


async def keep(connection: AsyncConnection, mark: OutageMark, now: int) -> None:
    """Keep a mark instead of an earlier one on the same outage; forget those that have ended by now (µs)."""
    table = schema.outage_marks
    await connection.execute(delete(table).where(table.c.ends <= now))
    statement = upsert(table).values(**dataclasses.asdict(mark))
    changed = {name: statement.excluded[name] for name in ("state", "agent", "ends")}
    await connection.execute(statement.on_conflict_do_update(index_elements=["rule"], set_=changed))
