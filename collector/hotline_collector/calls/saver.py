"""Writes changed rows behind the events that changed them, in few transactions."""

from __future__ import annotations

import asyncio
import copy
import logging
from collections import deque

from hotline_collector.calls.ports import Store
from hotline_collector.errors import StoreError
from hotline_collector.model.rows import Row

_GATHER_S = 0.05
_RETRY_S = 1.0
_log = logging.getLogger(__name__)


class RowSaver:
    """Collects rows that changed and saves them in the order in which they first changed.

    `touch` never waits. A row that cannot be saved stays, and is tried again.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._dirty: dict[tuple[type, str], Row] = {}
        self._entries: deque[tuple[str, str, str, str]] = deque()
        self._wake = asyncio.Event()
        self._lock = asyncio.Lock()

    def audit(self, actor: str, action: str, call_id: str, detail: str = "") -> None:
        """Have an entry appended to the audit trail soon; entries keep their order."""
        self._entries.append((actor, action, call_id, detail))
        self._wake.set()

    def touch(self, row: Row) -> None:
        """Have a row saved soon."""
        self._dirty[(type(row), row.id)] = row
        self._wake.set()

    async def flush(self) -> None:
        """Save everything that changed so far.

        Raises:
            StoreError: the store does not work; the rows stay, to be saved later.
        """
        async with self._lock:
            await self._flush_rows()
            while self._entries:
                await self._store.audit(*self._entries[0])
                self._entries.popleft()

    async def _flush_rows(self) -> None:
        if not self._dirty:
            return
        taken, self._dirty = self._dirty, {}
        try:
            await self._store.save([copy.copy(row) for row in taken.values()])
        except BaseException:
            self._dirty = {**taken, **self._dirty}
            raise

    async def run(self) -> None:
        """Save until cancelled."""
        while True:
            await self._wake.wait()
            # What changes within a moment shares a transaction.
            await asyncio.sleep(_GATHER_S)
            self._wake.clear()
            try:
                await self.flush()
            except StoreError as error:
                _log.warning("rows cannot be saved, trying again: %s", error)
                await asyncio.sleep(_RETRY_S)
                self._wake.set()
