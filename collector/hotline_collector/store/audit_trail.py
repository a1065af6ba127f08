"""The hash-chained audit trail as rows: appended to, read, checked."""

from __future__ import annotations

import secrets
import time
from dataclasses import replace
from typing import Any

from sqlalchemy import Select, insert, select

from hotline_collector.store import schema
from hotline_collector.store.audit import START, AuditEntry, AuditFilter, ChainReport, fault_of, make_entry
from hotline_collector.store.rowseals import SALT_BYTES, open_detail, seal_detail
from hotline_collector.store.sealed_rows import SealedRows
from hotline_collector.store.sealing import is_sealed


class AuditTrail(SealedRows):
    """Keeps what was done by whom; the details of an entry are sealed with the key of its call."""

    async def audit(self, actor: str, action: str, call_id: str, detail: str) -> None:
        """Append one entry to the hash-chained audit trail; of an erased call it keeps no detail."""
        table = schema.audit
        seals = await self._seals({call_id}) if call_id else {}
        async with self._write() as connection:
            newest = select(table.c.seq, table.c.hash).order_by(table.c.seq.desc()).limit(1)
            last = (await connection.execute(newest)).one_or_none()
            seq, previous = (last.seq + 1, last.hash) if last else (1, START)
            at, salt = time.time_ns() // 1000, secrets.token_bytes(SALT_BYTES)
            entry = make_entry(previous, seq, at, actor, action, call_id, detail, salt)
            columns = {column.name: getattr(entry, column.name) for column in table.columns}
            if call_id:
                seal = seals.get(call_id)
                columns["detail"] = seal_detail(seal, salt, detail) if seal else None
                columns["salt"] = None
            await connection.execute(insert(table), columns)

    async def audit_trail(self, after: int = 0, limit: int = 1000) -> list[AuditEntry]:
        """Return audit entries in order, those after a number."""
        table = schema.audit
        query = select(table).where(table.c.seq > after).order_by(table.c.seq).limit(limit)
        return await self._entries(query)

    async def audit_of(self, call_id: str) -> list[AuditEntry]:
        """Return the audit entries of a call in order."""
        table = schema.audit
        return await self._entries(select(table).where(table.c.call_id == call_id).order_by(table.c.seq))

    async def last_audit(self, action: str) -> AuditEntry | None:
        """Return the newest audit entry of an action."""
        table = schema.audit
        query = select(table).where(table.c.action == action).order_by(table.c.seq.desc()).limit(1)
        found = await self._entries(query)
        return found[0] if found else None

    async def audit_page(self, wanted: AuditFilter, before: int, limit: int) -> list[AuditEntry]:
        """Return some audit entries, the newest first; with `before` only those before that number."""
        table = schema.audit
        query = select(table).order_by(table.c.seq.desc()).limit(limit)
        if wanted.actor:
            query = query.where(table.c.actor.in_((wanted.actor, f"agent:{wanted.actor}")))
        for column, beginning in ((table.c.action, wanted.action), (table.c.call_id, wanted.call_id)):
            if beginning:
                query = query.where(column.startswith(beginning, autoescape=True))
        if wanted.since:
            query = query.where(table.c.at >= wanted.since)
        if wanted.until:
            query = query.where(table.c.at < wanted.until)
        return await self._entries(query.where(table.c.seq < before) if before else query)

    async def verify_chain(self) -> ChainReport:
        """Check every entry of the audit trail."""
        head, count = START, 0
        while entries := await self.audit_trail(count):
            for entry in entries:
                reason = fault_of(entry, head, count + 1)
                if reason:
                    return ChainReport(count, head, count + 1, reason)
                head, count = entry.hash, entry.seq
        return ChainReport(count, head)

    async def _entries(self, query: Select[*tuple[Any, ...]]) -> list[AuditEntry]:
        entries = await self._rows(AuditEntry, query)
        for index, entry in enumerate(entries):
            if entry.detail is not None and is_sealed(entry.detail):
                salt, detail = open_detail(self.keys.find(entry.call_id), entry.detail)
                entries[index] = replace(entry, salt=salt, detail=detail)
        return entries
