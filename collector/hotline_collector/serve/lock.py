"""One collector on one folder: two would write over each other."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from hotline_collector.errors import StartError

_NAME = "lock"


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold the folder's lock while the context is open; the system lets go of it when the process dies.

    Raises:
        StartError: another process holds it, or the file cannot be made.
    """
    path = folder / _NAME
    try:
        file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise StartError(f"the lock {path} cannot be made: {error.strerror or error}") from error
    try:
        if not _lock(file):
            holder = os.read(file, 20).decode("ascii", "replace").strip() or "unknown"
            raise StartError(
                f"another collector (process {holder}) runs on {folder}; stop it, or set another data_dir"
            )
        # The number is for humans; a full disk must not keep a collector from starting.
        with suppress(OSError):
            os.ftruncate(file, 0)
            os.write(file, f"{os.getpid()}\n".encode())
        yield
    finally:
        os.close(file)


def _lock(file: int) -> bool:
    if sys.platform == "win32":
        import msvcrt  # noqa: PLC0415

        # Far behind the process id, because a locked byte cannot be read by others there.
        os.lseek(file, 1024, os.SEEK_SET)
        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        finally:
            os.lseek(file, 0, os.SEEK_SET)
    else:
        import fcntl  # noqa: PLC0415

        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
    return True
