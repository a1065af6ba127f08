"""Queries for the texts of closed calls and for messages that wait to be sent."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, Update, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline_collector.model.rows import EarlierCall
from hotline_collector.store import schema
from hotline_collector.store.keyring import Keyring
from hotline_collector.store.mapping import from_columns
from hotline_collector.store.rowseals import open_value

_MAX_EARLIER = 20


async def earlier_calls(
    connection: AsyncConnection, contact: str, since: int, keys: Keyring
) -> list[EarlierCall]:
    """Return the calls of a customer that were closed since a time, newest first."""
    texts, calls = schema.wrap_ups, schema.calls
    query = (
        select(
            calls.c.id.label("call_id"),
            calls.c.opened,
            calls.c.closed,
            calls.c.complaint,
            calls.c.outcome,
            texts.c.cause,
            texts.c.tried,
        )
        .join(texts, texts.c.call_id == calls.c.id)
        .where(texts.c.contact == contact, calls.c.state == "closed", calls.c.closed >= since)
        .order_by(calls.c.closed.desc(), calls.c.id)
        .limit(_MAX_EARLIER)
    )
    found = []
    for row in (await connection.execute(query)).mappings():
        columns = dict(row)
        for table, name in ((calls, "complaint"), (texts, "cause"), (texts, "tried")):
            columns[name] = open_value(keys, table, columns["call_id"], name, columns[name])
        found.append(from_columns(EarlierCall, columns))
    return found


def due_deliveries(now: int, limit: int) -> Select[*tuple[Any, ...]]:
    """Return the query for messages that wait and are due, oldest first."""
    table = schema.deliveries
    due = (table.c.state == "waiting") & (table.c.due <= now)
    return select(table).where(due).order_by(table.c.due, table.c.id).limit(limit)


def resend(call_id: str, now: int) -> Update:
    """Return the statement that has messages about a call wait again that were given up."""
    table = schema.deliveries
    given_up = (table.c.call_id == call_id) & (table.c.state == "failed")
    return update(table).where(given_up).values(state="waiting", attempts=0, due=now, settled=0)


def next_due() -> Select[*tuple[Any, ...]]:
    """Return the query for when the next message is due."""
    table = schema.deliveries
    return select(func.min(table.c.due)).where(table.c.state == "waiting")


def delivery_counts() -> Select[*tuple[Any, ...]]:
    """Return the query for how many messages are in each state."""
    table = schema.deliveries
    return select(table.c.state, func.count()).group_by(table.c.state)
