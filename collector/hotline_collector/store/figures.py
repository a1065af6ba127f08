"""What closed calls add to the figures, and their numbers by day, kept in step within one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, literal, select
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline_collector.model.figures import CallFiguresRow, Figure, Key, Resolution, counted
from hotline_collector.model.rows import CallRow
from hotline_collector.store import schema
from hotline_collector.store.keyring import Keyring
from hotline_collector.store.mapping import from_columns
from hotline_collector.store.rowseals import open_value

_NAMES = ("day", "figure", "name", "bucket")


async def count(connection: AsyncConnection, rows: Sequence[CallFiguresRow]) -> None:
    """Count rows that are about to be saved; one saved before is taken back first."""
    if not rows:
        return
    table = schema.call_figures
    known = select(table).where(table.c.id.in_([row.id for row in rows]))
    await _move(connection, await _rows(connection, known), rows)


async def rang_again(
    connection: AsyncConnection, call: CallRow, row: CallFiguresRow, since: int, keys: Keyring
) -> bool:
    """Note that a call is a repeat, if the same customer rang about the same since a time.

    An earlier call that counted as kept was none. The same is the same main rule, or the same check of
    the complaint. Returns whether it is a repeat.
    """
    if not row.contact or not (row.main or call.first_check):
        return False
    table, calls = schema.call_figures, schema.calls
    query = (
        select(table, calls.c.first_check)
        .join(calls, calls.c.id == table.c.id)
        .where(
            table.c.contact == row.contact, calls.c.id != call.id, calls.c.closed.between(since, call.opened)
        )
    )
    earlier = []
    for found in (await connection.execute(query)).mappings():
        columns = dict(found)
        check = open_value(keys, calls, columns["id"], "first_check", columns.pop("first_check"))
        if (row.main and columns["main"] == row.main) or (call.first_check and check == call.first_check):
            earlier.append(from_columns(CallFiguresRow, columns))
    if not earlier:
        return False
    before = [row, *(each for each in earlier if each.resolution == Resolution.KEPT)]
    after = [replace(row, resolution=Resolution.REPEAT.value)]
    after += [replace(each, resolution=Resolution.RANG_AGAIN.value) for each in before[1:]]
    for each in after:
        turned = table.update().where(table.c.id == each.id)
        await connection.execute(turned.values(resolution=each.resolution))
    await _move(connection, before, after)
    return True


def counts(steps: Sequence[tuple[str, str]]) -> Select[*tuple[Any, ...]]:
    """Return the query for the numbers of some spans of days that follow one another.

    Its columns are the fields of a `FigureCount`; causes stand under the last span.
    """
    table = schema.figure_days
    # Causes have many names and are told of all days together.
    last = case((table.c.figure == Figure.CAUSE.value, steps[-1][1]), else_=_step(table.c.day, steps))
    total = func.sum(table.c.calls).label("calls")
    return (
        select(last.label("last_day"), table.c.figure, table.c.name, table.c.bucket, total)
        .where(table.c.day.between(steps[0][0], steps[-1][1]))
        .group_by(last, table.c.figure, table.c.name, table.c.bucket)
        .having(total > 0)
    )


def verdict_days(steps: Sequence[tuple[str, str]], rule: str) -> Select[*tuple[Any, ...]]:
    """Return the query for the verdicts of one rule, or of all if it is empty, as `counts` does."""
    table = schema.verdict_days
    last = _step(table.c.day, steps)
    total = func.sum(table.c.calls).label("calls")
    query = (
        select(last.label("last_day"), table.c.rule, table.c.verdict, total)
        .where(table.c.day.between(steps[0][0], steps[-1][1]))
        .group_by(last, table.c.rule, table.c.verdict)
        .having(total > 0)
    )
    return query.where(table.c.rule == rule) if rule else query


def since() -> Select[*tuple[Any, ...]]:
    """Return the query for the first day that is counted."""
    return select(func.min(schema.figure_days.c.day))


def _step(day: ColumnElement[str], steps: Sequence[tuple[str, str]]) -> ColumnElement[str]:
    if len(steps) == 1:
        return literal(steps[0][1])
    return case(*((day <= last, last) for _, last in steps[:-1]), else_=steps[-1][1])


async def _rows(connection: AsyncConnection, query: Select[*tuple[Any, ...]]) -> list[CallFiguresRow]:
    return [from_columns(CallFiguresRow, dict(row)) for row in (await connection.execute(query)).mappings()]


async def _move(
    connection: AsyncConnection, before: Iterable[CallFiguresRow], after: Iterable[CallFiguresRow]
) -> None:
    change: Counter[Key] = Counter()
    for row in after:
        change.update(counted(row))
    for row in before:
        change.subtract(counted(row))
    table = schema.figure_days
    statement = upsert(table)
    added = statement.on_conflict_do_update(
        index_elements=list(table.primary_key), set_={"calls": table.c.calls + statement.excluded.calls}
    )
    rows = [
        dict(zip(_NAMES, key, strict=True)) | {"calls": number} for key, number in change.items() if number
    ]
    if rows:
        await connection.execute(added, rows)
