"""The keys of calls, in a small database of their own: to destroy a key is to erase a call.

Every call has a random key of 256 bits. It is kept wrapped by the master key, which is a file of its own.
A destroyed key is overwritten (`secure_delete`, sqlite.org/pragma.html), and the database has no write-ahead
log in which an older page could live on. Erased calls are remembered by id, so that nothing that comes late
or from an old copy brings them back.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
import threading
import time
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Self

from hotline_collector.errors import StoreError
from hotline_collector.store.sealing import KEY_BYTES, Seal

KEYS_NAME, MASTER_NAME = "call-keys.db", "calls.key"
_PRAGMAS = (
    "PRAGMA busy_timeout=10000",
    "PRAGMA journal_mode=DELETE",
    "PRAGMA synchronous=FULL",
    "PRAGMA secure_delete=ON",
)
_SCHEMA = """
CREATE TABLE IF NOT EXISTS keys (call_id TEXT PRIMARY KEY, wrapped BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS erased (call_id TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS master (id INTEGER PRIMARY KEY CHECK (id = 1), proof BLOB NOT NULL);
"""
_PROOF = b"the master key"


class Keyring:
    """Knows the key of every call; may be used from several threads. Opened when it is first used."""

    def __init__(self, path: Path, master: Path) -> None:
        self.path = path
        self._master_path = master
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._master: Seal | None = None
        self._seals: dict[str, Seal] = {}
        self._erased: set[str] = set()

    @classmethod
    def beside(cls, database: Path) -> Self:
        """Return the keys that lie in the folder of a database."""
        return cls(database.with_name(KEYS_NAME), database.with_name(MASTER_NAME))

    def known(self, call_id: str) -> bool:
        """Tell, without waiting, whether a call's key is at hand or the call is erased."""
        return call_id in self._seals or call_id in self._erased

    def erased(self, call_id: str) -> bool:
        """Tell whether a call was erased."""
        with self._open():
            return call_id in self._erased

    def find(self, call_id: str) -> Seal | None:
        """Return the cipher of a call, None if it has no key (any more)."""
        found = self._seals.get(call_id)
        if found is not None:
            return found
        with self._open() as connection:
            row = connection.execute("SELECT wrapped FROM keys WHERE call_id = ?", (call_id,)).fetchone()
            if row is not None:
                self._seals[call_id] = found = Seal(self._master_seal().open(row[0], call_id.encode()))
            return found

    def need(self, call_ids: Collection[str]) -> dict[str, Seal]:
        """Return the ciphers of calls; keys are made where there are none, but for erased calls.

        Raises:
            StoreError: keys cannot be read or made.
        """
        found = {call_id: self._seals[call_id] for call_id in call_ids if call_id in self._seals}
        if len(found) == len(call_ids):
            return found
        missing = [call_id for call_id in call_ids if call_id not in found]
        with self._open() as connection:
            for call_id in missing:
                if self.find(call_id) is None:
                    self._make(connection, missing)
                    break
        return found | {call_id: self._seals[call_id] for call_id in missing if call_id in self._seals}

    def _make(self, connection: sqlite3.Connection, call_ids: Collection[str]) -> None:
        """Make the keys that are missing, within one transaction: another process may make them as well."""
        made: dict[str, Seal] = {}
        master = self._master_seal()
        with _change(connection):
            for call_id in call_ids:
                if self.find(call_id) is None and call_id not in self._erased:
                    key = secrets.token_bytes(KEY_BYTES)
                    wrapped = master.close(key, call_id.encode())
                    connection.execute("INSERT INTO keys VALUES (?, ?)", (call_id, wrapped))
                    made[call_id] = Seal(key)
        self._seals.update(made)

    def destroy(self, call_ids: Collection[str], *, remember: bool) -> None:
        """Destroy the keys of calls; with `remember` the calls count as erased from now on.

        Raises:
            StoreError: the database cannot be written; the keys are still there.
        """
        if not call_ids:
            return
        at = time.time_ns() // 1000
        with self._open() as connection:
            with _change(connection):
                if remember:
                    rows = [(call_id, at) for call_id in call_ids]
                    connection.executemany("INSERT OR IGNORE INTO erased VALUES (?, ?)", rows)
                connection.executemany("DELETE FROM keys WHERE call_id = ?", [(each,) for each in call_ids])
            for call_id in call_ids:
                self._seals.pop(call_id, None)
            if remember:
                self._erased.update(call_ids)

    def calls(self) -> set[str]:
        """Return the calls that have a key."""
        with self._open() as connection:
            return {row[0] for row in connection.execute("SELECT call_id FROM keys")}

    def erased_calls(self) -> set[str]:
        """Return the calls that were erased."""
        with self._open():
            return set(self._erased)

    def close(self) -> None:
        """Close the database; it is opened again when a key is needed that is not at hand."""
        with self._lock:
            connection, self._connection = self._connection, None
            if connection is not None:
                connection.close()

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """Yield the database to one thread at a time."""
        with self._lock:
            try:
                if self._connection is None:
                    self._connection = _connect(self.path)
                    self._erased = {row[0] for row in self._connection.execute("SELECT call_id FROM erased")}
                yield self._connection
            except (sqlite3.Error, OSError) as error:
                raise StoreError(f"the keys of calls in {self.path} cannot be used: {error}") from error

    def _master_seal(self) -> Seal:
        """Return the cipher that wraps keys; it is made when there is neither it nor any key.

        Raises:
            StoreError: the master key is gone, damaged, or not the one that wrapped the keys.
        """
        if self._master is None:
            # As one transaction, for another process may make the master key as well.
            with self._open() as connection, _change(connection):
                row = connection.execute("SELECT proof FROM master").fetchone()
                seal = Seal(_read_master(self._master_path, may_make=row is None))
                if row is None:
                    connection.execute("INSERT INTO master VALUES (1, ?)", (seal.close(b"", _PROOF),))
                else:
                    _prove(seal, row[0], self._master_path)
                self._master = seal
        return self._master


def copy_keys(source: Path, target: Path) -> None:
    """Copy the keys of calls into a file that its owner may read, in place of what was there.

    Raises:
        StoreError: they cannot be read or written.
    """
    draft = target.with_name(target.name + ".new")
    if not source.is_file():
        raise StoreError(f"there are no keys of calls in {source}")
    try:
        draft.unlink(missing_ok=True)
        draft.touch(mode=0o600)
        with closing(_connect(source)) as keys, closing(sqlite3.connect(draft)) as copy:
            keys.backup(copy)
        draft.replace(target)
    except (sqlite3.Error, OSError) as error:
        raise StoreError(f"the keys of calls cannot be copied from {source} to {target}: {error}") from error


def _connect(path: Path) -> sqlite3.Connection:
    if not path.exists():
        path.touch(mode=0o600)
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        for pragma in _PRAGMAS:
            connection.execute(pragma)
        connection.executescript(_SCHEMA)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


@contextmanager
def _change(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise


def _read_master(path: Path, *, may_make: bool) -> bytes:
    try:
        key = path.read_bytes()
    except FileNotFoundError:
        if not may_make:
            raise StoreError(
                f"the master key {path} is gone and no call can be read without it; put it back from a copy"
            ) from None
        key = secrets.token_bytes(KEY_BYTES)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(key)
            file.flush()
            os.fsync(file.fileno())
    if len(key) != KEY_BYTES:
        raise StoreError(f"the master key {path} is damaged; put it back from your copy")
    return key


def _prove(seal: Seal, proof: bytes, path: Path) -> None:
    try:
        seal.open(proof, _PROOF)
    except StoreError:
        raise StoreError(
            f"the master key {path} is not the one that the keys of calls were wrapped with; "
            "put the right one back from your copy"
        ) from None
