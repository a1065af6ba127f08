"""What a collector has stored, as it lies on the disk and as its keys open it."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from hotline_collector.store.keyring import Keyring
from hotline_collector.store.rowseals import SEALED, open_detail, open_value
from hotline_collector.store.sealing import is_sealed


def bytes_of(folder: Path) -> bytes:
    """Return all bytes of all files of a folder."""
    return b"\0".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def everything(folder: Path) -> bytes:
    """Return all bytes of a data folder, and after them whatever is sealed in its database, opened."""
    with contextlib.closing(Keyring.beside(folder / "hotline.db")) as keys:
        return b"\0".join([bytes_of(folder), *_opened(folder / "hotline.db", keys)])


def _opened(path: Path, keys: Keyring) -> Iterator[bytes]:
    with contextlib.closing(sqlite3.connect(path, timeout=10)) as database:
        database.row_factory = sqlite3.Row
        for table, columns in SEALED.items():
            for row in database.execute(f'SELECT * FROM "{table.name}"'):
                call_id = row["id"] if table.name == "calls" else row["call_id"]
                for column in columns:
                    yield str(open_value(keys, table, call_id, column, row[column])).encode()
        for row in database.execute("SELECT * FROM audit WHERE detail IS NOT NULL"):
            if is_sealed(row["detail"]):
                yield (open_detail(keys.find(row["call_id"]), row["detail"])[1] or "").encode()
        for row in database.execute("SELECT * FROM journal"):
            seal = keys.find(row["call_id"])
            assert seal is not None
            yield seal.open(row["entries"], b"journal.%d" % row["id"])
