"""Takes what the memory has no room for: a file without a name, which the system removes with the process."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Sequence
from typing import IO

# /tmp is often memory itself; what lies in /var/tmp lies on a disk (hier(7)).
FOLDERS: Sequence[str | None] = ("/var/tmp", None)  # noqa: S108 - the file has no name there


class OverflowFile:
    """Holds blocks of bytes on disk, `limit` bytes in all; made when the first block comes.

    Where the system knows O_TMPFILE (open(2)) the file never has a name; elsewhere it loses its name at
    once, or the system deletes it when it is closed (Windows). Nobody else can open it, and nothing is left
    behind, however the process ends. A full or missing disk makes it refuse blocks, nothing else.
    """

    def __init__(self, limit: int, folders: Sequence[str | None] = FOLDERS) -> None:
        self._limit = limit
        self._folders = folders
        self._file: IO[bytes] | None = None
        self._end = 0
        self._live = 0

    @property
    def size(self) -> int:
        """Bytes of the blocks that are held."""
        return self._live

    def write(self, data: bytes) -> int | None:
        """Keep a block and return its place, None if there is no room."""
        if self._end + len(data) > self._limit:
            return None
        try:
            file = self._opened()
            file.seek(self._end)
            if file.write(data) != len(data):  # the disk became full in the middle
                return None
        except OSError:
            return None
        place = self._end
        self._end += len(data)
        self._live += len(data)
        return place

    def read(self, place: int, size: int) -> bytes:
        """Return a block.

        Raises:
            OSError: the disk does not give it back.
        """
        file = self._opened()
        file.seek(place)
        data = file.read(size)
        if len(data) != size:
            raise OSError(f"{size} bytes were written and {len(data)} came back")
        return data

    def release(self, size: int) -> None:
        """Forget a block of a size; the room is used again when all are forgotten."""
        self._live -= size
        if self._live <= 0:
            self.clear()

    def clear(self) -> None:
        """Forget all blocks and give the disk's room back."""
        self._end = self._live = 0
        if self._file is not None:
            with contextlib.suppress(OSError):
                self._file.truncate(0)

    def close(self) -> None:
        """Remove the file."""
        self._end = self._live = 0
        file, self._file = self._file, None
        if file is not None:
            with contextlib.suppress(OSError):
                file.close()

    def _opened(self) -> IO[bytes]:
        if self._file is None:
            self._file = _unnamed(self._folders)
        return self._file


def _unnamed(folders: Sequence[str | None]) -> IO[bytes]:
    places = [folder for folder in folders if folder is None or os.path.isdir(folder)]  # noqa: PTH112
    for folder in places[:-1]:
        with contextlib.suppress(OSError):
            return tempfile.TemporaryFile(buffering=0, dir=folder)
    return tempfile.TemporaryFile(buffering=0, dir=places[-1] if places else None)
