"""Removes calls with everything that belongs to them, and what has ended by itself."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline_collector.store import schema
from hotline_collector.store.journal import call_key


async def closed_calls(connection: AsyncConnection, closed_before: int) -> list[str]:
    """Return the calls closed before a time (µs since the epoch)."""
    table = schema.calls
    old = select(table.c.id).where(table.c.state == "closed", table.c.closed < closed_before)
    return list((await connection.execute(old)).scalars())


async def remove(connection: AsyncConnection, call_ids: Iterable[str]) -> None:
    """Delete calls; the details of their audit entries are erased, and numbers by day stay."""
    journal, audit, calls = schema.journal, schema.audit, schema.calls
    for call_id in call_ids:
        await connection.execute(
            delete(journal).where(journal.c.call_key == call_key(call_id), journal.c.call_id == call_id)
        )
        erased = update(audit).where(audit.c.call_id == call_id, audit.c.detail.is_not(None))
        await connection.execute(erased.values(detail=None, salt=None))
        # Everything else of a call refers to it and goes with it.
        await connection.execute(delete(calls).where(calls.c.id == call_id))


async def remove_ended(connection: AsyncConnection, before: int, now: int) -> None:
    """Delete join codes and logins that have ended, and browsers that were not seen since a time (µs)."""
    codes, tokens, browsers = schema.join_codes, schema.agent_tokens, schema.browser_sessions
    await connection.execute(delete(codes).where(codes.c.expires <= now))
    await connection.execute(delete(tokens).where(tokens.c.expires <= now))
    await connection.execute(delete(browsers).where(browsers.c.seen < before))
