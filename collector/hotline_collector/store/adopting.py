"""Brings database and keys together before the collector serves; nobody else may write meanwhile.

Calls of a version that sealed nothing get a key and are sealed; calls that were erased while their rows were
still there lose them; keys without a call are destroyed. Each call is one transaction, so that a start that
is broken off goes on with the next one.
"""

from __future__ import annotations

import json
import logging
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import JSON, Table

from hotline_collector.errors import StoreError
from hotline_collector.store import schema
from hotline_collector.store.journal import call_key, seal_entries
from hotline_collector.store.keyring import Keyring
from hotline_collector.store.rowseals import SEALED, seal_detail, seal_row
from hotline_collector.store.sealing import Seal, is_sealed
from hotline_collector.store.sqlite import empty_log, open_journal_connection

_log = logging.getLogger(__name__)


def adopt(path: Path, keys: Keyring) -> None:
    """Seal what is open, finish erasures, and destroy keys that nothing is sealed with.

    Raises:
        StoreError: calls are sealed whose keys are gone, or something cannot be read or written.
    """
    try:
        with closing(open_journal_connection(path)) as connection:
            calls = dict(connection.execute("SELECT id, complaint FROM calls"))
            with_key, erased = keys.calls(), keys.erased_calls()
            _all_readable(
                path, keys, [c for c in calls if is_sealed(calls[c]) and c not in with_key | erased]
            )
            gone = erased & calls.keys()
            remove_calls(connection, gone)
            plain = [
                call for call, complaint in calls.items() if not is_sealed(complaint) and call not in gone
            ]
            for call_id in plain:
                _seal_call(connection, keys, call_id)
            # The collector ended between the key or the first entries of a call and its row.
            unborn = with_key - calls.keys()
            remove_calls(connection, unborn)
            keys.destroy(unborn, remember=False)
            if plain:
                _log.info("sealed %d calls of an earlier version with keys of their own", len(plain))
                # What was deleted before still lies in free pages.
                connection.execute("VACUUM")
        if plain or gone or unborn:
            empty_log(path)
    except sqlite3.Error as error:
        raise StoreError(f"the calls in {path} cannot be sealed: {error}") from error


def unreadable_calls(path: Path, keys: Keyring) -> list[str]:
    """Return the calls that are sealed and have no key any more.

    Raises:
        StoreError: the database or the keys cannot be read.
    """
    try:
        with closing(open_journal_connection(path)) as connection:
            rows = connection.execute("SELECT id, complaint FROM calls").fetchall()
    except sqlite3.Error as error:
        raise StoreError(f"the calls in {path} cannot be read: {error}") from error
    with_key = keys.calls()
    return [call_id for call_id, complaint in rows if is_sealed(complaint) and call_id not in with_key]


def remove_calls(connection: sqlite3.Connection, call_ids: set[str]) -> None:
    """Delete calls with everything that belongs to them, but for the chain of the audit trail."""
    for call_id in call_ids:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(
            "DELETE FROM journal WHERE call_key = ? AND call_id = ?", (call_key(call_id), call_id)
        )
        connection.execute("UPDATE audit SET detail = NULL, salt = NULL WHERE call_id = ?", (call_id,))
        connection.execute("DELETE FROM calls WHERE id = ?", (call_id,))
        connection.execute("COMMIT")


def _all_readable(path: Path, keys: Keyring, lost: list[str]) -> None:
    if lost:
        raise StoreError(
            f"{len(lost)} calls in {path} are sealed with keys that are not in {keys.path}; put that file "
            "back from your copy, or remove these calls: hotline-collector erase --unreadable"
        )


def _seal_call(connection: sqlite3.Connection, keys: Keyring, call_id: str) -> None:
    seal = keys.need([call_id])[call_id]
    connection.execute("BEGIN IMMEDIATE")
    for table in SEALED:
        _seal_table(connection, seal, table, call_id)
    query = "SELECT id, entries FROM journal WHERE call_key = ? AND call_id = ?"
    for row, entries in connection.execute(query, (call_key(call_id), call_id)).fetchall():
        if not is_sealed(entries):
            change = "UPDATE journal SET entries = ? WHERE id = ?"
            connection.execute(change, (seal_entries(seal, row, entries), row))
    query = "SELECT seq, salt, detail FROM audit WHERE call_id = ? AND detail IS NOT NULL"
    for seq, salt, detail in connection.execute(query, (call_id,)).fetchall():
        if not is_sealed(detail):
            change = "UPDATE audit SET detail = ?, salt = NULL WHERE seq = ?"
            connection.execute(change, (seal_detail(seal, salt, detail), seq))
    connection.execute("COMMIT")


def _seal_table(connection: sqlite3.Connection, seal: Seal, table: Table, call_id: str) -> None:
    names = sorted(SEALED[table])
    of_call = "id" if table is schema.calls else "call_id"
    listed = ", ".join(f'"{name}"' for name in names)
    rows = connection.execute(
        f'SELECT id, {listed} FROM "{table.name}" WHERE {of_call} = ?',  # noqa: S608 - names of our schema
        (call_id,),
    ).fetchall()
    for identity, *values in rows:
        columns = {
            name: json.loads(value) if isinstance(table.c[name].type, JSON) else value
            for name, value in zip(names, values, strict=True)
        }
        sealed = seal_row(seal, table, columns)
        kept = [json.dumps(sealed[n]) if isinstance(table.c[n].type, JSON) else sealed[n] for n in names]
        changes = ", ".join(f'"{name}" = ?' for name in names)
        statement = f'UPDATE "{table.name}" SET {changes} WHERE id = ?'  # noqa: S608 - the same
        connection.execute(statement, (*kept, identity))
