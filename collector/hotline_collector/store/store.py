"""The store: rows of calls, join codes and packs, besides accounts and the audit trail (SQLAlchemy Core)."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Table, case, delete, or_, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from hotline_collector.errors import StoreError
from hotline_collector.model.figures import CallFiguresRow, FigureCount, VerdictDay
from hotline_collector.model.outage_mark import OutageMark
from hotline_collector.model.rows import (
    CallRow,
    DeliveryRow,
    DisagreementRow,
    EarlierCall,
    FindingRow,
    FixRow,
    NoteRow,
    OutsideCause,
    Row,
    SessionRow,
    VerdictCount,
    VerdictRow,
    WrapUpRow,
)
from hotline_collector.model.targets import CodePurpose
from hotline_collector.store import field_record, figures, outage_marks, removing, schema, wrap_up
from hotline_collector.store.accounts import AccountTables
from hotline_collector.store.adopting import adopt
from hotline_collector.store.audit_trail import AuditTrail
from hotline_collector.store.mapping import TABLES, call_id_of, to_columns
from hotline_collector.store.rowseals import seal_row
from hotline_collector.store.sqlite import empty_log

_ORDER = list(TABLES)


class SqlStore(AuditTrail, AccountTables):
    """Keeps rows in a SQLite file; every method is one transaction and raises `StoreError` if it failed.

    What callers say and what is found at their place is sealed with the key of their call (`rowseals`).
    """

    async def adopt(self) -> None:
        """Seal what an earlier version left open and finish erasures; while nobody else uses the database.

        Raises:
            StoreError: calls are sealed with keys that are gone, or it cannot be written.
        """
        await asyncio.to_thread(adopt, self.path, self.keys)

    async def ping(self) -> None:
        """Do nothing if the database answers; raises `StoreError` otherwise."""
        async with self._read() as connection:
            await connection.execute(select(schema.users.c.name).limit(1))

    # ---- calls ----
    async def save(self, rows: Sequence[Row]) -> None:
        """Insert rows, or replace those with the same id; what comes late for an erased call is dropped."""
        await self._seals({call_id_of(row) for row in rows})
        async with self._write() as connection:
            # Looked up once more: a call may have been erased while others wrote.
            seals = self.keys.need({call_id_of(row) for row in rows})
            by_kind: dict[type, list[Row]] = {}
            for row in rows:
                if call_id_of(row) in seals:
                    by_kind.setdefault(type(row), []).append(row)
            verdicts = [row for row in by_kind.get(VerdictRow, ()) if isinstance(row, VerdictRow)]
            await field_record.count(connection, verdicts)
            closed = [row for row in by_kind.get(CallFiguresRow, ()) if isinstance(row, CallFiguresRow)]
            await figures.count(connection, closed)
            for kind in sorted(by_kind, key=_ORDER.index):
                table = TABLES[kind]
                sealed = [seal_row(seals[call_id_of(row)], table, to_columns(row)) for row in by_kind[kind]]
                await connection.execute(_upsert(table), sealed)

    async def calls(self, *, include_closed: bool) -> list[CallRow]:
        """Return calls, newest first."""
        table = schema.calls
        query = select(table).order_by(table.c.opened.desc(), table.c.id.desc())
        return await self._rows(CallRow, query if include_closed else query.where(table.c.state != "closed"))

    async def call(self, call_id: str) -> CallRow | None:
        """Return one call."""
        found = await self._rows(CallRow, select(schema.calls).where(schema.calls.c.id == call_id))
        return found[0] if found else None

    async def handling_times(self, limit: int) -> list[int]:
        """Return how long the last closed calls took that were handled, newest first, in microseconds."""
        table = schema.calls
        begun = case((table.c.picked > 0, table.c.picked), else_=table.c.opened)
        ended = (table.c.state == "closed", table.c.outcome.not_in(("abandoned", "imported")))
        # Callers who helped themselves while they waited took nobody's time.
        handled = (*ended, or_(table.c.picked > 0, table.c.waited_from == 0))
        query = select(table.c.closed - begun).where(*handled).order_by(table.c.closed.desc()).limit(limit)
        async with self._read() as connection:
            return list((await connection.execute(query)).scalars())

    async def sessions(self, call_id: str) -> list[SessionRow]:
        """Return the sessions of a call, oldest first."""
        return await self._of_call(SessionRow, schema.sessions, call_id, "joined")

    async def fixes(self, call_id: str) -> list[FixRow]:
        """Return the fixes of a call, oldest first."""
        return await self._of_call(FixRow, schema.fixes, call_id, "proposed")

    async def notes(self, call_id: str) -> list[NoteRow]:
        """Return the notes of a call, oldest first."""
        return await self._of_call(NoteRow, schema.notes, call_id, "at")

    async def findings(self, call_id: str) -> list[FindingRow]:
        """Return the findings of a call, oldest first."""
        return await self._of_call(FindingRow, schema.findings, call_id, "onset")

    async def disagreements(self, call_id: str) -> list[DisagreementRow]:
        """Return the disagreements of a call, oldest first."""
        return await self._of_call(DisagreementRow, schema.disagreements, call_id, "at")

    # ---- wrap-up ----
    async def wrap_up(self, call_id: str) -> WrapUpRow | None:
        """Return the texts of a call."""
        found = await self._rows(WrapUpRow, select(schema.wrap_ups).where(schema.wrap_ups.c.id == call_id))
        return found[0] if found else None

    async def earlier_calls(self, contact: str, since: int) -> list[EarlierCall]:
        """Return the newest calls of a customer (by its keyed hash) that were closed since a time (µs)."""
        async with self._read() as connection:
            return await wrap_up.earlier_calls(connection, contact, since, self.keys)

    async def deliveries(self, call_id: str) -> list[DeliveryRow]:
        """Return the messages to the ticket system about a call, oldest first."""
        return await self._of_call(DeliveryRow, schema.deliveries, call_id, "created")

    async def resend_deliveries(self, call_id: str, now: int) -> int:
        """Have the messages about a call that were given up wait once more; return how many those are."""
        async with self._write() as connection:
            return (await connection.execute(wrap_up.resend(call_id, now))).rowcount

    async def due_deliveries(self, now: int, limit: int) -> list[DeliveryRow]:
        """Return messages that wait and are due, oldest first."""
        return await self._rows(DeliveryRow, wrap_up.due_deliveries(now, limit))

    async def next_delivery(self) -> int | None:
        """Return when the next message is due (µs since the epoch), None if none waits."""
        async with self._read() as connection:
            due: int | None = (await connection.execute(wrap_up.next_due())).scalar_one()
            return due

    async def delivery_counts(self) -> dict[str, int]:
        """Return how many messages are in each state."""
        async with self._read() as connection:
            rows = (await connection.execute(wrap_up.delivery_counts())).all()
            return {str(state): int(number) for state, number in rows}

    async def settle_delivery(self, row: DeliveryRow) -> bool:
        """Keep how an attempt went; False if the call is gone and its messages with it."""
        table = schema.deliveries
        seal = (await self._seals({row.call_id})).get(row.call_id)
        if seal is None:
            return False
        columns = seal_row(seal, table, to_columns(row))
        async with self._write() as connection:
            done = await connection.execute(update(table).where(table.c.id == row.id).values(columns))
            return done.rowcount == 1

    # ---- field record ----
    async def verdict_counts(self) -> list[VerdictCount]:
        """Return how many closed calls gave each rule each verdict, calls that are gone included."""
        return await self._rows(VerdictCount, field_record.counts())

    async def rang_again(self, call: CallRow, contact: str, rule: str, since: int) -> list[VerdictRow]:
        """Turn the verdicts of calls that were solved since a time and were not, as a later call shows.

        `rule` is the main rule of the later call, `contact` the keyed hash of its customer. The verdicts
        are returned as they were.
        """
        async with self._write() as connection:
            return await field_record.rang_again(connection, call, contact, rule, since, keys=self.keys)

    async def outside_causes(self, prefix: str) -> list[OutsideCause]:
        """Return the causes outside the pack that were named instead of rules whose ids begin like this."""
        async with self._read() as connection:
            return await field_record.outside_causes(connection, prefix, self.keys)

    # ---- figures ----
    async def figure_repeat(self, call: CallRow, row: CallFiguresRow, since: int) -> bool:
        """Note that a closed call is a repeat, if the same customer rang about the same since a time (µs).

        Returns whether it is.
        """
        async with self._write() as connection:
            return await figures.rang_again(connection, call, row, since, self.keys)

    async def figure_counts(self, steps: Sequence[tuple[str, str]]) -> list[FigureCount]:
        """Return the numbers of some spans of days (first and last) that follow one another."""
        async with self._read() as connection:
            found = await connection.execute(figures.counts(steps))
            # There may be ten thousand; by position they cost the loop a third.
            return [FigureCount(*row) for row in found]

    async def verdict_days(self, steps: Sequence[tuple[str, str]], rule: str = "") -> list[VerdictDay]:
        """Return the verdicts on one rule, or on all, in some spans of days that follow one another."""
        return await self._rows(VerdictDay, figures.verdict_days(steps, rule))

    async def figures_since(self) -> str:
        """Return the first day that is counted, empty if none is."""
        async with self._read() as connection:
            day: str | None = (await connection.execute(figures.since())).scalar_one_or_none()
            return day or ""

    async def outside_causes_between(self, begin: int, end: int, limit: int) -> list[OutsideCause]:
        """Return the most frequent causes outside the pack that were named between two times (µs)."""
        async with self._read() as connection:
            found = await field_record.outside_causes(connection, "", self.keys, (begin, end))
        return found[:limit]

    # ---- the end of calls ----
    async def prune(self, closed_before: int) -> int:
        """Remove calls closed before a time (µs since the epoch) with all that belongs to them.

        The details of their audit entries are erased; the chain stays valid. Logins that have ended and
        codes that have expired go too. Returns how many calls.
        """
        async with self._write() as connection:
            ids = await removing.closed_calls(connection, closed_before)
            await removing.remove(connection, ids)
            await removing.remove_ended(connection, closed_before, time.time_ns() // 1000)
        await asyncio.to_thread(self.keys.destroy, ids, remember=False)
        await self._empty_log()
        return len(ids)

    async def erase(self, call_id: str) -> bool:
        """Destroy the key of a call and remove all that belongs to it; False if there is no such call.

        With the key goes whatever copies of the database hold of it. A call whose erasure was broken off
        is erased at the next start.

        Raises:
            StoreError: the key is still there, or rows are; erase once more.
        """
        if await self.call(call_id) is None and not self.keys.erased(call_id):
            return False
        await asyncio.to_thread(self.keys.destroy, [call_id], remember=True)
        async with self._write() as connection:
            await removing.remove(connection, [call_id])
        await self._empty_log()
        return True

    async def _empty_log(self) -> None:
        try:
            await asyncio.to_thread(empty_log, self.path)
        except sqlite3.Error as error:
            raise StoreError(f"the log of {self.path} cannot be emptied: {error}") from error

    # ---- packs ----
    async def put_pack(self, digest: str, archive: bytes) -> None:
        """Keep a pack's archive under its digest; one that is there already stays."""
        row = {"digest": digest, "stored": time.time_ns() // 1000, "archive": archive}
        async with self._write() as connection:
            await connection.execute(upsert(schema.packs).on_conflict_do_nothing(), row)

    async def get_pack(self, digest: str) -> bytes | None:
        """Return a pack's archive."""
        async with self._read() as connection:
            query = select(schema.packs.c.archive).where(schema.packs.c.digest == digest)
            archive: bytes | None = (await connection.execute(query)).scalar_one_or_none()
            return archive

    # ---- join codes ----
    async def put_join_code(self, mac: bytes, purpose: CodePurpose, expires: int, now: int) -> bool:
        """Keep a target's code in place of its earlier ones; False if another target has the same code."""
        table = schema.join_codes
        async with self._write() as connection:
            same = (table.c.call_id == purpose.call_id) & (table.c.target == purpose.target)
            await connection.execute(delete(table).where(same | (table.c.expires <= now)))
            row = {"mac": mac, **purpose._asdict(), "expires": expires}
            done = await connection.execute(upsert(table).on_conflict_do_nothing(), row)
            return done.rowcount == 1

    async def redeem_join_code(self, mac: bytes, now: int) -> CodePurpose | None:
        """Return what a live code is for and remove the code, in one step."""
        table = schema.join_codes
        live = delete(table).where(table.c.mac == mac, table.c.expires > now)
        async with self._write() as connection:
            done = await connection.execute(live.returning(table.c.call_id, table.c.target))
            row = done.one_or_none()
            return CodePurpose(row.call_id, row.target) if row else None

    async def find_join_code(self, mac: bytes, now: int) -> CodePurpose | None:
        """Return what a live code is for; it stays valid."""
        table = schema.join_codes
        live = select(table.c.call_id, table.c.target).where(table.c.mac == mac, table.c.expires > now)
        async with self._read() as connection:
            row = (await connection.execute(live)).one_or_none()
            return CodePurpose(row.call_id, row.target) if row else None

    # ---- outages ----
    async def outage_marks(self) -> list[OutageMark]:
        """Return what agents said about known outages."""
        return await self._rows(OutageMark, select(schema.outage_marks))

    async def keep_outage_mark(self, mark: OutageMark, now: int) -> None:
        """Keep a mark instead of an earlier one on the same outage, and forget those that have ended."""
        async with self._write() as connection:
            await outage_marks.keep(connection, mark, now)


def _upsert(table: Table) -> Any:
    statement = upsert(table)
    changed = {
        column.name: statement.excluded[column.name] for column in table.columns if column.name != "id"
    }
    return statement.on_conflict_do_update(index_elements=["id"], set_=changed)
