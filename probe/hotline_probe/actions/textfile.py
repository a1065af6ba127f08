"""Changes one file of the system as a whole, keeps what was there, and brings it back."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from collections.abc import Callable
from pathlib import Path

from hotline_probe.errors import ActionError
from hotline_probe.machine import LocalMachine

MAX_SIZE = 4 * 1024 * 1024
BACKUP = ".hotline-backup"
# Windows has none of the first three, and would turn ends of lines over without the last.
_CAREFUL = sum(getattr(os, f"O_{flag}", 0) for flag in ("NOFOLLOW", "NONBLOCK", "CLOEXEC", "BINARY"))


class TextFile:
    """A regular file as it was found; `content` are its bytes.

    Raises:
        ActionError: it is a link or no regular file, or too large; somebody else looks after it then.
    """

    def __init__(self, machine: LocalMachine, path: str) -> None:
        self._name = path
        self._path = machine.path(path)
        self._written: bytes | None = None
        self._backup: Path | None = None
        with contextlib.ExitStack() as stack:
            try:
                file = os.open(self._path, os.O_RDONLY | _CAREFUL)
            except FileNotFoundError as error:
                raise ActionError("precondition", f"{path} does not exist") from error
            except OSError as error:
                if self._path.is_symlink():
                    raise ActionError("precondition", f"{path} is managed by another program") from error
                raise
            stack.callback(os.close, file)
            self._status = os.fstat(file)
            if not stat.S_ISREG(self._status.st_mode):
                raise ActionError("precondition", f"{path} is not a regular file")
            if self._status.st_size > MAX_SIZE:
                raise ActionError("precondition", f"{path} is too large")
            with open(file, "rb", closefd=False) as stream:
                self.content = stream.read(MAX_SIZE)

    def write(self, content: bytes, holds: Callable[[bytes], bool]) -> None:
        """Replace the content, keep the old one beside, and make sure that `holds` is true of the file.

        Raises:
            ActionError: it was changed meanwhile or did not take; it is as before then.
            OSError: it may not be written; it is as before then.
        """
        self._must_be(self.content)
        self._backup = self._free_name()
        try:
            self._put(self._backup, self.content)
            self._replace(content)
            if not holds(self._path.read_bytes()):
                self._replace(self.content)
                raise ActionError("error", f"{self._name} did not keep its new content")
        except BaseException:
            self._backup.unlink(missing_ok=True)
            raise
        self._written = content

    def restore(self) -> None:
        """Bring the old bytes, mode and owner back.

        Raises:
            ActionError: somebody has changed the file since.
        """
        if self._written is None:
            raise ActionError("precondition", f"{self._name} was not changed")
        self._must_be(self._written)
        self._replace(self.content)
        self._must_be(self.content)
        if self._backup is not None:
            self._backup.unlink(missing_ok=True)

    def _must_be(self, content: bytes) -> None:
        if self._path.is_symlink() or not self._path.is_file() or self._path.read_bytes() != content:
            raise ActionError("precondition", f"somebody else has changed {self._name} meanwhile")

    def _replace(self, content: bytes) -> None:
        new = self._path.with_name(f".{self._path.name}.{secrets.token_hex(8)}")
        try:
            self._put(new, content)
            new.replace(self._path)
        except BaseException:
            new.unlink(missing_ok=True)
            raise

    def _put(self, path: Path, content: bytes) -> None:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _CAREFUL, 0o600)
        with open(file, "wb") as stream:  # noqa: PTH123 - a descriptor, not a path
            stream.write(content)
            stream.flush()
            if hasattr(os, "fchown"):  # on Windows a new file has the rights of its folder
                self._same_rights(file)
            os.fsync(file)

    def _same_rights(self, file: int) -> None:
        own = os.fstat(file)
        if (own.st_uid, own.st_gid) != (self._status.st_uid, self._status.st_gid):
            os.fchown(file, self._status.st_uid, self._status.st_gid)
        os.fchmod(file, stat.S_IMODE(self._status.st_mode))

    def _free_name(self) -> Path:
        # What an earlier call left behind is the older original and stays.
        first = self._path.with_name(self._path.name + BACKUP)
        names = [first, *(first.with_name(f"{first.name}.{number}") for number in range(1, 100))]
        for name in names:
            if not name.exists() and not name.is_symlink():
                return name
        raise ActionError("precondition", f"too many backups of {self._name}")
