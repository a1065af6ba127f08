"""The journal: every input of every call, committed in groups by one writer.

Entries wait in memory until the commit that carries them; commits start at most every 50 ms and at once
when the last one is longer ago. `synchronous=FULL` makes a commit durable (sqlite.org/pragma.html). The
driver's `executemany` is used directly because SQLAlchemy Core costs three times as much here. What a commit
carries of a call is sealed as one piece with the call's key, on the writer's thread.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
import sqlite3
import struct
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from hotline_collector.errors import JournalFull, StoreError
from hotline_collector.store.keyring import Keyring
from hotline_collector.store.sealing import Seal, is_sealed
from hotline_collector.store.sqlite import open_journal_connection

_SPACING_S = 0.05
_RETRY_S = (0.1, 0.2, 0.5, 1.0, 2.0)
_BOUND = 64 * 1024 * 1024
# Inputs that no probe sends (ticks, lost links) go on for a while after intake was told to stop.
_HEADROOM = 1.25
_AT = struct.Struct("<q")
# Kind and target come before the time in an entry of the record format.
_AT_OFFSET = 3
_KEY_MASK = 2**63 - 1
_INSERT = (
    "INSERT OR REPLACE INTO journal (id, call_key, call_id, first_at, last_at, entries)"
    " VALUES (?, ?, ?, ?, ?, ?)"
)
_log = logging.getLogger(__name__)


class _Batch:
    """Entries that are committed together, and the event that says so."""

    __slots__ = ("calls", "committed", "first_row", "size")

    def __init__(self) -> None:
        self.calls: dict[str, list[bytes]] = {}
        self.size = 0
        self.first_row = 0
        self.committed = asyncio.Event()

    def rows(self, keys: Keyring) -> list[tuple[int, int, str, int, int, bytes]]:
        """Return one row per call; numbers are fixed, so that a batch written twice is there once.

        What comes late for an erased call is dropped.

        Raises:
            StoreError: the keys of calls cannot be read or made.
        """
        seals = keys.need(self.calls)
        return [
            (
                row,
                call_key(call_id),
                call_id,
                _at(entries[0]),
                _at(entries[-1]),
                seal_entries(seals[call_id], row, b"".join(entries)),
            )
            for row, (call_id, entries) in enumerate(self.calls.items(), self.first_row)
            if call_id in seals
        ]


class SqliteJournal:
    """Appends packed entries and tells when they are on disk; to be used from one event loop.

    When the disk is full or fails, everything is kept in order and tried again: `healthy` is False and
    `reason` says why, nothing becomes durable, and at `bound` bytes `full` asks intake to stop.
    """

    def __init__(
        self,
        path: Path,
        keys: Keyring | None = None,
        *,
        spacing: float = _SPACING_S,
        bound: int = _BOUND,
        on_commit: Callable[[float], None] | None = None,
    ) -> None:
        self._path = path
        self._keys = keys or Keyring.beside(path)
        self._spacing = spacing
        self._bound = bound
        self._on_commit = on_commit
        self._ticket = 0
        self._durable = 0
        self._waiting = 0
        self._open = _Batch()
        self._flying: _Batch | None = None
        self._flying_last = 0
        self._idle = True
        self._wake = asyncio.Event()
        self._hurry = asyncio.Event()
        self._next_row = 0
        self._connection: sqlite3.Connection | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="journal")
        self._task: asyncio.Task[None] | None = None
        self._closing = False
        self.reason = ""

    @property
    def healthy(self) -> bool:
        """Whether the last commit succeeded."""
        return not self.reason

    @property
    def full(self) -> bool:
        """Whether so much waits to be written that nothing more is taken."""
        return self._waiting >= self._bound

    @property
    def waiting(self) -> int:
        """How many bytes wait to be written."""
        return self._waiting

    async def start(self) -> None:
        """Open the database, whose schema must be there, and start the writer.

        Raises:
            StoreError: it cannot be opened.
        """
        loop = asyncio.get_running_loop()
        try:
            self._next_row = await loop.run_in_executor(self._thread, self._connect)
        except sqlite3.Error as error:
            self._thread.shutdown()
            raise StoreError(f"the journal in {self._path} cannot be opened: {error}") from error
        self._task = asyncio.create_task(self._run(), name="journal")

    def append(self, call_id: str, entry: bytes) -> int:
        """Queue one packed entry and return its ticket; tickets increase over all calls.

        Raises:
            JournalFull: more waits than the bound and its headroom allow.
        """
        size = len(entry)
        if self._waiting + size > self._bound * _HEADROOM:
            raise JournalFull(
                f"{self._waiting} bytes wait to be written and none is taken: {self.reason or 'too slow'}"
            )
        batch = self._open
        entries = batch.calls.get(call_id)
        if entries is None:
            batch.calls[call_id] = [entry]
        else:
            entries.append(entry)
        batch.size += size
        self._waiting += size
        self._ticket = ticket = self._ticket + 1
        if self._idle:
            self._idle = False
            self._wake.set()
        return ticket

    async def durable(self, ticket: int) -> None:
        """Return when the entry with this ticket, and all before it, are on disk.

        Raises:
            StoreError: the journal was closed before that.
        """
        if ticket <= self._durable:
            return
        flying = self._flying
        batch = flying if flying is not None and ticket <= self._flying_last else self._open
        await batch.committed.wait()
        if ticket > self._durable:
            raise StoreError(f"the journal was closed with entries that were not written: {self.reason}")

    async def read(self, call_id: str) -> bytes:
        """Return all durable entries of a call, concatenated in order.

        Raises:
            StoreError: the database cannot be read.
        """
        return await asyncio.to_thread(self._read, call_id)

    async def close(self) -> None:
        """Write what waits, once more if the disk fails, and end the writer; the rest is lost.

        Whoever waits for an entry that could not be written is told by `StoreError`.
        """
        self._closing = True
        self._wake.set()
        self._hurry.set()
        if self._task is not None:
            await self._task
            self._task = None
        await asyncio.get_running_loop().run_in_executor(self._thread, self._disconnect)
        self._thread.shutdown()

    # ---- on the event loop ----
    async def _run(self) -> None:
        failures = 0
        while True:
            batch = self._flying or self._take()
            if batch is None:
                if self._closing:
                    return
                self._idle = True
                await self._wake.wait()
                self._wake.clear()
                continue
            started = time.monotonic()
            if await self._commit(batch):
                failures = 0
                await self._pause(self._spacing - (time.monotonic() - started))
            elif self._closing:
                self._give_up(batch)
                return
            else:
                await self._pause(_RETRY_S[min(failures, len(_RETRY_S) - 1)])
                failures += 1

    def _take(self) -> _Batch | None:
        if not self._open.calls:
            return None
        batch, self._open = self._open, _Batch()
        batch.first_row = self._next_row
        self._next_row += len(batch.calls)
        self._flying, self._flying_last = batch, self._ticket
        return batch

    async def _commit(self, batch: _Batch) -> bool:
        loop = asyncio.get_running_loop()
        started = time.monotonic()
        try:
            await loop.run_in_executor(self._thread, self._write, batch)
        except (sqlite3.Error, OSError, StoreError) as error:
            if not self.reason:
                _log.error("the journal cannot be written, entries are kept in memory: %s", error)
            self.reason = str(error) or type(error).__name__
            return False
        if self.reason:
            _log.warning("the journal can be written again")
            self.reason = ""
        self._durable = self._flying_last
        self._waiting -= batch.size
        self._flying = None
        batch.committed.set()
        if self._on_commit is not None:
            self._on_commit(time.monotonic() - started)
        return True

    async def _pause(self, seconds: float) -> None:
        if seconds > 0 and not self._closing:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._hurry.wait(), seconds)

    def _give_up(self, batch: _Batch) -> None:
        _log.error("the journal is closed with %d bytes that could not be written", self._waiting)
        batch.committed.set()
        self._open.committed.set()

    # ---- on the writer's thread ----
    def _connect(self) -> int:
        self._connection = open_journal_connection(self._path)
        row = self._connection.execute("SELECT coalesce(max(id), 0) + 1 FROM journal").fetchone()
        return int(row[0])

    def _write(self, batch: _Batch) -> None:
        if self._connection is None:
            self._connection = open_journal_connection(self._path)
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            # Sealed within the transaction: what is written has a key, or is removed by the erasure after it.
            self._connection.executemany(_INSERT, batch.rows(self._keys))
            self._connection.execute("COMMIT")
        except (sqlite3.Error, StoreError):
            # After a failed write the connection's state is not worth trusting; the next try opens anew.
            self._disconnect()
            raise

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(sqlite3.Error):
                connection.close()

    def _read(self, call_id: str) -> bytes:
        try:
            with contextlib.closing(open_journal_connection(self._path)) as connection:
                rows = connection.execute(
                    "SELECT id, entries FROM journal WHERE call_key = ? AND call_id = ? ORDER BY id",
                    (call_key(call_id), call_id),
                )
                return b"".join(self._opened(call_id, *row) for row in rows)
        except sqlite3.Error as error:
            raise StoreError(f"the journal of call {call_id} cannot be read: {error}") from error

    def _opened(self, call_id: str, row: int, entries: bytes) -> bytes:
        if not is_sealed(entries):
            return entries
        seal = self._keys.find(call_id)
        if seal is None:
            raise StoreError(f"the key of call {call_id} is gone, so its journal cannot be read")
        return seal.open(entries, _place(row))


def seal_entries(seal: Seal, row: int, entries: bytes) -> bytes:
    """Return the entries of a row as they are kept."""
    return seal.close(entries, _place(row))


def call_key(call_id: str) -> int:
    """Return the number by which a call's rows are found: 63 bits of its UUID, or of another id's digest."""
    digits = call_id.replace("-", "")[-16:]
    try:
        return int(digits, 16) & _KEY_MASK
    except ValueError:
        return int.from_bytes(hashlib.sha256(call_id.encode()).digest()[:8], "big") & _KEY_MASK


def _place(row: int) -> bytes:
    return b"journal.%d" % row


def _at(entry: bytes) -> int:
    at: int = _AT.unpack_from(entry, _AT_OFFSET)[0]
    return at
