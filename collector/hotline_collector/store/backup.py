"""Copies of the database, and back; keys are copied apart, so that no copy of the data opens an erased call.

SQLite's online backup copies a database that is in use (sqlite.org/backup.html).
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from hotline_collector.errors import StoreError
from hotline_collector.store.adopting import adopt, remove_calls, unreadable_calls
from hotline_collector.store.keyring import Keyring
from hotline_collector.store.migrate import upgrade
from hotline_collector.store.sqlite import open_journal_connection


@dataclass(frozen=True, slots=True)
class Restored:
    """How many calls came back, and how many did not because they have been erased since."""

    calls: int
    erased: int


def back_up(path: Path, target: Path) -> int:
    """Copy a database into a new file that its owner may read, and return the size of the copy in bytes.

    Raises:
        StoreError: it cannot be read, or the file is there already or cannot be written.
    """
    if not path.is_file():
        raise StoreError(f"there is no database {path}; is data_dir right?")
    try:
        target.touch(mode=0o600, exist_ok=False)
    except OSError as error:
        raise StoreError(f"{target} cannot be made: {error.strerror or error}") from error
    try:
        _copy(path, target)
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    return target.stat().st_size


def restore(source: Path, path: Path, keys: Keyring, *, replace: bool) -> Restored:
    """Put a copy in the place of the database; nobody else may use it meanwhile.

    Calls whose keys were destroyed after the copy was made are removed before anybody sees them.

    Raises:
        StoreError: the copy is none of ours or damaged, or there is a database and it is not to be replaced.
        SchemaTooNew: a newer version wrote the copy.
    """
    if path.exists() and not replace:
        raise StoreError(f"there is a database {path} already; --replace puts the copy in its place")
    _must_be_ours(source)
    draft = path.with_name(path.name + ".restore")
    _remove(draft)
    try:
        draft.touch(mode=0o600)
        _copy(source, draft)
        upgrade(draft)
        before = _count(draft)
        with closing(open_journal_connection(draft)) as connection:
            remove_calls(connection, set(unreadable_calls(draft, keys)))
        adopt(draft, keys)
        after = _count(draft)
        with closing(open_journal_connection(draft)) as connection:
            connection.execute("VACUUM")
            connection.execute("PRAGMA journal_mode=DELETE")
        _remove(path)
        draft.replace(path)
    except (sqlite3.Error, OSError) as error:
        raise StoreError(f"{source} cannot be put in the place of {path}: {error}") from error
    finally:
        _remove(draft)
    return Restored(after, before - after)


def _copy(source: Path, target: Path) -> None:
    try:
        with closing(sqlite3.connect(source)) as data, closing(sqlite3.connect(target)) as copy:
            data.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.Error as error:
        raise StoreError(f"{source} cannot be copied to {target}: {error}") from error


def _must_be_ours(source: Path) -> None:
    if not source.is_file():
        raise StoreError(f"there is no file {source}")
    try:
        with closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as data:
            data.execute("SELECT version_num FROM alembic_version").fetchone()
            (state,) = data.execute("PRAGMA quick_check").fetchone()
    except sqlite3.Error as error:
        raise StoreError(f"{source} is no copy of a collector's database: {error}") from error
    if state != "ok":
        raise StoreError(f"{source} is damaged: {state}")


def _count(path: Path) -> int:
    with closing(open_journal_connection(path)) as connection:
        number: int = connection.execute("SELECT count(*) FROM calls").fetchone()[0]
        return number


def _remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm", "-journal"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
