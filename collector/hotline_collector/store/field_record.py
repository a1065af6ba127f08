"""Verdicts of closed calls and their numbers by day, kept in step within one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Select, func, select, update
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline_collector.model.field_record import RIGHT, Verdict
from hotline_collector.model.rows import CallRow, OutsideCause, VerdictRow
from hotline_collector.store import schema
from hotline_collector.store.keyring import Keyring
from hotline_collector.store.mapping import from_columns
from hotline_collector.store.rowseals import open_row, open_value

_Day = tuple[str, str, str, str, str]
_MAY_TURN = sorted(RIGHT | {Verdict.UNSETTLED})


async def count(connection: AsyncConnection, rows: Sequence[VerdictRow]) -> None:
    """Count verdicts that are about to be saved; one saved before is taken back first."""
    if not rows:
        return
    table = schema.verdicts
    known = select(table).where(table.c.id.in_([row.id for row in rows]))
    before = [from_columns(VerdictRow, dict(row)) for row in (await connection.execute(known)).mappings()]
    await _move(connection, before, rows)


async def rang_again(
    connection: AsyncConnection, call: CallRow, contact: str, rule: str, since: int, *, keys: Keyring
) -> list[VerdictRow]:
    """Turn the verdicts of solved calls after which the same customer rang about the same, and return them.

    They are returned as they were. The same is the same main rule, or the same check of the complaint.
    """
    table, calls = schema.verdicts, schema.calls
    query = (
        select(table, calls.c.first_check)
        .join(calls, calls.c.id == table.c.call_id)
        .where(
            table.c.contact == contact,
            table.c.main,
            table.c.verdict.in_(_MAY_TURN),
            calls.c.id != call.id,
            calls.c.outcome == "solved",
            calls.c.closed.between(since, call.opened),
        )
    )
    found = []
    for row in (await connection.execute(query)).mappings():
        columns = dict(row)
        check = open_value(keys, calls, columns["call_id"], "first_check", columns.pop("first_check"))
        if columns["rule"] == rule or (call.first_check and check == call.first_check):
            found.append(from_columns(VerdictRow, columns))
    turned = update(table).where(table.c.id.in_([row.id for row in found]))
    await connection.execute(turned.values(verdict=Verdict.RANG_AGAIN.value))
    await _move(connection, found, [replace(row, verdict=Verdict.RANG_AGAIN.value) for row in found])
    return found


def counts() -> Select[*tuple[Any, ...]]:
    """Return the query for how many calls gave each rule each verdict."""
    table = schema.verdict_days
    total = func.sum(table.c.calls).label("calls")
    return select(table.c.rule, table.c.verdict, total).group_by(table.c.rule, table.c.verdict)


async def outside_causes(
    connection: AsyncConnection, prefix: str, keys: Keyring, times: tuple[int, int] | None = None
) -> list[OutsideCause]:
    """Return the causes outside the pack, most frequent first; a rule's id begins with `prefix`.

    With `times` (µs) only those named from the first until before the second.
    """
    table = schema.disagreements
    query = select(table).where(~table.c.in_pack, table.c.rule.startswith(prefix, autoescape=True))
    if times is not None:
        query = query.where(table.c.at >= times[0], table.c.at < times[1])
    calls: dict[tuple[str, str], set[str]] = {}
    for row in (await connection.execute(query)).mappings():
        opened = open_row(keys, table, dict(row))
        calls.setdefault((opened["cause"], opened["rule"]), set()).add(opened["call_id"])
    found = [OutsideCause(cause, rule, len(named)) for (cause, rule), named in calls.items()]
    return sorted(found, key=lambda each: (-each.calls, each.cause, each.rule))


async def _move(
    connection: AsyncConnection, before: Iterable[VerdictRow], after: Iterable[VerdictRow]
) -> None:
    change = Counter(_day(row) for row in after)
    change.subtract(_day(row) for row in before)
    table = schema.verdict_days
    statement = upsert(table)
    added = statement.on_conflict_do_update(
        index_elements=list(table.primary_key), set_={"calls": table.c.calls + statement.excluded.calls}
    )
    names = ("rule", "day", "pack_digest", "verdict", "pack_version")
    rows = [
        dict(zip(names, day, strict=True)) | {"calls": number} for day, number in change.items() if number
    ]
    if rows:
        await connection.execute(added, rows)


def _day(row: VerdictRow) -> _Day:
    return (row.rule, row.day, row.pack_digest, row.verdict, row.pack_version)
